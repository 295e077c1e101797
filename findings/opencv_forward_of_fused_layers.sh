#!/usr/bin/env bash
# OpenCV gives a map that nothing was written to for a batch norm that a program asks for by name.
# Library: OpenCV 4.6.0 (Debian 12: python3-opencv 4.6.0+dfsg-12), cv2.dnn; the files are written by onnx 1.12.0 (python3-onnx 1.12.0-2+b4).
# Behaviour: net.forward(name) is documented to run "forward pass to compute output of layer with name outputName", the way to
# the features that an explanation or a search for likenesses is made of. Of a convolution, a ReLU and a sum it gives that. A batch norm,
# or a scale for each channel, is folded into the convolution before it, and the numbers are then in the convolution's map; what
# is given for the batch norm is its own map, which has the right size and holds whatever it held. No error. Where several names are
# given at once it is right, and after enableFusion(False), which is true unless told otherwise.
# Seen, 2026-12-01, each layer asked for alone, whether its map is right:
#   OpenCV 4.6.0
#   convolution: right, with enableFusion(False) right
#   norm: wrong, with enableFusion(False) right
#   relu: right, with enableFusion(False) right
#   sum: right, with enableFusion(False) right
#   all four names at once: right right right right
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-opencv=4.6.0+dfsg-12 python3-onnx=1.12.0-2+b4

cat >forward.py <<'PY'
import sys

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(0)
kernels = random.normal(size=(4, 3, 3, 3)).astype(np.float32)
scale, offset, mean, variance = (random.uniform(0.5, 2, 4).astype(np.float32) for _ in range(4))
photograph = random.normal(size=(1, 3, 16, 16)).astype(np.float32)

nodes = [helper.make_node("Conv", ["x", "kernels"], ["a"], name="convolution", kernel_shape=[3, 3]),
         helper.make_node("BatchNormalization", ["a", "scale", "offset", "mean", "variance"], ["b"], name="norm"),
         helper.make_node("Relu", ["b"], ["c"], name="relu"),
         helper.make_node("Add", ["c", "c"], ["y"], name="sum")]
x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (("x", [1, 3, 16, 16]), ("y", [1, 4, 14, 14])))
weights = [numpy_helper.from_array(globals()[name], name) for name in ("kernels", "scale", "offset", "mean", "variance")]
model = helper.make_model(helper.make_graph(nodes, "net", [x], [y], weights), opset_imports=[helper.make_opsetid("", 11)])
onnx.checker.check_model(model, full_check=True)
file = np.frombuffer(model.SerializeToString(), np.uint8)

of_channels = (1, -1, 1, 1)
right = {"convolution": sum(np.einsum("oc,nchw->nohw", kernels[:, :, r, c], photograph[:, :, r:r + 14, c:c + 14]) for r in range(3) for c in range(3))}
right["norm"] = ((right["convolution"] - mean.reshape(of_channels)) / np.sqrt(variance.reshape(of_channels) + 1e-5) *
                 scale.reshape(of_channels) + offset.reshape(of_channels))
right["relu"] = np.maximum(right["norm"], 0)
right["sum"] = 2 * right["relu"]


def forward(names, fusion=None):
    """Whether each map is right, by a network that was read anew."""
    net = cv2.dnn.readNetFromONNX(file)
    if fusion is not None:
        net.enableFusion(fusion)
    layers = [next(layer for layer in net.getLayerNames() if layer.endswith(name)) for name in names]
    net.setInput(photograph)
    maps = net.forward(layers) if len(layers) > 1 else [net.forward(layers[0])]
    return [np.allclose(got, right[name], atol=1e-4) for name, got in zip(names, maps)]


seen = cv2.__version__ == "4.6.0"
print("OpenCV", cv2.__version__)
for name in right:
    alone, unfused = forward([name]), forward([name], False)
    print(f"{name}: {'right' if alone[0] else 'wrong'}, with enableFusion(False) {'right' if unfused[0] else 'wrong'}")
    seen &= alone[0] == (name != "norm") and unfused[0]
together = forward(list(right))
print("all four names at once:", *("right" if ok else "wrong" for ok in together))
sys.exit(0 if seen and all(together) else 1)
PY
"$T/root/usr/bin/python3.11" -E -s forward.py
