#!/usr/bin/env bash
# ONNX Runtime normalises a channel that is the same everywhere to NaN, where ONNX has 0.
# Library: ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0), on the CPU; the files are written by onnx 1.12.0 (Debian 12:
# python3-onnx 1.12.0-2+b4), whose definition of the function is run as well.
# Behaviour: MeanVarianceNormalization is a function in ONNX's definition: its body, which the package onnx holds, adds 1e-9 to the
# deviation before it divides by it, so that a constant channel becomes 0. ONNX Runtime's kernel divides by the deviation alone.
# A channel that a ReLU switched off, a black or a white picture are NaN everywhere, and so is all that is computed of them. Run as a
# graph of its own, the body gives 0 in the same program, and equals the kernel elsewhere. InstanceNormalization has an epsilon, and gives 0, too.
# Seen, 2026-12-01, the first channel of 1 2 3 4, the second of the same number:
#   MeanVarianceNormalization, 0: -1.342 -0.447 0.447 1.342, NaN NaN NaN NaN
#   ONNX's body, 0: -1.342 -0.447 0.447 1.342, 0 0 0 0
#   InstanceNormalization, 0: -1.342 -0.447 0.447 1.342, 0 0 0 0
#   MeanVarianceNormalization, 7: -1.342 -0.447 0.447 1.342, NaN NaN NaN NaN
#   ONNX's body, 7: -1.342 -0.447 0.447 1.342, 0 0 0 0
#   InstanceNormalization, 7: -1.342 -0.447 0.447 1.342, 0 0 0 0
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
ones, zeros = np.ones(2, np.float32), np.zeros(2, np.float32)


def body():
    """The nodes by which ONNX defines the function, with the axes that it has unless told otherwise."""
    nodes = []
    for part in onnx.defs.get_schema("MeanVarianceNormalization", 13).function_body.node:
        nodes.append(onnx.NodeProto.FromString(part.SerializeToString()))
        for attribute in nodes[-1].attribute:
            if attribute.ref_attr_name == "axes":
                attribute.CopyFrom(helper.make_attribute("axes", [0, 2, 3]))
    return nodes


nets = {"MeanVarianceNormalization": ([node("MeanVarianceNormalization", ["X"], ["Y"])], {}), "body": (body(), {}),
        "InstanceNormalization": ([node("InstanceNormalization", ["X", "scale", "bias"], ["Y"])], {"scale": ones, "bias": zeros})}
for name, (nodes, constants) in nets.items():
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 2, 2, 2]) for n in "XY")
    graph = helper.make_graph(nodes, "net", [x], [y], [numpy_helper.from_array(v, k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f"{name}.onnx")
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py

cat >run.mjs <<'JS'
import ort from 'onnxruntime-node';

const text = values => Array.from(values, v => `${+v.toFixed(3)}`).join(' ');
let seen = true;
for (const same of [0, 7])
  for (const [file, name, right] of [['MeanVarianceNormalization', 'MeanVarianceNormalization', false], ['body', "ONNX's body", true],
                                     ['InstanceNormalization', 'InstanceNormalization', true]]) {
    const session = await ort.InferenceSession.create(`${file}.onnx`);
    const {Y} = await session.run({X: new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4, same, same, same, same), [1, 2, 2, 2])});
    const first = text(Y.data.slice(0, 4)), second = text(Y.data.slice(4));
    console.log(`${name}, ${same}: ${first}, ${second}`);
    seen &&= first === '-1.342 -0.447 0.447 1.342' && second === (right ? '0 0 0 0' : 'NaN NaN NaN NaN');
  }
process.exit(seen ? 0 : 1);
JS
node run.mjs
