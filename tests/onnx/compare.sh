#!/usr/bin/env bash
# Class scores of ONNX files by hdecomp against ONNX Runtime, on one photograph: compare.sh BUILD IMAGE NET.onnx...
# Needs node, npm and Debian's python3-h5py. ONNX Runtime is installed without its download scripts.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "$1") image=$(realpath "$2")
shift 2
work=${HDECOMP_ORT:-$(mktemp -d)}
[ -d "$work/node_modules/onnxruntime-node" ] ||
  (cd "$work" && npm install --silent --ignore-scripts onnxruntime-node@1.30.0)
worst=0
for net in "$@"; do
  net=$(realpath "$net")
  if ! "$build/tools/hdecomp" convert "$net" -o "$work/net.h5" ${CONVERT_FLAGS:-} >"$work/said" 2>&1; then
    echo "$(basename "$net"): $(head -c 300 "$work/said")"
    worst=1
    continue
  fi
  "$build/tests/dump_tensors" "$work/net.h5" "$image" "$work/ours.h5"
  (cd "$work" && /usr/bin/python3 "$here/compare.py" "$here/run.mjs" "$net" ours.h5) || worst=1
done
exit $worst
