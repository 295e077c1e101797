#!/usr/bin/env bash
# ONNX Runtime's optimiser leaves out a rounding: of integers' quotients, and of one of two quantisations in a row.
# Library: ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0), on the CPU; the files are written by onnx 1.12.0 (Debian 12:
# python3-onnx 1.12.0-2+b4).
# Behaviour: two rewritings that hold for real numbers are also made where ONNX defines a rounding, in silence, with the
# optimisation that sessions have unless told otherwise and with 'basic'; with 'disabled' it is right.
#   1 / x * y of integers  becomes y / x. Div of integers cuts the fraction off, so that 1 / x is 0 for every x above 1
#   QuantizeLinear and DequantizeLinear, twice, become one pair. Of a coarse step before a fine one the coarse steps are lost.
#                          Of the same step and another zero point a third step is made up, and so numbers change that
#                          both quantisations hold exactly
# Seen, 2026-11-30:
#   1 / x * y, float32:
#     right:    6.00 3.00 2.33 2.25 2.40 2.00
#     disabled: 6.00 3.00 2.33 2.25 2.40 2.00
#     all:      6.00 3.00 2.33 2.25 2.40 2.00
#   1 / x * y, int64:
#     right:    6.00 0.00 0.00 0.00 0.00 0.00
#     disabled: 6.00 0.00 0.00 0.00 0.00 0.00
#     all:      6.00 3.00 2.00 2.00 2.00 2.00
#   steps 0.1 and 0.1:
#     right:    -4.00 -3.90 -1.00 -0.50 0.00 0.10 0.20 2.00
#     disabled: -4.00 -3.90 -1.00 -0.50 0.00 0.10 0.20 2.00
#     all:      -4.00 -3.90 -1.00 -0.50 0.00 0.10 0.20 2.00
#   steps 0.3 and 0.1:
#     right:    -3.90 -3.90 -0.90 -0.60 0.00 0.00 0.30 2.10
#     disabled: -3.90 -3.90 -0.90 -0.60 0.00 0.00 0.30 2.10
#     all:      -4.00 -3.90 -1.00 -0.50 0.00 0.10 0.20 2.00
#   step 0.1, zero points 0 and 5:
#     right:    -4.00 -3.90 -1.00 -0.50 0.00 0.10 0.20 2.00
#     disabled: -4.00 -3.90 -1.00 -0.50 0.00 0.10 0.20 2.00
#     all:      -4.02 -3.92 -0.98 -0.49 0.00 0.10 0.20 1.96
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-onnx=1.12.0-2+b4
npm i --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0

cat >nets.py <<'END'
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def saved(name, nodes, inputs, constants, expected, right):
    kind = TensorProto.INT64 if inputs["x"].dtype == np.int64 else TensorProto.FLOAT
    graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info(k, kind, v.shape) for k, v in inputs.items()],
                              [helper.make_tensor_value_info("y", kind, inputs["x"].shape)],
                              [numpy_helper.from_array(v, k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    file = f"{len(described)}.onnx"
    onnx.save(model, file)
    described[name] = {"file": file, "kind": str(inputs["x"].dtype), "inputs": {k: v.tolist() for k, v in inputs.items()},
                       "expected": [f"{v:.2f}" for v in expected], "right": right}


def quantised(values, step, zero):
    return ((np.clip(np.rint(values / step) + zero, -128, 127) - zero) * step).astype(np.float32)


def twice(name, first, second, right):
    x = np.array([-4, -3.9, -1, -0.5, 0, 0.1, 0.2, 2], np.float32)
    nodes, constants, tensor = [], {}, "x"
    for i, (step, zero) in enumerate([first, second]):
        constants.update({f"step{i}": np.float32(step), f"zero{i}": np.int8(zero)})
        nodes += [helper.make_node("QuantizeLinear", [tensor, f"step{i}", f"zero{i}"], [f"q{i}"]),
                  helper.make_node("DequantizeLinear", [f"q{i}", f"step{i}", f"zero{i}"], ["y" if i else "between"])]
        tensor = "between"
    constants = {k: np.asarray(v) for k, v in constants.items()}
    saved(name, nodes, {"x": x}, constants, quantised(quantised(x, *first), *second), right)


def ratio(name, dtype, right):
    x, y = np.array([1, 2, 3, 4, 5, 7], dtype), np.array([6, 6, 7, 9, 12, 14], dtype)
    nodes = [helper.make_node("Div", ["one", "x"], ["part"]), helper.make_node("Mul", ["part", "z"], ["y"])]
    saved(name, nodes, {"x": x, "z": y}, {"one": np.ones((), dtype)}, (1 // x if dtype == np.int64 else 1 / x) * y, right)


described = {}
ratio("1 / x * y, float32", np.float32, True)
ratio("1 / x * y, int64", np.int64, False)
twice("steps 0.1 and 0.1", (0.1, 0), (0.1, 0), True)
twice("steps 0.3 and 0.1", (0.3, 0), (0.1, 0), False)
twice("step 0.1, zero points 0 and 5", (0.1, 0), (0.1, 5), False)
json.dump(described, open("cases.json", "w"))
END
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py

cat >run.mjs <<'END'
import fs from 'node:fs';
import ort from 'onnxruntime-node';

const arrays = {float32: v => Float32Array.from(v), int64: v => BigInt64Array.from(v.map(BigInt))};
let seen = true;
for (const [name, {file, kind, inputs, expected, right}] of Object.entries(JSON.parse(fs.readFileSync('cases.json')))) {
  const got = {}, feeds = {}, wanted = expected.join(' ').replaceAll('-0.00', '0.00');
  for (const input in inputs) feeds[input] = new ort.Tensor(kind, arrays[kind](inputs[input]), [inputs[input].length]);
  for (const level of ['disabled', 'basic', 'all']) {
    const session = await ort.InferenceSession.create(file, {graphOptimizationLevel: level});
    const {y} = await session.run(feeds);
    got[level] = Array.from(y.data, v => Number(v).toFixed(2)).join(' ').replaceAll('-0.00', '0.00');
  }
  console.log(`${name}:`);
  for (const [who, values] of [['right', wanted], ['disabled', got.disabled], ['all', got.all]])
    console.log(`  ${(who + ':').padEnd(9)} ${values}`);
  seen &&= got.disabled === wanted && got.basic === got.all && (got.all === wanted) === right;
}
process.exit(seen ? 0 : 1);
END
node run.mjs
