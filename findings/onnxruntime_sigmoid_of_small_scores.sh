#!/usr/bin/env bash
# ONNX Runtime's sigmoid has no small probabilities: from -18 down they are exactly 0, and -17 is more probable than -16.
# Library: ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0), on the CPU, float32; the files are written by onnx 1.12.0 (Debian 12:
# python3-onnx 1.12.0-2+b4).
# Behaviour: ONNX defines Sigmoid as 1 / (1 + exp(-x)). In float32 that is a number above 0 down to -103. Here it is
# a quotient of polynomials to which 0.5 is added, so that what is left of a small probability are multiples of 3e-8: at -10 three
# digits are right, -17 is thought to be more probable than -16, and from -18 down it is 0. The same formula
# written with Exp, Add and Div is right in the same program. Scores of a detector's background, whose heat maps begin near 0, tie at 0,
# the logarithm of a probability, as a loss or an explanation takes it, is minus infinity where it is -20, and a gradient
# p (1 - p) is 0.
# Seen, 2026-12-01, Sigmoid, the same by Exp, and Sigmoid's logarithm:
#   -5: 6.693e-3, 6.693e-3, -5.01
#   -10: 4.539e-5, 4.540e-5, -10.00
#   -13: 2.235e-6, 2.260e-6, -13.01
#   -15: 3.576e-7, 3.059e-7, -14.84
#   -16: 5.960e-8, 1.125e-7, -16.64
#   -17: 8.941e-8, 4.140e-8, -16.23
#   -18: 0.000e+0, 1.523e-8, -Infinity
#   -20: 0.000e+0, 2.061e-9, -Infinity
#   -80: 0.000e+0, 1.805e-35, -Infinity
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-onnx=1.12.0-2+b4
npm i --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0

cat >net.py <<'PY'
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

node = helper.make_node
nodes = [node("Sigmoid", ["x"], ["p"]), node("Log", ["p"], ["log"]),
         node("Neg", ["x"], ["minus"]), node("Exp", ["minus"], ["exp"]), node("Add", ["exp", "one"], ["sum"]), node("Div", ["one", "sum"], ["formula"])]
graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 9])],
                          [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 9]) for name in ("p", "log", "formula")],
                          [numpy_helper.from_array(np.float32(1), "one")])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
model.ir_version = 7
onnx.checker.check_model(model, full_check=True)
onnx.save(model, "net.onnx")
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s net.py

cat >run.mjs <<'JS'
import ort from 'onnxruntime-node';

const scores = [-5, -10, -13, -15, -16, -17, -18, -20, -80];
const session = await ort.InferenceSession.create('net.onnx');
const {p, log, formula} = await session.run({x: new ort.Tensor('float32', Float32Array.from(scores), [1, 9])});
let seen = p.data[5] > p.data[4];
scores.forEach((x, i) => {
  console.log(`${x}: ${p.data[i].toExponential(3)}, ${formula.data[i].toExponential(3)}, ${log.data[i].toFixed(2)}`);
  const right = 1 / (1 + Math.exp(-x)), off = v => Math.abs(v / right - 1);
  seen &&= off(formula.data[i]) < 1e-5 && (x <= -18 ? p.data[i] === 0 : x > -15 || off(p.data[i]) > 0.1);
});
process.exit(seen ? 0 : 1);
JS
node run.mjs
