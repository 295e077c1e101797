#!/usr/bin/env bash
# Fuzzes the readers of foreign files: fuzz.sh [-runs=N | -max_total_time=SECONDS] [TARGET...], each for 15 seconds and
# all targets without them. Inputs that are new to a target stay in build-fuzz/corpus; a finding ends the run and lies in
# build-fuzz. HDECOMP_FUZZ_OPTIMISE=-O0 builds in half the time, for a short run.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(pickle torch class_names keras_config onnx graph_text image labels)
limit=-max_total_time=15
case "${1:-}" in -runs=* | -max_total_time=*) limit=$1; shift ;; esac
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")
for target in "${targets[@]}"; do
  [[ " ${all[*]} " == *" $target "* ]] ||
    { echo "usage: fuzz.sh [-runs=N | -max_total_time=SECONDS] [TARGET...], of: ${all[*]}" >&2; exit 2; }
done

cmake -S tests/fuzz -B build-fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ \
  -DHDECOMP_FUZZ_OPTIMISE="${HDECOMP_FUZZ_OPTIMISE:--O1}" >/dev/null
cmake --build build-fuzz -j "$(nproc)"
python3 tests/fuzz/make_seeds.py build-fuzz/seeds
for target in "${targets[@]}"; do
  mkdir -p "build-fuzz/corpus/$target"
  "build-fuzz/${target}_fuzz" "$limit" -max_len=4096 -rss_limit_mb=1024 -timeout=60 -print_final_stats=1 \
    -artifact_prefix="build-fuzz/$target-" "build-fuzz/corpus/$target" "build-fuzz/seeds/$target"
done
