#!/usr/bin/env bash
# Class probabilities of described Keras models by hdecomp against TensorFlow.js: compare.sh BUILD [NET.h5...]; without
# files, of small models by chance in every form of file. Needs node, npm and Debian's python3-h5py.
set -euo pipefail
case "${1:--}" in -*) echo "usage: compare.sh BUILD [NET.h5...]" >&2; exit 2 ;; esac
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "$1")
shift
nets=()
for net in "$@"; do nets+=("$(realpath "$net")"); done
work=${HDECOMP_TFJS:-$(mktemp -d)}
[ -d "$work/node_modules/@tensorflow/tfjs" ] ||
  (cd "$work" && npm install --silent --ignore-scripts @tensorflow/tfjs@4.22.0)
cd "$work" && /usr/bin/python3 "$here/compare.py" "$build" "${nets[@]}"
