#!/usr/bin/env bash
# ONNX Runtime takes other formulas for a layer norm: the sign turns, a fourth power becomes a square.
# Library: ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0), on the CPU; the files are written by onnx 1.12.0 (Debian 12:
# python3-onnx 1.12.0-2+b4).
# Behaviour: a layer norm written out is d = x - mean(x), then d / sqrt(mean(d^2) + epsilon) * scale + offset, and ONNX Runtime
# makes one node of these (its optimiser LayerNormFusion). It was expected to do so where the formula is that one. It does not
# look at the order of operands in Sub and Div, nor at Pow's exponent, so that these become the layer norm too, in silence:
#   mean(x) - x        every value has the opposite sign
#   Pow by 4, or by 1  a square is computed in its place
#   sqrt(...) / d      d / sqrt(...) is computed in its place
# That is with the optimisation that sessions have unless told otherwise, and with 'extended'; with 'basic' and with 'disabled'
# it is right.
# Seen, 2026-11-30, of the row 1 2 3 8:
#   layer norm:   right -0.913 -0.548 -0.183 1.643, disabled -0.913 -0.548 -0.183 1.643, all -0.913 -0.548 -0.183 1.643
#   mean - x:     right 0.913 0.548 0.183 -1.643, disabled 0.913 0.548 0.183 -1.643, all -0.913 -0.548 -0.183 1.643
#   fourth power: right -0.234 -0.141 -0.047 0.422, disabled -0.234 -0.141 -0.047 0.422, all -0.913 -0.548 -0.183 1.643
#   first power:  right -5.000 -3.000 -1.000 9.000, disabled -5.000 -3.000 -1.000 9.000, all -0.913 -0.548 -0.183 1.643
#   root / d:     right -1.095 -1.826 -5.477 0.609, disabled -1.095 -1.826 -5.477 0.609, all -0.913 -0.548 -0.183 1.643
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

x = np.array([[1, 2, 3, 8]], np.float32)
cases = {  # operands of Sub, exponent, operands of Div, whether ONNX Runtime is right
    "layer norm": (["x", "mean"], 2, ["d", "root"], True),
    "mean - x": (["mean", "x"], 2, ["d", "root"], False),
    "fourth power": (["x", "mean"], 4, ["d", "root"], False),
    "first power": (["x", "mean"], 1, ["d", "root"], False),
    "root / d": (["x", "mean"], 2, ["root", "d"], False),
}
described = {}
for name, (sub, exponent, div, right) in cases.items():
    nodes = [helper.make_node("ReduceMean", ["x"], ["mean"], axes=[-1]), helper.make_node("Sub", sub, ["d"]),
             helper.make_node("Pow", ["d", "exponent"], ["power"]), helper.make_node("ReduceMean", ["power"], ["spread"], axes=[-1]),
             helper.make_node("Add", ["spread", "epsilon"], ["sum"]), helper.make_node("Sqrt", ["sum"], ["root"]),
             helper.make_node("Div", div, ["normal"]), helper.make_node("Mul", ["normal", "scale"], ["scaled"]),
             helper.make_node("Add", ["scaled", "offset"], ["y"])]
    constants = {"exponent": exponent, "epsilon": 0.25, "scale": [1, 1, 1, 1], "offset": [0, 0, 0, 0]}
    graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, x.shape)],
                              [numpy_helper.from_array(np.array(v, np.float32), k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    values = {"x": x, "mean": x.mean()}
    values["d"] = values[sub[0]] - values[sub[1]]
    values["root"] = np.sqrt((values["d"] ** exponent).mean() + 0.25)
    expected = values[div[0]] / values[div[1]]
    described[name] = {"file": f"{len(described)}.onnx", "expected": [f"{v:.3f}" for v in expected.ravel()], "right": right}
    onnx.save(model, described[name]["file"])
json.dump(described, open("cases.json", "w"))
END
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py

cat >run.mjs <<'END'
import fs from 'node:fs';
import ort from 'onnxruntime-node';

let seen = true;
for (const [name, {file, expected, right}] of Object.entries(JSON.parse(fs.readFileSync('cases.json')))) {
  const got = {}, wanted = expected.join(' ');
  for (const level of ['disabled', 'basic', 'extended', 'all']) {
    const session = await ort.InferenceSession.create(file, {graphOptimizationLevel: level});
    const {y} = await session.run({x: new ort.Tensor('float32', Float32Array.of(1, 2, 3, 8), [1, 4])});
    got[level] = Array.from(y.data, v => v.toFixed(3)).join(' ');
  }
  console.log(`${(name + ':').padEnd(13)} right ${wanted}, disabled ${got.disabled}, all ${got.all}`);
  seen &&= got.disabled === wanted && got.basic === wanted && got.extended === got.all && (got.all === wanted) === right;
}
process.exit(seen ? 0 : 1);
END
node run.mjs
