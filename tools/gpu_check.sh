#!/usr/bin/env bash
# Checks and measures the CUDA backend on a machine with a GPU: tests, compute-sanitizer, benchmarks, PyTorch.
#
#   tools/gpu_check.sh [--build DIR] [--results DIR] [--steps "tests memcheck ..."]
#   tools/gpu_check.sh --pack DIR [--build DIR]     make DIR, which runs on a machine without this one's packages:
#   DIR/gpu_check.sh [--results DIR] [--steps ...]  unpacks itself beside itself at its first run
#   DIR/gpu_check.sh --launch PROGRAM [ARGUMENT...] one packed program, such as hdecomp or kernel_bench
#
# Every step has a time limit; a failed one does not stop the others. Writes <date>-<gpu>.json, .md and .log to
# bench/results; steps run later the same day are added. Exit code 0: all well, 1: a step failed, 2: there is no GPU
# or the arguments are wrong.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
all_steps=(tests memcheck racecheck initcheck kernels networks torch)
programs=(tests/hdecomp_tests bench/kernel_bench bench/forward_bench bench/time_tree tools/hdecomp)
kernel_tests='Devices/*Test.*cuda_0:Devices/Window*Ops.*cuda_0'
kernel_tests+=':-*TreeTest*:*GapStepTest*:*GuidedTest*:*ForwardPlanTest*'
most_bytes=$((64 << 20))

refuse() {
  echo "gpu_check.sh: $*" >&2
  exit 2
}

# --- Programs and the libraries that they need beside the system's.

is_packed() { [ -e "$root/source_dir" ]; }

# The value of a CMake cache entry of the build.
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt" 2>/dev/null; }

# A number that a C header defines: defined NAME HEADER.
defined() { sed -n "s/^#define $1 *\([0-9][0-9]*\).*/\1/p" "$2" 2>/dev/null; }

# The files of cuBLAS and cuDNN that the programs load; none for a build without CUDA.
cuda_libraries() {
  local cublas cudnn
  if is_packed; then cat "$root/cuda_libraries"; return; fi
  cublas=$(defined CUBLAS_VER_MAJOR "$(cached CUBLAS_INCLUDE_DIR)/cublas_api.h")
  cudnn=$(defined CUDNN_MAJOR "$(cached CUDNN_INCLUDE_DIR)/cudnn_version.h")
  [ -n "$cublas" ] && [ -n "$cudnn" ] || return 0
  printf '%s\n' "libcublas.so.$cublas" "libcublasLt.so.$cublas" "libcudnn.so.$cudnn"
}

# Folders that may hold CUDA's libraries: CUDA's own, then those of Python's packages.
cuda_folder_candidates() {
  local cuda=${CUDA_HOME:-/usr/local/cuda} path
  printf '%s\n' "$cuda/lib64" "$cuda/lib" "$cuda/targets/x86_64-linux/lib"
  python3 -c 'import sys; print("\n".join(path for path in sys.path if path))' 2>/dev/null | while read -r path; do
    printf '%s\n' "$path"/nvidia/*/lib
  done
}

# The packed libraries and, for each CUDA library that ldconfig does not know, the first folder that has it. Where none
# has, the programs say so themselves.
library_path() {
  local path=${LD_LIBRARY_PATH:-} candidates known name folder
  ! is_packed || path=$root/lib${path:+:$path}
  candidates=$(cuda_folder_candidates)
  known=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null || true)
  for name in $(cuda_libraries); do
    [[ $known != *"$name "* ]] || continue
    folder=$(while read -r folder; do [ ! -e "$folder/$name" ] || { echo "$folder"; break; }; done <<<"$candidates")
    [[ -z $folder || :$path: == *":$folder:"* ]] || path+=${path:+:}$folder
  done
  echo "$path"
}

# Sets `runner`, which goes before a program's file. Python keeps its own libraries: compare_torch.py takes
# HDECOMP_LIBRARY_PATH for the programs that it calls.
find_runner() {
  HDECOMP_LIBRARY_PATH=$(library_path)
  export HDECOMP_LIBRARY_PATH
  runner=(env LD_LIBRARY_PATH="$HDECOMP_LIBRARY_PATH")
}

launch() {
  local wanted=${1:-} file found=
  for file in "${programs[@]}"; do
    [ "${file##*/}" != "$wanted" ] || found=$build/$file
  done
  [ -n "$found" ] || refuse "--launch $wanted: give one of ${programs[*]##*/}"
  find_runner
  exec "${runner[@]}" "$found" "${@:2}"
}

# --- Packing.

# Those of every program but libc's.
shared_libraries() {
  local file soname arrow path _
  for file in "${programs[@]}"; do ldd "$build/$file"; done | sort -u | while read -r soname arrow path _; do
    [ "$arrow" = '=>' ] || continue
    case $soname in
      libc.so* | libm.so* | libdl.so* | libpthread.so* | librt.so* | libresolv.so* | ld-linux*) ;;
      *)
        [ "$path" != not ] || refuse "--pack: $soname is not found"
        echo "$path"
        ;;
    esac
  done | sort -u
}

copy_files() {
  local file library libraries
  for file in "${programs[@]}"; do
    [ -x "$build/$file" ] || refuse "--pack: $build/$file is not built; run tools/test.sh, or give --build"
    mkdir -p "$stage/build/${file%/*}"
    strip -o "$stage/build/$file" "$build/$file"
  done
  cuda_libraries >"$stage/cuda_libraries"
  [ -s "$stage/cuda_libraries" ] || refuse "--pack: $build was built without the CUDA backend"
  mkdir -p "$stage"/{lib,share,tools,bench,tests,weights}
  libraries=$(shared_libraries)
  for library in $libraries; do
    strip -o "$stage/lib/${library##*/}" "$(readlink -f "$library")"
  done
  cp -R "$root/tools/photos" "$root/tools/gpu_check.sh" "$stage/tools"
  cp "$root"/bench/*.py "$stage/bench"
  cp -R "$root/tests/goldens" "$stage/tests"
  cp -R "$root/weights/bundled" "$stage/weights"
  ln -s ../weights/bundled "$stage/share/hdecomp"
  cached CMAKE_HOME_DIRECTORY >"$stage/source_dir"
}

write_unpacker() {
  cat >"$1/gpu_check.sh" <<'UNPACKER'
#!/usr/bin/env bash
# Unpacks the parcel beside it, once, and runs its gpu_check.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sum=$(cksum <"$here/parcel.tar.gz")
if [ "$(cat "$here/unpacked/sum" 2>/dev/null)" != "$sum" ]; then
  rm -rf "$here/unpacked"
  mkdir "$here/unpacked"
  tar -C "$here/unpacked" -xzf "$here/parcel.tar.gz"
  echo "$sum" >"$here/unpacked/sum"
fi
exec "$here/unpacked/tools/gpu_check.sh" "$@"
UNPACKER
  chmod +x "$1/gpu_check.sh"
}

# oneDNN alone has 40 MB: the files go compressed.
pack() {
  local target=$1 bytes
  if [ -e "$target" ] && [ ! -e "$target/parcel.tar.gz" ] && [ -n "$(ls -A "$target" 2>&1)" ]; then
    refuse "--pack $target: there is something else; give a new folder"
  fi
  stage=$(mktemp -d)
  trap 'rm -rf "$stage"' EXIT
  copy_files
  mkdir -p "$target"
  rm -rf "$target/parcel.tar.gz" "$target/unpacked"
  tar -C "$stage" -cf - . | gzip -9 >"$target/parcel.tar.gz"
  write_unpacker "$target"
  bytes=$(du -sb "$target" | cut -f1)
  echo "largest files: $(cd "$stage" && find . -type f -printf '%s %f\n' | sort -rn | head -n 6 |
    awk '{printf "%s%s %.1f MiB", sep, $2, $1 / 1048576; sep = ", "}')"
  echo "unpacked $(mebibytes "$(du -sb "$stage" | cut -f1)"), $target $(mebibytes "$bytes")"
  [ "$bytes" -le "$most_bytes" ] || refuse "--pack $target: more than $(mebibytes "$most_bytes")"
}

mebibytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f MiB", bytes / 1048576 }'; }

# --- Steps. Each writes to its log; "limited" runs a program within the step's time.

limited() {
  local code=0
  timeout --kill-after=10 "$limit" "$@" &
  echo $! >"$work/running"
  wait $! || code=$?
  rm "$work/running"
  return "$code"
}

# Whether the tests of the log ran, every one.
all_ran() {
  grep -q '^\[==========\] [1-9][0-9]* tests\? .* ran\.' "$log" || { echo "no cuda_0 case ran"; return 1; }
  ! grep '^\[  SKIPPED \]' "$log" >/dev/null || { echo "a cuda_0 case was skipped"; return 1; }
}

step_tests() {
  limited "${runner[@]}" "$build/tests/hdecomp_tests" --gtest_filter='*cuda_0*' && all_ran
}

find_sanitizer() {
  local path
  for path in "$(command -v compute-sanitizer)" "${CUDA_HOME:-/usr/local/cuda}/bin/compute-sanitizer" \
    /usr/local/cuda/compute-sanitizer/compute-sanitizer; do
    [ ! -x "$path" ] || { echo "$path"; return; }
  done
  echo "compute-sanitizer is neither on PATH nor in /usr/local/cuda/bin" >&2
  return 1
}

# memcheck looks at cuDNN's and cuBLAS's kernels too, the others at ours alone.
sanitize() {
  local sanitizer options=(--error-exitcode 99)
  sanitizer=$(find_sanitizer) || return
  if [ "$1" != memcheck ] && "$sanitizer" --help | grep -q -e --kernel-regex; then
    options+=(--kernel-regex kns=hdecomp)
  fi
  limited "${runner[@]}" "$sanitizer" --tool "$1" "${options[@]}" "$build/tests/hdecomp_tests" \
    --gtest_filter="$kernel_tests" && all_ran
}
step_memcheck() { sanitize memcheck; }
step_racecheck() { sanitize racecheck; }
step_initcheck() { sanitize initcheck; }

# bench PROGRAM NAME [ARGUMENT...]: results to NAME.json.
bench() {
  limited "${runner[@]}" "$build/bench/$1" --device cuda --benchmark_out="$work/$2.json" --benchmark_out_format=json \
    "${@:3}"
}

step_kernels() { bench kernel_bench kernels --benchmark_min_time=0.01 --benchmark_repetitions=5; }

# Stages and the dense gradient in float32 alone.
step_networks() {
  local precision filter=. failed=0
  for precision in float32 tf32 bf16 fp16; do
    bench forward_bench "networks-$precision" --precision "$precision" --benchmark_min_time=0.1 \
      --benchmark_filter="$filter" || failed=$?
    filter='^(forward|tree|forward_tree)/'
  done
  return "$failed"
}

find_torch() {
  local python
  for python in python3 /usr/bin/python3; do
    ! "$python" -c 'import torch, torchvision' 2>/dev/null || { echo "$python"; return; }
  done
  echo "python3 has no torch and torchvision" >&2
  return 1
}

step_torch() {
  local python
  python=$(find_torch) || return
  limited "$python" "$root/bench/compare_torch.py" --build "$build" --device cuda \
    --precision float32,tf32,bf16,fp16 --rounds 3 --naive-rounds 2 --json "$work/torch.json"
}

seconds_for() {
  case $1 in
    tests) echo 400 ;;
    memcheck | racecheck) echo 400 ;;
    initcheck) echo 200 ;;
    kernels) echo 200 ;;
    networks) echo 150 ;;  # for each precision
    torch) echo 550 ;;
  esac
}

# Runs a step beside a loop that says how it gets on.
run_step() {
  local step=$1 begin=$SECONDS code=0 result=ok waited=0 child
  limit=$(seconds_for "$step")
  log=$work/$step.log
  echo "== $step, at most $limit s ($(date +%T))"
  "step_$step" >"$log" 2>&1 &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    sleep 1
    waited=$((waited + 1))
    [ $((waited % 30)) -ne 0 ] || echo "   $waited s: $(tail -n 1 "$log" | cut -c 1-100)"
  done
  wait "$child" || code=$?
  case $code in
    0) ;;
    124 | 137) result="failed: out of time after $limit s" ;;
    *) result="failed: exit code $code" ;;
  esac
  [ "$code" -eq 0 ] || tail -n 15 "$log" | sed 's/^/   | /'
  grep -E 'tests? .* ran\.|SUMMARY' "$log" | tail -n 2 | sed 's/^/   /' || true
  echo "   $result, $((SECONDS - begin)) s"
  printf '%s\t%s\t%s\t%s\n' "$step" "$result" "$((SECONDS - begin))" "$limit" >>"$work/steps.tsv"
  { echo "== $step: $result"; cat "$log"; } >>"$results/$name.log"
  python3 "$root/bench/collect_results.py" "$work" "$results/$name" "$gpu" || echo "   no results written"
}

gpu_name() {
  nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1 || true
}

require_gpu() {
  local hdecomp complaint
  hdecomp=$build/tools/hdecomp
  [ -x "$hdecomp" ] || refuse "$hdecomp is not built; run tools/test.sh, or give --build"
  find_runner
  complaint=$("${runner[@]}" "$hdecomp" classify "$root/tools/photos/portrait.jpg" --device cuda 2>&1 >/dev/null) ||
    refuse "there is no GPU to check: ${complaint#hdecomp: }"
}

# Tests read photographs and goldens where the sources lay when they were built.
lend_sources() {
  is_packed || return 0
  local source
  source=$(cat "$root/source_dir")
  [ ! -e "$source" ] || return 0
  if mkdir -p "${source%/*}" 2>/dev/null && ln -s "$root" "$source" 2>/dev/null; then
    lent_link=$source
  else
    echo "$source cannot be made: tests that read photographs will fail"
  fi
}

# After an interruption a step's program may still run: its `timeout` passes the signal on.
clean_up() {
  [ ! -e "$work/running" ] || kill "$(cat "$work/running")" 2>/dev/null || true
  rm -rf "$work"
  [ -z "$lent_link" ] || rm -f "$lent_link"
}

check() {
  local step
  for step in $steps; do
    [[ " ${all_steps[*]} " == *" $step "* ]] || refuse "--steps: unknown step '$step'; give some of ${all_steps[*]}"
  done
  require_gpu
  export OMP_WAIT_POLICY=passive
  work=$(mktemp -d)
  lent_link=''
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  lend_sources
  mkdir -p "$results"
  gpu=$(gpu_name)
  name=$(date +%F)-$(echo "${gpu:-gpu}" | cut -d, -f1 | tr -cs '[:alnum:]\n' '-' | tr '[:upper:]' '[:lower:]')
  for step in $steps; do run_step "$step"; done
  echo "== summary, ${gpu:-a GPU without nvidia-smi}; results in $results/$name.{json,md,log}"
  awk -F '\t' '{ printf "   %-10s %5d s  %s\n", $1, $3, $2 }' "$work/steps.tsv"
  ! grep -q 'failed' "$work/steps.tsv" || exit 1
}

build=$root/build results=$root/bench/results steps=${all_steps[*]} target=''
while [ $# -gt 0 ]; do
  case $1 in
    --launch)
      shift
      launch "$@"
      ;;
    --build | --results | --steps | --pack)
      [ $# -ge 2 ] || refuse "$1: give a value"
      case $1 in
        --build) build=$2 ;;
        --results) results=$2 ;;
        --steps) steps=${2//,/ } ;;
        --pack) target=$2 ;;
      esac
      shift 2
      ;;
    *) refuse "unknown argument '$1'; usage: gpu_check.sh [--build DIR] [--results DIR] [--steps STEPS] [--pack DIR]" ;;
  esac
done
if [ -n "$target" ]; then pack "$target"; else check; fi
