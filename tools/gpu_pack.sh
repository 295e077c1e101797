#!/usr/bin/env bash
# Packs the programs that gpu_check.sh runs for a machine with a GPU that has none of this one's packages.
#
#   tools/gpu_pack.sh DIR [--build BUILD]            make DIR
#   DIR/gpu_check.sh [--results DIR] [--steps ...]   there: unpacks itself beside itself at its first run
#   DIR/gpu_check.sh --launch PROGRAM [ARGUMENT...]  one packed program, such as hdecomp or kernel_bench
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
most_bytes=$((64 << 20))
build=$root/build
# shellcheck source=tools/gpu_libraries.sh
source "$root/tools/gpu_libraries.sh"

# Those of every program but libc's.
shared_libraries() {
  local file soname arrow path _
  for file in "${programs[@]}"; do ldd "$build/$file"; done | sort -u | while read -r soname arrow path _; do
    [ "$arrow" = '=>' ] || continue
    case $soname in
      libc.so* | libm.so* | libdl.so* | libpthread.so* | librt.so* | libresolv.so* | ld-linux*) ;;
      *)
        [ "$path" != not ] || refuse "$soname is not found"
        echo "$path"
        ;;
    esac
  done | sort -u
}

copy_files() {
  local file library libraries
  for file in "${programs[@]}"; do
    [ -x "$build/$file" ] || refuse "$build/$file is not built; run tools/test.sh, or give --build"
    mkdir -p "$stage/build/${file%/*}"
    strip -o "$stage/build/$file" "$build/$file"
  done
  cuda_libraries >"$stage/cuda_libraries"
  [ -s "$stage/cuda_libraries" ] || refuse "$build was built without the CUDA backend"
  mkdir -p "$stage"/{lib,share,tools,bench,tests,weights}
  libraries=$(shared_libraries)
  for library in $libraries; do
    strip -o "$stage/lib/${library##*/}" "$(readlink -f "$library")"
  done
  cp -R "$root/tools/photos" "$root"/tools/gpu_{check,libraries}.sh "$stage/tools"
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
    refuse "$target: there is something else; give a new folder"
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
  [ "$bytes" -le "$most_bytes" ] || refuse "$target: more than $(mebibytes "$most_bytes")"
}

mebibytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f MiB", bytes / 1048576 }'; }

[ $# -ge 1 ] && [[ $1 != -* ]] || refuse "give the folder to make; usage: gpu_pack.sh DIR [--build BUILD]"
target=$1
shift
while [ $# -gt 0 ]; do
  [ "$1" = --build ] && [ $# -ge 2 ] || refuse "unknown argument '$1'; usage: gpu_pack.sh DIR [--build BUILD]"
  build=$2
  shift 2
done
pack "$target"
