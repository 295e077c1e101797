#!/usr/bin/env bash
# onnx's version converter changes what a network computes: bilinear upsampling moves by half a pixel.
# Library: onnx 1.12.0 (Debian 12: python3-onnx 1.12.0-2+b4), run by ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0).
# Behaviour: version_converter.convert_version writes a model in another opset, for the same network. Upsample of opset 9 and
# Resize of opset 10 take output row r from input row r / scale (ONNX Runtime does); opset 11 names that
# coordinate_transformation_mode "asymmetric" and has "half_pixel" where the attribute is absent. The converter adds no
# attribute, so that from opset 9 or 10 to 11 a linear upsampling becomes the half-pixel one: other values in nearly
# every cell, the map moved by half an output pixel at scale 2. Whoever brings an old file to an opset that a
# newer reader wants has this. Checker and shape inference see no fault.
# Seen, 2026-11-29, the row 0 1 2 3 (twice, as a 2 x 4 map), twice as large:
#   Upsample, opset 9:    0 0.5 1 1.5 2 2.5 3 3
#   converted to 11:      0 0.25 0.75 1.25 1.75 2.25 2.75 3
#   Resize, opset 10:     0 0.5 1 1.5 2 2.5 3 3
#   converted to 11:      0 0.25 0.75 1.25 1.75 2.25 2.75 3
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-onnx=1.12.0-2+b4
npm i --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0

cat >nets.py <<'END'
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper, version_converter

for op, opset in (("Upsample", 9), ("Resize", 10)):
    node = helper.make_node(op, ["x", "scales"], ["y"], mode="linear")
    graph = helper.make_graph([node], "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 2, 4])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 4, 8])],
                              [numpy_helper.from_array(numpy.float32([1, 1, 2, 2]), "scales")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 5
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f"{op}.onnx")
    converted = version_converter.convert_version(model, 11)
    onnx.checker.check_model(converted, full_check=True)
    onnx.save(converted, f"{op}_11.onnx")
END
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py

cat >run.mjs <<'END'
import ort from 'onnxruntime-node';

async function firstRow(path) {
  const session = await ort.InferenceSession.create(path);
  const x = new ort.Tensor('float32', Float32Array.from([0, 1, 2, 3, 0, 1, 2, 3]), [1, 1, 2, 4]);
  return Array.from((await session.run({x})).y.data.slice(0, 8)).join(' ');
}

let seen = true;
for (const [op, opset] of [['Upsample', 9], ['Resize', 10]]) {
  const before = await firstRow(`${op}.onnx`), after = await firstRow(`${op}_11.onnx`);
  console.log(`${`${op}, opset ${opset}:`.padEnd(21)} ${before}`);
  console.log(`${'converted to 11:'.padEnd(21)} ${after}`);
  seen &&= before === '0 0.5 1 1.5 2 2.5 3 3' && after === '0 0.25 0.75 1.25 1.75 2.25 2.75 3';
}
process.exit(seen ? 0 : 1);
END
node run.mjs
