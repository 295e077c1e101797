#!/usr/bin/env bash
# What .ci/run leaves out, in folders of its own: every source by itself, without precompiled headers, CUDA code for every
# chip, full-size networks, random networks and the readers' fuzzers at length, the documents' command lines, every net against
# PyTorch, the whole suite under the sanitizers, the whole suite without oneDNN, the Debian packages in a bare Debian.
# nightly.sh [release|torch|small|packages|sanitizers|fuzz]...: all of them where none is named; torch after release.
set -euo pipefail
cd "$(dirname "$0")/.."
for part in "$@"; do
  case $part in
    release|torch|small|packages|sanitizers|fuzz) ;;
    *) echo "usage: nightly.sh [release|torch|small|packages|sanitizers|fuzz]..." >&2; exit 2 ;;
  esac
done
. tests/steps.sh

release_build() {
  tools/setup.sh test
  cmake --preset release -B build-nightly -DHDECOMP_BUILD_TESTS=ON -DHDECOMP_BUILD_BENCH=ON \
    -DHDECOMP_TEST_TIMEOUT=7200 -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_UNITY_BUILD=OFF
  cmake --build build-nightly -j "$(nproc)"
  if has_nvcc; then holds_cuda_code build-nightly/runtime/libhdecomp.so sm_80 sm_90; fi
}

release_tests() {
  HDECOMP_FULL_SIZE_TESTS=1 ctest --test-dir build-nightly --output-on-failure -j "$(nproc)" | tee build-nightly/tests.log
  closing_lines build-nightly/Testing/Temporary/LastTest.log build-nightly/tests.log
}

random_networks() {  # on the CPU: an emulated GPU would take a day
  HDECOMP_RANDOM_GRAPHS=${HDECOMP_RANDOM_GRAPHS:-5000} build-nightly/tests/hdecomp_tests \
    --gtest_filter='*RandomGraphs*' --gtest_brief=1
}

readme_lines() { tests/readme_lines.py --build build-nightly; }

torch_comparison() {
  tools/setup.sh compare
  tests/compare_torch.py --build build-nightly
  tests/compare_saliency.py --build build-nightly
  tests/compare_experiments.py --build build-nightly
  tests/compare_diagnosis.py --build build-nightly
  tests/compare_regions.py --build build-nightly
  tests/compare_patches.py --build build-nightly
  tests/compare_what_if.py --build build-nightly
  tests/compare_what_ifs.py --build build-nightly
  tests/compare_class_graph.py --build build-nightly
}

onnx_comparison() {  # nodes against ONNX's own tests, whole nets against ONNX Runtime
  local nets
  tools/setup.sh compare
  tools/setup.sh browser
  tests/onnx/node_tests.py --build build-nightly
  nets=$(mktemp -d)
  tests/onnx/export.py "$nets"
  tests/onnx/export.py "$nets" rectangles
  tests/onnx/compare.py --build build-nightly "$nets"/*.onnx
  rm -r "$nets"
}

# The preset small, but with the live page, which tests ask, and with Debian's shared HDF5, as the tests have it.
small_tests() {
  tools/setup.sh test
  tools/setup.sh package
  cmake --preset small -B build-nightly-small -DHDECOMP_BUILD_TESTS=ON -DHDECOMP_SERVE=ON -DHDECOMP_STATIC_HDF5=OFF \
    -DHDECOMP_TEST_TIMEOUT=7200
  cmake --build build-nightly-small -j "$(nproc)"
  ctest --test-dir build-nightly-small --output-on-failure -j "$(nproc)"
}

packages() {  # packages PRESET
  tools/setup.sh package
  cmake --preset "$1"
  cmake --build "build-$1" -j "$(nproc)"
  tests/package_test.sh "build-$1" --install
}

sanitizers_build() {
  tools/setup.sh test
  cmake --preset asan -B build-nightly-asan -DHDECOMP_TEST_TIMEOUT=7200
  cmake --build build-nightly-asan -j "$(nproc)"
}

sanitizers_tests() {
  ctest --test-dir build-nightly-asan --output-on-failure -j "$(nproc)" | tee build-nightly-asan/tests.log
  closing_lines build-nightly-asan/Testing/Temporary/LastTest.log build-nightly-asan/tests.log
}

fuzzing() {
  tools/setup.sh fuzz
  tests/fuzz.sh -max_total_time="${HDECOMP_FUZZ_SECONDS:-600}"
}

[ $# -gt 0 ] || set -- release torch small packages sanitizers fuzz
for part in "$@"; do
  case $part in
    release)
      step "release: build" release_build
      step "release: tests" release_tests
      step "random networks" random_networks
      step "documents' command lines" readme_lines ;;
    torch)
      step "comparison with PyTorch" torch_comparison
      step "comparison with ONNX Runtime" onnx_comparison ;;
    small) step "without oneDNN: tests" small_tests ;;
    packages)
      step "packages in a bare Debian" packages package
      step "small packages in a bare Debian" packages small ;;
    sanitizers)
      step "sanitizers: build" sanitizers_build
      step "sanitizers: tests" sanitizers_tests ;;
    fuzz) step "readers fuzzed" fuzzing ;;
  esac
done
