#!/usr/bin/env bash
# ONNX Runtime's maxima of a map with a NaN are neither NaN nor the largest number: what comes out depends on where the NaN stands.
# Library: ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0), on the CPU; the files are written by onnx 1.12.0 (Debian 12:
# python3-onnx 1.12.0-2+b4).
# Behaviour: ONNX says that GlobalMaxPool and MaxPool give the maximum of a window, that ReduceMax is "similar to numpy", whose maximum of numbers
# with a NaN is NaN, and that TopK gives the largest k. One bad pixel was expected to be seen (NaN), or to be passed over. Of
#   GlobalMaxPool  a NaN takes the place of the maximum so far of every fourth pixel, and is replaced by the next number: 49 pixels
#                  of which the first is the highest have their second one for maximum as soon as the 13th is NaN
#   MaxPool        of 1 x 2 the NaN wins as one pixel of the window and is passed over as the other
#   ReduceMax      is NaN if the first pixel is, and otherwise passes NaNs over
#   TopK           NaN is as large as what it is compared with: of NaN, 1, 2 the largest is NaN; of 1, NaN, 2 the largest is 1,
#                  and 2 isn't among the first two
# Peaks of heat maps, classes and pooled features are others in silence; Relu and Max of two tensors keep NaNs.
# Seen, 2026-12-01:
#   GlobalMaxPool of 48, 47 .. 0, with a NaN at 2, 3, 4, 13, 25, 37: 48 48 48 47 47 47
#   MaxPool 1 x 2 of NaN 1, 2 3, 4 NaN: 1 3 NaN; of NaN 1, 2 3, 4 5, 6 NaN: 1 3 5 NaN
#   ReduceMax of NaN 1 2: NaN; of 1 NaN 2: 2; of 1 2 NaN: 2
#   TopK, 2 largest of NaN 1 2: NaN 2; of 1 NaN 2: 1 NaN; of 1 2 NaN: 2 1
#   Max of NaN 1 2 and 0 0 0: NaN 1 2; of 1 NaN 2: 1 NaN 2; of 1 2 NaN: 1 2 NaN
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


def write(op, shape, result, constants=None, **settings):
    constants = constants or {}
    outputs = ["y", "places"] if op == "TopK" else ["y"]
    described = [helper.make_tensor_value_info(name, TensorProto.INT64 if name == "places" else TensorProto.FLOAT, result) for name in outputs]
    graph = helper.make_graph([helper.make_node(op, ["x", *constants], outputs, **settings)], "net",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)], described,
                              [numpy_helper.from_array(v, k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f"{op}.onnx")


write("GlobalMaxPool", [1, 1, 7, 7], [1, 1, 1, 1])
write("MaxPool", [1, 1, 1, "w"], [1, 1, 1, "half"], kernel_shape=[1, 2], strides=[1, 2])
write("ReduceMax", [1, 3], [1, 1], axes=[1])
write("TopK", [1, 3], [1, 2], {"k": np.array([2])})
write("Max", [1, 3], [1, 3], {"zeros": np.zeros((1, 3), np.float32)})
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py

cat >run.mjs <<'JS'
import ort from 'onnxruntime-node';

const kept = {};
async function run(op, shape, values) {
  kept[op] ??= await ort.InferenceSession.create(`${op}.onnx`);
  const {y} = await kept[op].run({x: new ort.Tensor('float32', Float32Array.from(values), shape)});
  return Array.from(y.data).join(' ');
}

const told = {};
const falling = Array.from({length: 49}, (_, i) => 48 - i);
const places = [2, 3, 4, 13, 25, 37], peaks = [];
for (const at of places) peaks.push(await run('GlobalMaxPool', [1, 1, 7, 7], falling.map((v, i) => i === at - 1 ? NaN : v)));
console.log(`GlobalMaxPool of 48, 47 .. 0, with a NaN at ${places.join(', ')}: ${peaks.join(' ')}`);
const rows = [[NaN, 1, 2, 3, 4, NaN], [NaN, 1, 2, 3, 4, 5, 6, NaN]], pooled = [];
for (const row of rows) pooled.push(await run('MaxPool', [1, 1, 1, row.length], row));
const pairs = row => row.join(' ').replace(/(\S+ \S+) /g, '$1, ');
console.log(`MaxPool 1 x 2 ${rows.map((row, i) => `of ${pairs(row)}: ${pooled[i]}`).join('; ')}`);
for (const [op, name, last] of [['ReduceMax', 'ReduceMax', ''], ['TopK', 'TopK, 2 largest', ''], ['Max', 'Max', ' and 0 0 0']]) {
  told[op] = [];
  for (const values of [[NaN, 1, 2], [1, NaN, 2], [1, 2, NaN]]) told[op].push([values.join(' '), await run(op, [1, 3], values)]);
  console.log(`${name} ${told[op].map(([values, y], i) => `of ${values}${i ? '' : last}: ${y}`).join('; ')}`);
}
const results = op => told[op].map(([, y]) => y).join(', ');
const seen = peaks.every(v => v !== 'NaN') && peaks.includes('47') && pooled.every(y => y.split('NaN').length === 2) && results('ReduceMax') === 'NaN, 2, 2' &&
  results('TopK') === 'NaN 2, 1 NaN, 2 1' && results('Max') === 'NaN 1 2, 1 NaN 2, 1 2 NaN';
process.exit(seen ? 0 : 1);
JS
node run.mjs
