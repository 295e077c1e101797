#!/usr/bin/env bash
# ONNX Runtime folds a batch norm of a matrix's rows into its columns.
# Library: ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0), on the CPU; the files are written by onnx 1.12.0 (Debian 12:
# python3-onnx 1.12.0-2+b4).
# Behaviour: BatchNormalization has a scale and an offset for each index of axis 1. Behind a MatMul they can be folded into the
# weights if axis 1 is the product's columns. ONNX Runtime does it also where a Transpose or a Reshape between the two has
# brought something else to axis 1 (samples, tokens, rows of a window), as soon as there are as many of them as columns: each
# row gets the scales of the columns, in silence. With another number it leaves the nodes as they are and is right; a network is
# right or not by the size of its input. That is with the optimisation that sessions have unless told otherwise, and with
# 'basic'; with 'disabled' it is right.
# Seen, 2026-11-30, a matrix of ones times the unit matrix, scales 1 10 100, row by row:
#   no Transpose: right 1 10 100 1 10 100 1 10 100, disabled 1 10 100 1 10 100 1 10 100, all 1 10 100 1 10 100 1 10 100
#   Transpose of 3 x 3: right 1 10 100 1 10 100 1 10 100, disabled 1 10 100 1 10 100 1 10 100, all 1 1 1 10 10 10 100 100 100
#   Transpose of 2 x 3: right 1 10 1 10 1 10, disabled 1 10 1 10 1 10, all 1 10 1 10 1 10
#   Reshape to 1 x 3 x 3: right 1 1 1 10 10 10 100 100 100, disabled 1 1 1 10 10 10 100 100 100, all 1 10 100 1 10 100 1 10 100
#   Reshape to 1 x 2 x 3: right 1 1 1 10 10 10, disabled 1 1 1 10 10 10, all 1 1 1 10 10 10
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

cases = {  # rows, perm of a Transpose or shape of a Reshape, whether ONNX Runtime is right
    "no Transpose": (3, "none", None, True),
    "Transpose of 3 x 3": (3, "Transpose", [1, 0], False),
    "Transpose of 2 x 3": (2, "Transpose", [1, 0], True),
    "Reshape to 1 x 3 x 3": (3, "Reshape", [1, 3, 3], False),
    "Reshape to 1 x 2 x 3": (2, "Reshape", [1, 2, 3], True),
}
described = {}
for name, (rows, op, setting, right) in cases.items():
    nodes = [helper.make_node("MatMul", ["x", "unit"], ["product"])]
    value = np.ones((rows, 3), np.float32)
    constants = {"unit": np.eye(3, dtype=np.float32)}
    if op == "Transpose":
        nodes.append(helper.make_node("Transpose", ["product"], ["moved"], perm=setting))
        value = value.transpose(setting)
    if op == "Reshape":
        nodes.append(helper.make_node("Reshape", ["product", "shape"], ["moved"]))
        constants["shape"] = np.array(setting)
        value = value.reshape(setting)
    channels = value.shape[1]
    scale = 10 ** np.arange(channels, dtype=np.float32)
    zeros, ones = np.zeros(channels, np.float32), np.ones(channels, np.float32)
    constants.update(scale=scale, zeros=zeros, ones=ones)
    nodes.append(helper.make_node("BatchNormalization", [nodes[-1].output[0], "scale", "zeros", "zeros", "ones"], ["y"], epsilon=0.0))
    value = value * scale.reshape([channels] + [1] * (value.ndim - 2))  # along axis 1
    graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, 3])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, value.shape)],
                              [numpy_helper.from_array(v, k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    described[name] = {"file": f"{len(described)}.onnx", "rows": rows, "expected": value.ravel().tolist(), "right": right}
    onnx.save(model, described[name]["file"])
json.dump(described, open("cases.json", "w"))
END
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py

cat >run.mjs <<'END'
import fs from 'node:fs';
import ort from 'onnxruntime-node';

const text = values => values.map(v => +v.toFixed(3)).join(' ');
let seen = true;
for (const [name, {file, rows, expected, right}] of Object.entries(JSON.parse(fs.readFileSync('cases.json')))) {
  const got = {};
  for (const level of ['disabled', 'basic', 'all']) {
    const session = await ort.InferenceSession.create(file, {graphOptimizationLevel: level});
    const {y} = await session.run({x: new ort.Tensor('float32', new Float32Array(3 * rows).fill(1), [rows, 3])});
    got[level] = text(Array.from(y.data));
  }
  console.log(`${name}: right ${text(expected)}, disabled ${got.disabled}, all ${got.all}`);
  seen &&= got.disabled === text(expected) && got.basic === got.all && (got.all === text(expected)) === right;
}
process.exit(seen ? 0 : 1);
END
node run.mjs
