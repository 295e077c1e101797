#!/usr/bin/env bash
# ONNX defines the size of a region that is resized by a scale; onnx's own checker and ONNX Runtime both have another one.
# Library: onnx 1.12.0 (Debian 12: python3-onnx 1.12.0-2+b4), shape_inference.infer_shapes and checker.check_model, and ONNX Runtime
# 1.30.0 (npm: onnxruntime-node 1.30.0), on the CPU.
# Behaviour: Resize with coordinate_transformation_mode "tf_crop_and_resize" cuts a region out (roi, in parts of the map) and resizes it.
# The operator's text, in opsets 11 and 13, says "output_dimension = floor(input_dimension * (roi_end - roi_start) * scale)": the middle half
# of a map of 12 x 16, twice as large, is 12 x 16. Shape inference leaves the region out, though roi is a constant in the
# file, and reckons floor(12 * 2) and floor(16 * 2); so does ONNX Runtime. A
# file that says the defined size is refused by check_model(full_check=True), one that says the other passes. Whoever writes a
# reader by the text gets maps of another size than those two. half_pixel, and sizes in place of scales, are as defined.
# Seen, 2026-12-01:
#   the whole, scale 2: defined 24 x 32, ONNX Runtime 24 x 32, inferred 24 x 32; a file that says 24 x 32 passes
#   a region, size 7 x 9: defined 7 x 9, ONNX Runtime 7 x 9, inferred 7 x 9; a file that says 7 x 9 passes
#   a region, scale 1: defined 6 x 8, ONNX Runtime 12 x 16, inferred 12 x 16; a file that says 6 x 8 is refused
#   a region, scale 2: defined 12 x 16, ONNX Runtime 24 x 32, inferred 24 x 32; a file that says 12 x 16 is refused
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-onnx=1.12.0-2+b4
npm i --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0

cat >regions.py <<'PY'
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

cases = [  # name, coordinates, input that says the size, its numbers, the defined size
    ("the whole, scale 2", "half_pixel", "scales", [1, 1, 2, 2], [24, 32]),
    ("a region, size 7 x 9", "tf_crop_and_resize", "sizes", [1, 1, 7, 9], [7, 9]),
    ("a region, scale 1", "tf_crop_and_resize", "scales", [1, 1, 1, 1], [6, 8]),
    ("a region, scale 2", "tf_crop_and_resize", "scales", [1, 1, 2, 2], [12, 16]),
]


def model(coordinates, by, numbers, declared):
    roi = numpy_helper.from_array(np.array([0, 0, 0.25, 0.25, 1, 1, 0.75, 0.75], np.float32), "roi")
    size = numpy_helper.from_array(np.array(numbers, np.float32 if by == "scales" else np.int64), by)
    inputs = ["x", "roi", "scales"] if by == "scales" else ["x", "roi", "", "sizes"]
    node = helper.make_node("Resize", inputs, ["y"], coordinate_transformation_mode=coordinates, mode="linear")
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (("x", [1, 1, 12, 16]), ("y", declared)))
    file = helper.make_model(helper.make_graph([node], "net", [x], [y], [roi, size]), opset_imports=[helper.make_opsetid("", 13)])
    file.ir_version = 7
    return file


def passes(file):
    try:
        onnx.checker.check_model(file, full_check=True)
    except onnx.shape_inference.InferenceError:
        return False
    return True


told = []
for i, (name, coordinates, by, numbers, right) in enumerate(cases):
    open_shape = model(coordinates, by, numbers, [None] * 4)
    onnx.checker.check_model(open_shape)
    onnx.save(open_shape, f"{i}.onnx")
    dims = shape_inference.infer_shapes(open_shape, strict_mode=True).graph.output[0].type.tensor_type.shape.dim
    inferred = [dim.dim_value for dim in dims][2:]
    told.append(dict(name=name, right=right, inferred=inferred, accepts=passes(model(coordinates, by, numbers, [1, 1, *right]))))
with open("told.json", "w") as file:
    json.dump(told, file)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s regions.py

cat >run.mjs <<'JS'
import fs from 'node:fs';
import ort from 'onnxruntime-node';

let seen = true;
for (const [i, {name, right, inferred, accepts}] of JSON.parse(fs.readFileSync('told.json')).entries()) {
  const session = await ort.InferenceSession.create(`${i}.onnx`, {logSeverityLevel: 3});
  const {y} = await session.run({x: new ort.Tensor('float32', new Float32Array(192), [1, 1, 12, 16])});
  const size = dims => dims.join(' x ');
  const run = size(y.dims.slice(2));
  const verdict = `a file that says ${size(right)} ${accepts ? 'passes' : 'is refused'}`;
  console.log(`${name}: defined ${size(right)}, ONNX Runtime ${run}, inferred ${size(inferred)}; ${verdict}`);
  const isRight = !name.startsWith('a region, scale');
  seen &&= run === size(inferred) && (run === size(right)) === isRight && accepts === isRight;
}
process.exit(seen ? 0 : 1);
JS
node run.mjs
