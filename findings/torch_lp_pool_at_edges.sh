#!/usr/bin/env bash
# PyTorch's power-average pool with ceil_mode makes the windows at the edge too large.
# Library: PyTorch 1.13.1 (Debian 12: python3-torch 1.13.1+dfsg-4), nn.LPPool2d, on the CPU, beside ONNX Runtime 1.30.0 (npm:
# onnxruntime-node 1.30.0); the files are written by onnx 1.12.0 (python3-onnx 1.12.0-2+b4).
# Behaviour: documented is the p-th root of the sum of the window's p-th powers, and that ceil_mode rounds the map's size up. The
# last windows then reach over the edge, where nothing is; of ones with p = 1 a window of 2 x 2 with one pixel inside was
# expected to be 1, as ONNX's LpPool says (ONNX Runtime does so). PyTorch multiplies the window's mean by the full size, and the
# mean, of what is inside, knows nothing of it: 4, as if the edge's pixel were there four times. Without ceil_mode, and of
# windows that fit, it is right.
# Seen, 2026-12-01, a map of 3 x 3 ones, windows of 2 x 2, stride 2, row by row:
#   p = 1, floor: PyTorch 4.00, right 4.00, ONNX Runtime 4.00
#   p = 1, ceil: PyTorch 4.00 4.00 4.00 4.00, right 4.00 2.00 2.00 1.00, ONNX Runtime 4.00 2.00 2.00 1.00
#   p = 2, ceil: PyTorch 2.00 2.00 2.00 2.00, right 2.00 1.41 1.41 1.00, ONNX Runtime 2.00 1.41 1.41 1.00
#   p = 3, ceil: PyTorch 1.59 1.59 1.59 1.59, right 1.59 1.26 1.26 1.00, ONNX Runtime 1.59 1.26 1.26 1.00
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-torch=1.13.1+dfsg-4 python3-onnx=1.12.0-2+b4
npm i --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0

cat >pools.py <<'PY'
import json

import onnx
import torch
from onnx import TensorProto, helper

pools = []
for power, ceil_mode in ((1, False), (1, True), (2, True), (3, True)):
    got = torch.nn.LPPool2d(power, 2, 2, ceil_mode=ceil_mode)(torch.ones(1, 1, 3, 3)).flatten().tolist()
    inside = [2, 1] if ceil_mode else [2]  # how many rows, or columns, of a window are inside
    right = [(r * c) ** (1 / power) for r in inside for c in inside]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, size, size]) for name, size in (("x", 3), ("y", len(inside))))
    node = helper.make_node("LpPool", ["x"], ["y"], p=power, kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, ceil_mode, ceil_mode])
    model = helper.make_model(helper.make_graph([node], "net", [x], [y]), opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f"{len(pools)}.onnx")
    pools.append(dict(name=f"p = {power}, {'ceil' if ceil_mode else 'floor'}", ceil=ceil_mode, got=got, right=right))
with open("pools.json", "w") as file:
    json.dump(pools, file)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s pools.py

cat >run.mjs <<'JS'
import fs from 'node:fs';
import ort from 'onnxruntime-node';

const told = values => Array.from(values, v => v.toFixed(2)).join(' ');
let seen = true;
for (const [i, {name, ceil, got, right}] of JSON.parse(fs.readFileSync('pools.json')).entries()) {
  const session = await ort.InferenceSession.create(`${i}.onnx`);
  const {y} = await session.run({x: new ort.Tensor('float32', new Float32Array(9).fill(1), [1, 1, 3, 3])});
  console.log(`${name}: PyTorch ${told(got)}, right ${told(right)}, ONNX Runtime ${told(y.data)}`);
  seen &&= told(y.data) === told(right) && (told(got) === told(right)) === !ceil;
}
process.exit(seen ? 0 : 1);
JS
node run.mjs
