#!/usr/bin/env bash
# Installs what is missing, builds everything, and runs all tests. Needs neither a GPU nor PyTorch.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-}" in -h | --help) echo "usage: test.sh [ctest's arguments]"; exit ;; esac

tools/setup.sh test
cmake --preset release -DHDECOMP_BUILD_TESTS=ON -DHDECOMP_BUILD_BENCH=ON >/dev/null
cmake --build build -j "$(nproc)"
ctest --test-dir build --output-on-failure -j "$(nproc)" "$@" | tee build/tests.log
grep -hE '^\[  PASSED  \]' build/Testing/Temporary/LastTest.log  # cases of each piece
