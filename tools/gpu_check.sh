#!/usr/bin/env bash
# Checks and measures the CUDA backend on a machine with a GPU: tests, compute-sanitizer, benchmarks, PyTorch.
#
#   tools/gpu_check.sh [--build DIR] [--results DIR] [--steps "tests memcheck ..."] [--limit SECONDS]
#   tools/gpu_check.sh --launch PROGRAM [ARGUMENT...]   one program with the libraries that it needs
#
# tools/gpu_pack.sh makes a folder that runs elsewhere. The checks run side by side, then the measurements one by one;
# every step has a time limit (--limit: none a longer one), and a failed one does not stop the others. Writes <date>-<gpu>.json, .md and .log to
# bench/results; steps run later the same day are added. Exit code 0: all well, 1: a step failed, 2: there is no GPU
# or the arguments are wrong.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
checks=(tests memcheck racecheck initcheck)
measurements=(kernels networks torch)
# Central differences run the ops' kernels thousands of times over, which shows a sanitizer nothing new.
kernel_tests='Devices/*Test.*cuda_0:Devices/Window*Ops.*cuda_0'
kernel_tests+=':-*TreeTest*:*GapStepTest*:*GuidedTest*:*ForwardPlanTest*:*CentralDifferences*'
# shellcheck source=tools/gpu_libraries.sh
source "$root/tools/gpu_libraries.sh"

launch() {
  local wanted=${1:-} file found=
  for file in "${programs[@]}"; do
    [ "${file##*/}" != "$wanted" ] || found=$build/$file
  done
  [ -n "$found" ] || refuse "--launch $wanted: give one of ${programs[*]##*/}"
  find_runner
  exec "${runner[@]}" "$found" "${@:2}"
}

# --- Steps. Each writes to its log; "limited" runs a program within the step's time.

limited() {
  local code=0
  timeout --kill-after=10 "$limit" "$@" &
  echo $! >"$work/$step.running"
  wait $! || code=$?
  rm "$work/$step.running"
  return "$code"
}

# Whether the tests of the log ran, every one.
all_ran() {
  grep -q '^\[==========\] [1-9][0-9]* tests\? .* ran\.' "$log" || { echo "no cuda_0 case ran"; return 1; }
  ! grep '^\[  SKIPPED \]' "$log" >/dev/null || { echo "a cuda_0 case was skipped"; return 1; }
}

step_tests() {
  HDECOMP_FULL_SIZE_TESTS=1 limited "${runner[@]}" "$build/tests/hdecomp_tests" --gtest_filter='*cuda_0*' && all_ran
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

# racecheck looks at our kernels alone; for the others cuDNN's and cuBLAS's must be seen, too: what they write, ours
# read.
sanitize() {
  local sanitizer options=(--error-exitcode 99)
  sanitizer=$(find_sanitizer) || return
  if [ "$1" = racecheck ] && "$sanitizer" --help | grep -q -e --kernel-regex; then
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
  limited "$python" "$root/bench/time_torch.py" --build "$build" --device cuda \
    --precision float32,tf32,bf16,fp16 --rounds 2 --naive-rounds 2 --json "$work/torch.json"
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

# Runs a step and notes how it went.
run_step() {
  local begin=$SECONDS code=0 result=ok
  step=$1 limit=$(seconds_for "$1")
  [ "$limit" -le "$most_seconds" ] || limit=$most_seconds
  log=$work/$step.log
  "step_$step" >"$log" 2>&1 || code=$?
  case $code in
    0) ;;
    124 | 137) result="failed: out of time after $limit s" ;;
    *) result="failed: exit code $code" ;;
  esac
  printf '%s\t%s\t%s\t%s\n' "$step" "$result" "$((SECONDS - begin))" "$limit" >>"$work/steps.tsv"
}

# Runs steps side by side beside a loop that says how they get on.
run_steps() {
  local each waited=0 children=()
  echo "== $* ($(date +%T))"
  for each in "$@"; do
    run_step "$each" &
    children+=($!)
  done
  while kill -0 "${children[@]}" 2>/dev/null; do
    sleep 1
    waited=$((waited + 1))
    [ $((waited % 30)) -eq 0 ] || continue
    for each in "$@"; do echo "   $waited s, $each: $(tail -n 1 "$work/$each.log" | cut -c 1-100)"; done
  done
  wait "${children[@]}" || true
  for each in "$@"; do report_step "$each"; done
  python3 "$root/bench/collect_results.py" "$work" "$results/$name" "$gpu" || echo "   no results written"
}

report_step() {
  local result
  result=$(awk -F '\t' -v step="$1" '$1 == step { print $2 }' "$work/steps.tsv")
  [[ $result != failed* ]] || tail -n 15 "$work/$1.log" | sed 's/^/   | /'
  grep -E 'tests? .* ran\.|SUMMARY' "$work/$1.log" | tail -n 2 | sed 's/^/   /' || true
  echo "   $1: $result"
  { echo "== $1: $result"; cat "$work/$1.log"; } >>"$results/$name.log"
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
  local running
  for running in "$work"/*.running; do
    [ ! -e "$running" ] || kill "$(cat "$running")" 2>/dev/null || true
  done
  rm -rf "$work"
  [ -z "$lent_link" ] || rm -f "$lent_link"
}

check() {
  local each wanted=()
  for each in $steps; do
    [[ " ${checks[*]} ${measurements[*]} " == *" $each "* ]] ||
      refuse "--steps: unknown step '$each'; give some of ${checks[*]} ${measurements[*]}"
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
  for each in "${checks[@]}"; do [[ " $steps " != *" $each "* ]] || wanted+=("$each"); done
  [ ${#wanted[@]} -eq 0 ] || run_steps "${wanted[@]}"
  for each in "${measurements[@]}"; do [[ " $steps " != *" $each "* ]] || run_steps "$each"; done
  echo "== summary, ${gpu:-a GPU without nvidia-smi}; results in $results/$name.{json,md,log}"
  awk -F '\t' '{ printf "   %-10s %5d s  %s\n", $1, $3, $2 }' "$work/steps.tsv"
  ! grep -q 'failed' "$work/steps.tsv" || exit 1
}

build=$root/build results=$root/bench/results most_seconds=3600
steps="${checks[*]} ${measurements[*]}"
while [ $# -gt 0 ]; do
  case $1 in
    --launch)
      shift
      launch "$@"
      ;;
    --build | --results | --steps | --limit)
      [ $# -ge 2 ] || refuse "$1: give a value"
      case $1 in
        --build) build=$2 ;;
        --results) results=$2 ;;
        --steps) steps=${2//,/ } ;;
        --limit) most_seconds=$2 ;;
      esac
      shift 2
      ;;
    *) refuse "unknown argument '$1'; usage: gpu_check.sh [--build DIR] [--results DIR] [--steps STEPS] [--limit SECONDS]" ;;
  esac
done
check
