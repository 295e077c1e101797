#!/usr/bin/env bash
# Installs what is missing, builds hdecomp, and explains a bundled photograph with the bundled model.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 0 ] || { echo "usage: demo.sh, without arguments" >&2; exit 2; }

tools/setup.sh build
cmake --preset release -DHDECOMP_BUILD_TESTS=OFF -DHDECOMP_BUILD_BENCH=OFF >/dev/null
cmake --build build -j "$(nproc)" --target hdecomp_command
build/tools/hdecomp explain tools/photos/chelsea.jpg --output-dir out/demo
