#!/usr/bin/env bash
# onnx's version converter moves settings of channels to columns: PReLU's slopes, and the axis of Hardmax.
# Library: onnx 1.12.0 (Debian 12: python3-onnx 1.12.0-2+b4), run by ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0).
# Behaviour: version_converter.convert_version writes a model in another opset, for the same network, or raises an error. Two operators
# say with the same words another thing in the newer opset, and the converter leaves them as they are:
#   PRelu    up to opset 6 a slope for each channel is a list of them; from 7 on a list goes along the last axis, and the channels'
#            slopes have the shape (channels, 1, 1). A map as wide as it has channels gets the columns' slopes in silence, 64 x 64
#            with 64 channels as in face recognition; another width is an error of whoever runs it, not of the converter
#   Hardmax  up to opset 11 finds one maximum of all axes from "axis" on, from 13 on of "axis" alone. Softmax, which has the
#            same history, is converted rightly
# Checker and shape inference see no fault in the new files. The expected values are by ONNX's definitions.
# Seen, 2026-12-01; PRelu of -1 with slopes 2, 3, 4 for three channels of 3 x 3, the first 12 numbers:
#   PRelu: right -2 -2 -2 -2 -2 -2 -2 -2 -2 -3 -3 -3, converted -2 -3 -4 -2 -3 -4 -2 -3 -4 -2 -3 -4
#   PRelu of one slope: right -2 -2 -2 -2 -2 -2 -2 -2 -2 -2 -2 -2, converted -2 -2 -2 -2 -2 -2 -2 -2 -2 -2 -2 -2
#   Hardmax: right 0 0 1 0 1 0 0 0, converted 0 1 1 0 1 0 0 1
#   Softmax: right 0 0.26 0.72 0.01 0.72 0 0.01 0.26, converted 0 0.26 0.72 0.01 0.72 0 0.01 0.26
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-onnx=1.12.0-2+b4
npm i --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0

cat >nets.py <<'PY'
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, version_converter

nets = []


def convert(name, node, constants, x, right, before, after):
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, x.shape) for n in "xy"]
    graph = helper.make_graph([node], "net", values[:1], values[1:], [numpy_helper.from_array(v, k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", before)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    model = version_converter.convert_version(model, after)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f"{len(nets)}.onnx")
    nets.append(dict(name=name, shape=x.shape, x=x.ravel().tolist(), right=right.ravel().tolist()))


slopes = np.array([2, 3, 4], np.float32)
x = -np.ones((1, 3, 3, 3), np.float32)
prelu = helper.make_node("PRelu", ["x", "slopes"], ["y"])
convert("PRelu", prelu, {"slopes": slopes}, x, x * slopes.reshape(3, 1, 1), 6, 9)
convert("PRelu of one slope", prelu, {"slopes": slopes[:1]}, x, x * 2, 6, 9)
x = np.array([[[1, 5], [6, 2]], [[8, 3], [4, 7]]], np.float32)
flat = x.reshape(2, 4)
convert("Hardmax", helper.make_node("Hardmax", ["x"], ["y"], axis=1), {}, x, (flat == flat.max(1, keepdims=True)).astype(np.float32), 11, 13)
convert("Softmax", helper.make_node("Softmax", ["x"], ["y"], axis=1), {}, x, np.exp(flat) / np.exp(flat).sum(1, keepdims=True), 11, 13)
with open("nets.json", "w") as file:
    json.dump(nets, file)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py

cat >run.mjs <<'JS'
import fs from 'node:fs';
import ort from 'onnxruntime-node';

const told = values => values.slice(0, 12).map(v => +v.toFixed(2)).join(' ');
let seen = true;
for (const [i, {name, shape, x, right}] of JSON.parse(fs.readFileSync('nets.json')).entries()) {
  const session = await ort.InferenceSession.create(`${i}.onnx`);
  const got = Array.from((await session.run({x: new ort.Tensor('float32', Float32Array.from(x), shape)})).y.data);
  console.log(`${name}: right ${told(right)}, converted ${told(got)}`);
  seen &&= got.every((v, j) => Math.abs(v - right[j]) < 1e-4) === !['PRelu', 'Hardmax'].includes(name);
}
process.exit(seen ? 0 : 1);
JS
node run.mjs
