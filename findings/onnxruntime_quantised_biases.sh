#!/usr/bin/env bash
# ONNX Runtime computes other numbers for biases of quantised layers: a scale is left out, a channel changes its sign.
# Library: ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0), on the CPU; the files are written by onnx 1.12.0 (Debian 12:
# python3-onnx 1.12.0-2+b4).
# Behaviour: a quantised network has DequantizeLinear before and QuantizeLinear after each layer, and ONNX says what each computes.
# ONNX Runtime makes integer kernels of them, in silence, with the optimisation that sessions have unless told otherwise.
# Differences of one step were expected. Two are larger:
#   Gemm  its kernel takes the bias in steps of (input's scale x weights' scale). The bias's own scale is not looked at, so that
#         a bias in other steps is taken for another number, here 0.1 for 5. That is with 'extended' and 'all'. Of a Conv
#         it is looked at, and right
#   Conv  a bias left in float32 is made an integer in those steps, with 'basic' already. Where weights are tiny, as of a channel
#         that training has switched off, it is more than 2^31 of them, and becomes the largest negative number: a channel that is
#         0.5 everywhere is -0.4
# With 'disabled' both are right.
# Seen, 2026-12-01, of an input of 1, two outputs each:
#   Gemm, bias in the product's steps: right 5 -5, disabled 5 -5, basic 5 -5, extended 5 -5, all 5 -5
#   Gemm, bias in steps of 0.01: right 5 -5, disabled 5 -5, basic 5 -5, extended 0.1 -0.1, all 0.1 -0.1
#   Conv, bias in steps of 0.01: right 5 -5, disabled 5 -5, basic 5 -5, extended 5 -5, all 5 -5
#   Conv, bias 0.5, weights 0.01: right 0.5 0.5, disabled 0.5 0.5, basic 0.5 0.5, extended 0.5 0.5, all 0.5 0.5
#   Conv, bias 0.5, weights 0.01 and 1e-8: right 0.5 0.5, disabled 0.5 0.5, basic 0.5 -0.4, extended 0.5 -0.4, all 0.5 -0.4
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
from onnx import TensorProto, helper, numpy_helper

f32, node = np.float32, helper.make_node
described = {}


def write(name, op, bias, right, wrong, scales=(0.01, 0.01)):
    """A layer whose two weights are 1 step each, between an input in steps of 0.02 and an output in steps of 0.1 from -10."""
    conv = op == "Conv"
    constants = dict(w=np.ones((2, 1, 1, 1) if conv else (1, 2), np.int8), w_scale=np.array(scales, f32) if conv else f32(scales[0]))
    constants.update(in_scale=f32(0.02), in_zero=np.uint8(0), out_scale=f32(0.1), out_zero=np.uint8(100), **bias)
    constants["w_zero"] = np.zeros_like(constants["w_scale"], np.int8)
    nodes = [node("QuantizeLinear", ["x", "in_scale", "in_zero"], ["xq"]), node("DequantizeLinear", ["xq", "in_scale", "in_zero"], ["xd"]),
             node("DequantizeLinear", ["w", "w_scale", "w_zero"], ["wd"], **({"axis": 0} if conv else {}))]
    if "b_scale" in bias:
        nodes.append(node("DequantizeLinear", ["b", "b_scale"], ["bd"]))
    nodes += [node(op, ["xd", "wd", "bd" if "b_scale" in bias else "b"], ["sum"]),
              node("QuantizeLinear", ["sum", "out_scale", "out_zero"], ["yq"]), node("DequantizeLinear", ["yq", "out_scale", "out_zero"], ["y"])]
    shapes = ([1, 1, 1, 1], [1, 2, 1, 1]) if conv else ([1, 1], [1, 2])
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in zip("xy", shapes))
    graph = helper.make_graph(nodes, "net", [x], [y], [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    described[name] = dict(file=f"{len(described)}.onnx", shape=shapes[0], right=right, wrong=wrong)
    onnx.save(model, described[name]["file"])


five = dict(b=np.array([500, -500], np.int32), b_scale=f32(0.01))  # 5 and -5
steps = dict(b=np.array([25000, -25000], np.int32), b_scale=f32(0.02) * f32(0.01))  # the same numbers
half = dict(b=np.array([0.5, 0.5], f32))
write("Gemm, bias in the product's steps", "Gemm", steps, [5, -5], [])
write("Gemm, bias in steps of 0.01", "Gemm", five, [5, -5], ["extended", "all"])
write("Conv, bias in steps of 0.01", "Conv", five, [5, -5], [])
write("Conv, bias 0.5, weights 0.01", "Conv", half, [0.5, 0.5], [])
write("Conv, bias 0.5, weights 0.01 and 1e-8", "Conv", half, [0.5, 0.5], ["basic", "extended", "all"], (0.01, 1e-8))
json.dump(described, open("nets.json", "w"))
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py

cat >run.mjs <<'JS'
import fs from 'node:fs';
import ort from 'onnxruntime-node';

let seen = true;
for (const [name, {file, shape, right, wrong}] of Object.entries(JSON.parse(fs.readFileSync('nets.json')))) {
  const told = [];
  for (const level of ['disabled', 'basic', 'extended', 'all']) {
    const session = await ort.InferenceSession.create(file, {graphOptimizationLevel: level, logSeverityLevel: 3});
    const {y} = await session.run({x: new ort.Tensor('float32', Float32Array.of(1), shape)});
    told.push(`${level} ${Array.from(y.data, v => +v.toFixed(2)).join(' ')}`);
    seen &&= right.some((v, i) => Math.abs(v - y.data[i]) > 0.11) === wrong.includes(level);
  }
  console.log(`${name}: right ${right.join(' ')}, ${told.join(', ')}`);
}
process.exit(seen ? 0 : 1);
JS
node run.mjs
