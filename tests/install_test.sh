#!/usr/bin/env bash
# Installs a build into a scratch prefix, builds tests/example against it, and runs example and command there
# with the source tree's model out of reach: install_test.sh SOURCE BUILD.
set -euo pipefail
source=$1 build=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --install "$build" --prefix "$scratch/prefix" >/dev/null
cmake -S "$source/tests/example" -B "$scratch/example" -DCMAKE_PREFIX_PATH="$scratch/prefix" \
  -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror ${EXAMPLE_CXX_FLAGS:-}" >/dev/null
cmake --build "$scratch/example" >/dev/null
mv "$scratch/prefix" "$scratch/moved" # the package must not depend on where it was installed to
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(dirname "$(find "$scratch/moved" -name 'libhdecomp.so')")
"$scratch/example/example" "$source/tools/photos/chelsea.jpg" | tee "$scratch/out"
grep -q '^Egyptian cat' "$scratch/out"
unset LD_LIBRARY_PATH
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$scratch/moved" -name hdecomp.pc)")
pkg-config --exists "hdecomp = $(sed -n 's/^project(hdecomp VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")"
test -f "$(pkg-config --variable=includedir hdecomp)/hdecomp/hdecomp.h"
test -f "$(pkg-config --variable=libdir hdecomp)/libhdecomp.so"
command=$(find "$scratch/moved" -name hdecomp -type f -perm -u+x)
"$command" classify "$source/tools/photos/portrait.jpg" --model vgg16-slim | grep -q faces_easy
