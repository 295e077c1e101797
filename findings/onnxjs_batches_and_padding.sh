#!/usr/bin/env bash
# ONNX.js convolves the first picture of a batch alone, and pads on the wrong side.
# Library: onnxjs 0.1.8 (npm), its CPU backend; the files are written by onnx 1.12.0 (Debian 12: python3-onnx 1.12.0-2+b4).
# Behaviour: Conv's and the pools' inputs have a batch for their first axis, and auto_pad SAME_UPPER puts an odd row of padding
# at the end, as ONNX says and as nets from TensorFlow have it (stride 2 on a map of even size). The CPU backend, which Node and
# browsers without WebGL get, runs these without a word and gives
#   Conv of a batch   the first picture's maps; all others are zeros
#   SAME_UPPER        of Conv and both pools, the padding of SAME_LOWER: the map is moved by a pixel
# With the pads written out as numbers it is right, and so is a batch in the pools.
# Seen, 2026-12-01, 3 x 3 sums, means and maxima with stride 2 over a map of 1 to 16; a batch is the map, 10 and 100 times it:
#   conv: 54 45 72 54, right 54 45 72 54
#   conv_upper: 14 30 57 99, right 54 45 72 54
#   conv_batch: 54 45 72 54 0 0 0 0 0 0 0 0, right 54 45 72 54 540 450 720 540 5400 4500 7200 5400
#   average: 6 7.5 12 13.5, right 6 7.5 12 13.5
#   average_upper: 3.5 5 9.5 11, right 6 7.5 12 13.5
#   max: 11 12 15 16, right 11 12 15 16
#   max_upper: 6 8 14 16, right 11 12 15 16
#   max_batch: 11 12 15 16 110 120 150 160 1100 1200 1500 1600, right 11 12 15 16 110 120 150 160 1100 1200 1500 1600
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-onnx=1.12.0-2+b4
npm i --ignore-scripts --silent --no-audit --no-fund onnxjs@0.1.8

cat >nets.py <<'END'
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


def write(name, op, shape, kernel=None, **attributes):
    """A network of one node; kernels are inputs with a value, as files of that time have them."""
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    constants = []
    if kernel is not None:
        inputs.append(helper.make_tensor_value_info("k", TensorProto.FLOAT, kernel.shape))
        constants.append(numpy_helper.from_array(kernel, "k"))
    node = helper.make_node(op, [i.name for i in inputs], ["y"], **attributes)
    graph = helper.make_graph([node], "net", inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)])
    model.ir_version = 3
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, name + ".onnx")


ones = numpy.ones((1, 1, 3, 3), numpy.float32)
s2 = {"kernel_shape": [3, 3], "strides": [2, 2]}
write("conv", "Conv", [1, 1, 4, 4], ones, pads=[0, 0, 1, 1], **s2)
write("conv_upper", "Conv", [1, 1, 4, 4], ones, auto_pad="SAME_UPPER", **s2)
write("conv_batch", "Conv", [3, 1, 4, 4], ones, pads=[0, 0, 1, 1], **s2)
write("average", "AveragePool", [1, 1, 4, 4], pads=[0, 0, 1, 1], **s2)
write("average_upper", "AveragePool", [1, 1, 4, 4], auto_pad="SAME_UPPER", **s2)
write("max", "MaxPool", [1, 1, 4, 4], pads=[0, 0, 1, 1], **s2)
write("max_upper", "MaxPool", [1, 1, 4, 4], auto_pad="SAME_UPPER", **s2)
write("max_batch", "MaxPool", [3, 1, 4, 4], pads=[0, 0, 1, 1], **s2)
END
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py

cat >run.cjs <<'END'
const fs = require('node:fs');
const {InferenceSession, Tensor} = require('onnxjs');

async function computed(file, x, shape) {
  const session = new InferenceSession({backendHint: 'cpu'});
  const bytes = Uint8Array.from(fs.readFileSync(file + '.onnx'));
  await session.loadModel(bytes.buffer);
  const [y] = (await session.run([new Tensor(Float32Array.from(x), 'float32', shape)])).values();
  return Array.from(y.data);
}

const map = Array.from({length: 16}, (_, i) => 1 + i);

/** The cells of the windows that begin at 0 and 2, without padding. */
function windows(scale) {
  const found = [];
  for (const y of [0, 2])
    for (const x of [0, 2]) found.push(map.filter((_, i) => {
      const row = Math.floor(i / 4), column = i % 4;
      return row >= y && row < y + 3 && column >= x && column < x + 3;
    }).map(v => v * scale));
  return found;
}

const sum = cells => cells.reduce((a, b) => a + b), mean = cells => sum(cells) / cells.length, max = cells => Math.max(...cells);
const batch = [1, 10, 100], of = (f, scales = [1]) => scales.flatMap(s => windows(s).map(f));
const one = [1, 1, 4, 4], three = [3, 1, 4, 4], maps = batch.flatMap(s => map.map(v => v * s));
const cases = [  // file, input, its shape, what is right, whether it is
  ['conv', map, one, of(sum), true],
  ['conv_upper', map, one, of(sum), false],
  ['conv_batch', maps, three, of(sum, batch), false],
  ['average', map, one, of(mean), true],
  ['average_upper', map, one, of(mean), false],
  ['max', map, one, of(max), true],
  ['max_upper', map, one, of(max), false],
  ['max_batch', maps, three, of(max, batch), true],
];
(async () => {
  let seen = true;
  for (const [file, x, shape, right, isRight] of cases) {
    const got = await computed(file, x, shape);
    const told = values => values.map(v => +v.toFixed(2)).join(' ');
    console.log(`${file}: ${told(got)}, right ${told(right)}`);
    seen &&= isRight === (got.length === right.length && got.every((v, i) => Math.abs(v - right[i]) < 1e-3));
  }
  process.exit(seen ? 0 : 1);
})();
END
node run.cjs
