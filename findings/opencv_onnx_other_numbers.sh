#!/usr/bin/env bash
# OpenCV reads valid ONNX networks and computes something else: attributes and the order of operands are left out in silence.
# Library: OpenCV 4.6.0 (Debian 12: python3-opencv 4.6.0+dfsg-12); files written by onnx 1.12.0 (python3-onnx 1.12.0-2+b4).
# Behaviour: cv2.dnn.readNetFromONNX was expected to compute what ONNX defines or to refuse a node. Of the networks below, all
# accepted by onnx's full check, it computes each without a word, and gives
#   constant / map  the map divided by the constant: operands are exchanged where the constant has an axis
#   map + plane     a plane of one channel (1, 1, h, w) added to every channel: its values in other cells
#   Gemm            alpha * A * B + beta * C: without alpha and beta
#   MaxPool         dilations: undilated, and of another size than the file says
#   AveragePool     count_include_pad = 1: as if it were 0
#   AveragePool     auto_pad = SAME_LOWER: padded as SAME_UPPER
#   Softmax         without an axis, opset 13, whose default is the last: over axis 1
#   Softplus        of 90: infinity
# The expected values are numpy's, by the definitions.
# Seen, 2026-11-29:
#   OpenCV 4.6.0
#   constant_divided: [0.125 0.25  0.5   1.   ] of shape (1, 4, 1, 1), right [8. 4. 2. 1.] of shape (1, 4, 1, 1)
#   plane_added: [1. 1. 2. 2. 3. 3.] of shape (1, 2, 2, 2), right [1. 2. 3. 4. 1. 2.] of shape (1, 2, 2, 2)
#   gemm: [25.] of shape (1, 1), right [37.5] of shape (1, 1)
#   max_pool_dilated: [ 8.  9. 10. 11. 12. 14.] of shape (1, 1, 5, 5), right [22. 23. 24. 28. 29. 30.] of shape (1, 1, 3, 3)
#   average_counts_padding: [ 4.5  6.   8.  13.5 15.  17. ] ..., right [ 2.     4.     5.333  9.    15.    17.   ] ...
#   same_lower: [4.5 5.5 6.5 7.5 8.5 9. ] of shape (1, 1, 6, 6), right [1.  1.5 2.5 3.5 4.5 5.5] of shape (1, 1, 6, 6)
#   softmax_last_axis: [0.167 0.25  0.3   0.333 0.833 0.75 ] ..., right [0.333 0.667 0.429 0.571 0.455 0.545] ...
#   softplus: [ 1.313 20.    50.       inf] of shape (1, 4, 1, 1), right [ 1.313 20.    50.    90.   ] of shape (1, 4, 1, 1)
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-opencv=4.6.0+dfsg-12 python3-onnx=1.12.0-2+b4

cat >nets.py <<'END'
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def write(name, node, x, right, constants):
    """A network of one node, its input and what it should give."""
    f = TensorProto.FLOAT
    graph = helper.make_graph([node], "net", [helper.make_tensor_value_info("x", f, x.shape)],
                              [helper.make_tensor_value_info("y", f, right.shape)],
                              [numpy_helper.from_array(np.float32(v), k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, name + ".onnx")
    np.savez(name + ".npz", x=x, right=right)


def windows(x, size, stride, dilation, before, after, value):
    """All windows (rows, columns, cells) of a map that is padded."""
    x = np.pad(x, ((before, after), (before, after)), constant_values=value)
    reach = (size - 1) * dilation + 1
    starts = range(0, len(x) - reach + 1, stride)
    return np.array([[x[r:r + reach:dilation, c:c + reach:dilation].ravel() for c in starts] for r in starts])


N = helper.make_node
row = np.float32([1, 2, 4, 8])
channels = row.reshape(1, 4, 1, 1)
write("constant_divided", N("Div", ["c", "x"], ["y"]), channels, 8 / channels, {"c": np.full((4, 1, 1), 8)})
plane = np.float32([[1, 2], [3, 4]]).reshape(1, 1, 2, 2)
write("plane_added", N("Add", ["x", "c"], ["y"]), np.zeros((1, 2, 2, 2), np.float32), np.repeat(plane, 2, 1), {"c": plane})
write("gemm", N("Gemm", ["x", "b", "c"], ["y"], alpha=0.5, beta=3.0, transB=1), row.reshape(1, 4), np.float32([[0.5 * 15 + 3 * 10]]),
      {"b": np.ones((1, 4)), "c": [10]})
square = np.arange(1, 37, dtype=np.float32).reshape(6, 6)
x = square.reshape(1, 1, 6, 6)
dilated = windows(square, 2, 1, 3, 0, 0, 0).max(2)
write("max_pool_dilated", N("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], dilations=[3, 3]), x, dilated[None, None], {})
mean = windows(square, 3, 2, 1, 1, 0, 0).mean(2)
write("average_counts_padding", N("AveragePool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 0], count_include_pad=1), x,
      mean[None, None], {})
lower = windows(square, 2, 1, 1, 1, 0, np.nan)
write("same_lower", N("AveragePool", ["x"], ["y"], kernel_shape=[2, 2], auto_pad="SAME_LOWER"), x, np.nanmean(lower, 2)[None, None], {})
logits = np.log(np.arange(1, 9, dtype=np.float32)).reshape(1, 2, 2, 2)
write("softmax_last_axis", N("Softmax", ["x"], ["y"]), logits, np.exp(logits) / np.exp(logits).sum(-1, keepdims=True), {})
high = np.float32([1, 20, 50, 90]).reshape(1, 4, 1, 1)
write("softplus", N("Softplus", ["x"], ["y"]), high, np.logaddexp(0, high), {})
END
cat >read.py <<'END'
import sys

import cv2
import numpy as np

np.set_printoptions(precision=3, suppress=True)
seen = []
print("OpenCV", cv2.__version__)
for name in ("constant_divided", "plane_added", "gemm", "max_pool_dilated", "average_counts_padding", "same_lower", "softmax_last_axis",
             "softplus"):
    case = np.load(name + ".npz")
    net = cv2.dnn.readNetFromONNX(name + ".onnx")
    net.setInput(case["x"])
    got, right = net.forward(), case["right"]
    seen.append(got.size != right.size or not np.allclose(got.ravel(), right.ravel(), rtol=1e-3))
    print(f"{name}: {got.ravel()[:6]} of shape {got.shape}, right {right.ravel()[:6]} of shape {right.shape}")
sys.exit(0 if all(seen) else 1)
END
for script in nets.py read.py; do "$T/root/usr/bin/python3.11" -E -s $script; done
