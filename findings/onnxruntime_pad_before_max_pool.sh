#!/usr/bin/env bash
# ONNX Runtime leaves out the zeros that a Pad puts before a max-pool.
# Library: ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0), on the CPU; the file is written by onnx 1.12.0 (Debian 12:
# python3-onnx 1.12.0-2+b4).
# Behaviour: a Pad with zeros and a MaxPool after it. ONNX says that Pad's cells are 0, and they take part in the maximum, so
# that a window with padding in it is at least 0; MaxPool's own padding never wins. ONNX Runtime makes the one into the other
# (its optimiser PadFusion moves the pads into the pool), so that maps with negative values, as after a LeakyReLU, ELU, SiLU
# or a bare convolution, give other maxima along their whole border. That is with the optimisation that sessions have unless
# told otherwise, and with 'basic'; with 'disabled' it is right.
# Seen, 2026-11-29, a 4 x 4 map of -1 to -16, zeros around it, 2 x 2 maxima with stride 2:
#   ONNX's definition:  0 0 0 0 -6 0 0 0 0
#   disabled:           0 0 0 0 -6 0 0 0 0
#   basic:              -1 -2 -4 -5 -6 -8 -13 -14 -16
#   all (the default):  -1 -2 -4 -5 -6 -8 -13 -14 -16
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-onnx=1.12.0-2+b4
npm i --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0

cat >net.py <<'END'
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

nodes = [helper.make_node("Pad", ["x", "pads"], ["padded"]),
         helper.make_node("MaxPool", ["padded"], ["y"], kernel_shape=[2, 2], strides=[2, 2])]
graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 4, 4])],
                          [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 3, 3])],
                          [numpy_helper.from_array(numpy.array([0, 0, 1, 1, 0, 0, 1, 1]), "pads")])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
model.ir_version = 7
onnx.checker.check_model(model, full_check=True)
onnx.save(model, "net.onnx")
END
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s net.py

cat >run.mjs <<'END'
import ort from 'onnxruntime-node';

const map = Float32Array.from({length: 16}, (_, i) => -1 - i);  // 4 x 4
const at = (y, x) => y < 0 || x < 0 || y > 3 || x > 3 ? 0 : map[4 * y + x];
const right = [];
for (const y of [-1, 1, 3])
  for (const x of [-1, 1, 3]) right.push(Math.max(at(y, x), at(y, x + 1), at(y + 1, x), at(y + 1, x + 1)));

async function pooled(options) {
  const session = await ort.InferenceSession.create('net.onnx', options);
  const {y} = await session.run({x: new ort.Tensor('float32', map, [1, 1, 4, 4])});
  return Array.from(y.data);
}

const disabled = await pooled({graphOptimizationLevel: 'disabled'});
const basic = await pooled({graphOptimizationLevel: 'basic'});
const all = await pooled({});
console.log(`ONNX's definition:  ${right.join(' ')}`);
console.log(`disabled:           ${disabled.join(' ')}`);
console.log(`basic:              ${basic.join(' ')}`);
console.log(`all (the default):  ${all.join(' ')}`);
const same = (a, b) => a.every((value, i) => value === b[i]);
process.exit(same(disabled, right) && !same(basic, right) && !same(all, right) ? 0 : 1);
END
node run.mjs
