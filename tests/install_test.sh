#!/usr/bin/env bash
# Installs a build into a scratch prefix, builds tests/example and tests/c_example against it, and runs these, the Python
# package and the command there with the source tree's model out of reach: install_test.sh SOURCE BUILD.
set -euo pipefail
[[ $# -eq 2 && $1 != -* ]] || { echo "usage: install_test.sh SOURCE BUILD" >&2; exit 2; }
source=$1 build=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The documents show these programs.
for shown in README.md:example/example.cpp runtime/EMBEDDING.md:example/folder.cpp runtime/EMBEDDING.md:c_example/example.c; do
  document=${shown%%:*} program=${shown#*:}
  [[ "$(<"$source/$document")" == *"$(tail -n +2 "$source/tests/$program")"* ]] || { echo "$document shows another tests/$program"; exit 1; }
done

cmake --install "$build" --prefix "$scratch/prefix" >/dev/null
cmake -S "$source/tests/example" -B "$scratch/example" -DCMAKE_PREFIX_PATH="$scratch/prefix" \
  -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror ${EXAMPLE_CXX_FLAGS:-}" >/dev/null
cmake --build "$scratch/example" >/dev/null
# A C program is not linked with a sanitizer that the library has: it would come too late.
[[ "${EXAMPLE_CXX_FLAGS:-}" == *-fsanitize* ]] && c_flags=-fsanitize=address,undefined || c_flags=
cmake -S "$source/tests/c_example" -B "$scratch/c_example" -DCMAKE_PREFIX_PATH="$scratch/prefix" \
  -DCMAKE_C_FLAGS="-std=c99 -Wall -Wextra -Wpedantic -Werror $c_flags" >/dev/null
cmake --build "$scratch/c_example" >/dev/null
# The library's soname is the headers' version.
version=$(find "$scratch/prefix" -name version.h)
minor=$(sed -n 's/^#define HDECOMP_VERSION_M[AI][JN]OR //p' "$version" | paste -sd .)
[ -e "$(find "$scratch/prefix" -name "libhdecomp.so.$minor")" ]
mv "$scratch/prefix" "$scratch/moved" # the package must not depend on where it was installed to
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(dirname "$(find "$scratch/moved" -name 'libhdecomp.so')")
"$scratch/example/example" "$source/tools/photos/chelsea.jpg" | tee "$scratch/out"
grep -q '^Egyptian cat' "$scratch/out"
"$scratch/c_example/example" "$source/tools/photos/chelsea.jpg" | tee "$scratch/c_out"
grep -q ' share 0\.' "$scratch/out"
diff "$scratch/out" "$scratch/c_out" # the same evidence, at the same places, in the same numbers
for program in example c_example; do
  [ "$("$scratch/$program/example" /no/such/file 2>&1 >/dev/null)" = "/no/such/file: can't be read: No such file or directory" ]
done
mkdir "$scratch/photos"
cp "$source/tools/photos/chelsea.jpg" "$scratch/photos"
echo "no photograph" >"$scratch/photos/bad.jpg"
"$scratch/example/folder" "$scratch/photos" "$scratch/pages" | tee "$scratch/out"
grep -qx 'chelsea.jpg: Egyptian cat' "$scratch/out"
grep -q '^bad.jpg: .*bad.jpg: ' "$scratch/out"
[ -f "$scratch/pages/index.html" ] && [ -f "$scratch/pages/chelsea.jpg/report.html" ]
unset LD_LIBRARY_PATH
python=/usr/bin/python3
package=$(find "$scratch/moved" -type d -path '*/dist-packages/hdecomp')
if [ -n "$package" ] && "$python" -c 'import numpy' 2>/dev/null; then
  PYTHONPATH=$(dirname "$package") "$python" -c '
import hdecomp, sys
print(hdecomp.Explainer().classify(sys.argv[1], 1)[0].name)' "$source/tools/photos/chelsea.jpg" | grep -q "^Egyptian cat"
fi
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$scratch/moved" -name hdecomp.pc)")
pkg-config --exists "hdecomp = $(sed -n 's/^project(hdecomp VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")"
test -f "$(pkg-config --variable=includedir hdecomp)/hdecomp/hdecomp.h"
test -f "$(pkg-config --variable=libdir hdecomp)/libhdecomp.so"
command=$(find "$scratch/moved" -name hdecomp -type f -perm -u+x)
"$command" classify "$source/tools/photos/portrait.jpg" --model vgg16-slim | grep -q faces_easy
