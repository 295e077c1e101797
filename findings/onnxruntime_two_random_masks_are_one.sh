#!/usr/bin/env bash
# ONNX Runtime draws once where a network draws twice: two random masks become one.
# Library: ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0), on the CPU; the files are written by onnx 1.12.0 (Debian 12:
# python3-onnx 1.12.0-2+b4).
# Behaviour: ONNX's Bernoulli draws 0 or 1 for each number, with that number for its probability. Two such nodes of one input draw
# independently, as random masks over a picture (RISE) or two passes of a network that drops channels do. ONNX Runtime merges nodes
# of the same kind, input and attributes; it is careful with RandomNormalLike, RandomUniformLike and Dropout, two of which
# stay two, but not with Bernoulli: both masks are the same, so that the variance between passes is 0 and an average over masks has
# one of them. That is with the optimisation that sessions have unless told otherwise, and with 'basic'; with 'disabled' it is
# right. What helps: another "seed" for each.
# Seen, 2026-12-01, how often two nodes differ, of 1000 numbers:
#   Bernoulli: disabled 486, basic 0, all 0
#   Bernoulli, seeds: disabled 533, basic 533, all 533
#   RandomUniformLike: disabled 1000, basic 1000, all 1000
#   RandomNormalLike: disabled 1000, basic 1000, all 1000
#   Dropout: disabled 524, basic 518, all 493
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-onnx=1.12.0-2+b4
npm i --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0

cat >nets.py <<'PY'
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

node = helper.make_node
settings = {"Dropout": [np.float32(0.5), np.array(True)]}
for kind in ("Bernoulli", "Bernoulli, seeds", "RandomUniformLike", "RandomNormalLike", "Dropout"):
    seeds = [{"seed": 1.0}, {"seed": 2.0}] if "seeds" in kind else [{}, {}]
    op = kind.split(",")[0]
    more = {f"c{i}": np.asarray(v) for i, v in enumerate(settings.get(op, []))}
    nodes = [node(op, ["x", *more], [out], **seed) for out, seed in zip("ab", seeds)]
    nodes += [node("Equal", ["a", "b"], ["same"]), node("Not", ["same"], ["other"]), node("Cast", ["other"], ["y"], to=TensorProto.FLOAT)]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1000]) for name in "xy")
    graph = helper.make_graph(nodes, "net", [x], [y], [numpy_helper.from_array(v, k) for k, v in more.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)])
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, kind + ".onnx")
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py

cat >run.mjs <<'JS'
import ort from 'onnxruntime-node';

let seen = true;
for (const kind of ['Bernoulli', 'Bernoulli, seeds', 'RandomUniformLike', 'RandomNormalLike', 'Dropout']) {
  const told = [];
  for (const level of ['disabled', 'basic', 'all']) {
    const session = await ort.InferenceSession.create(`${kind}.onnx`, {graphOptimizationLevel: level});
    const {y} = await session.run({x: new ort.Tensor('float32', new Float32Array(1000).fill(0.5), [1000])});
    const differ = y.data.reduce((sum, v) => sum + v, 0);
    told.push(`${level} ${differ}`);
    seen &&= (differ > 400) === !(kind === 'Bernoulli' && level !== 'disabled') && (differ > 400 || differ === 0);
  }
  console.log(`${kind}: ${told.join(', ')}`);
}
process.exit(seen ? 0 : 1);
JS
node run.mjs
