#!/usr/bin/env bash
# OpenCV reads valid TensorFlow networks and computes something else: dilations are left out, 1 - x becomes x - 1.
# Library: OpenCV 4.6.0 (Debian 12: python3-opencv 4.6.0+dfsg-12), cv2.dnn.readNetFromTensorflow.
# Behaviour: a frozen GraphDef names each operation with its attributes, and TensorFlow's documentation says what they mean. OpenCV was
# expected to compute that, or to refuse a node as it does many ("Division of constant over variable" is one). Of these it says
# nothing:
#   Conv2D, DepthwiseConv2dNative   dilations aren't read: another receptive field, a larger map, in networks for segmentation
#   MatMul                          transpose_b isn't read: a square matrix is taken the other way round
#   MirrorPad                       mode SYMMETRIC is taken for REFLECT
#   Sub                             constant - x gives x - constant: the opposite sign
#   Sub, Add, Mul, RealDiv          a constant of the map's own shape (rows, columns, channels) is laid over the map as it is
#                                   stored, over channels, rows, columns: a mean picture, a position's encoding
#   Reshape                         to one row of all pixels, (1, 1, pixels, channels): channels are scrambled; to one column
#                                   it is right
# A plain convolution and a constant for each channel are the controls. The files are written here byte by byte; the expected
# values are numpy's, by the definitions.
# Seen, 2026-12-01:
#   OpenCV 4.6.0
#   Conv2D: 44 54 64 84 94 104 124 134 144, right 44 54 64 84 94 104 124 134 144
#   Conv2D, dilations 2: 44 54 64 84 94 104 124 134 144, right 78 88 118 128
#   DepthwiseConv2dNative, dilations 2: 44 54 64 84 94 104 124 134 144, right 78 88 118 128
#   MatMul: 80 90 100 110, right 80 90 100 110
#   MatMul, transpose_b: 80 90 100 110, right 20 60 100 140
#   MirrorPad, REFLECT: 2 1 2 3 4 3 2, right 2 1 2 3 4 3 2
#   MirrorPad, SYMMETRIC: 2 1 2 3 4 3 2, right 1 1 2 3 4 4 3
#   x - 2: -1 1 3 5 7 9 0 2 4 6 8 10, right -1 1 3 5 7 9 0 2 4 6 8 10
#   2 - x: -1 1 3 5 7 9 0 2 4 6 8 10, right 1 -1 -3 -5 -7 -9 0 -2 -4 -6 -8 -10
#   x - a number for each channel: 0 2 4 6 8 10 -8 -6 -4 -2 0 2, right 0 2 4 6 8 10 -8 -6 -4 -2 0 2
#   x - a map of the same numbers: 0 1 2 3 4 5 -5 -4 -3 -2 -1 0, right 0 0 0 0 0 0 0 0 0 0 0 0
#   Reshape to a column: 1 3 5 7 9 11 2 4 6 8 10 12, right 1 3 5 7 9 11 2 4 6 8 10 12
#   Reshape to a row: 1 2 3 4 5 6 7 8 9 10 11 12, right 1 3 5 7 9 11 2 4 6 8 10 12
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-opencv=4.6.0+dfsg-12

cat >graphs.py <<'PY'
import sys

import cv2
import numpy as np


def number(n):
    """A protobuf varint."""
    low = bytes([n & 127 | (128 if n > 127 else 0)])
    return low + number(n >> 7) if n > 127 else low


def field(key, content):
    if isinstance(content, int):
        return number(key << 3) + number(content)
    return number(key << 3 | 2) + number(len(content)) + content


TYPES = {"float32": 1, "int32": 3}


def value(v):
    """An AttrValue."""
    if isinstance(v, bool):
        return field(5, int(v))
    if isinstance(v, str):
        return field(6, TYPES[v]) if v in TYPES else field(2, v.encode())
    if isinstance(v, list):
        return field(1, field(3, b"".join(map(number, v))))
    shape = b"".join(field(2, field(1, d)) for d in v.shape)
    return field(8, field(1, TYPES[str(v.dtype)]) + field(2, shape) + field(4, v.tobytes()))


def node(name, op, inputs=(), **attributes):
    """A NodeDef of a GraphDef."""
    return field(1, field(1, name.encode()) + field(2, op.encode()) + b"".join(field(3, i.encode()) for i in inputs) +
                 b"".join(field(5, field(1, k.encode()) + field(2, value(v))) for k, v in attributes.items()))


def constant(name, v):
    return node(name, "Const", dtype=str(v.dtype), value=v)


def computed(x, *nodes):
    net = cv2.dnn.readNetFromTensorflow(node("x", "Placeholder", dtype="float32") + b"".join(nodes))
    net.setInput(x.transpose(0, 3, 1, 2) if x.ndim == 4 else x)  # OpenCV keeps maps as channels, rows, columns
    return net.forward()


def right_of(v):
    return v.transpose(0, 3, 1, 2) if v.ndim == 4 else v


seen = cv2.__version__ == "4.6.0"
print("OpenCV", cv2.__version__)


def told(name, got, right, same):
    global seen
    got, right = got.ravel(), right_of(right).ravel()
    print(f"{name}: {' '.join(f'{v:g}' for v in got)}, right {' '.join(f'{v:g}' for v in right)}")
    seen &= (len(got) == len(right) and np.allclose(got, right)) == same


T = {"T": "float32"}
nhwc = {"data_format": "NHWC", "strides": [1, 1, 1, 1], "padding": "VALID", **T}
square = np.arange(1, 17, dtype=np.float32).reshape(1, 4, 4, 1)
kernel = np.arange(1, 5, dtype=np.float32).reshape(2, 2, 1, 1)


def convolved(d):
    n = 4 - d
    return sum(kernel[r, c, 0, 0] * square[:, r * d:r * d + n, c * d:c * d + n] for r in range(2) for c in range(2))


for op, d in [("Conv2D", 1), ("Conv2D", 2), ("DepthwiseConv2dNative", 2)]:
    got = computed(square, constant("k", kernel), node("y", op, ["x", "k"], dilations=[1, d, d, 1], **nhwc))
    told(op + (f", dilations {d}" if d > 1 else ""), got, convolved(d), d == 1)

vector, matrix = np.float32([[1, 2, 3, 4]]), np.arange(16, dtype=np.float32).reshape(4, 4)
for turned in [False, True]:
    got = computed(vector, constant("m", matrix), node("y", "MatMul", ["x", "m"], transpose_a=False, transpose_b=turned, **T))
    told("MatMul" + ", transpose_b" * turned, got, vector @ (matrix.T if turned else matrix), not turned)

row, pads = square[:, :1], np.int32([[0, 0], [0, 0], [1, 2], [0, 0]])
for mode in ["REFLECT", "SYMMETRIC"]:
    got = computed(row, constant("p", pads), node("y", "MirrorPad", ["x", "p"], mode=mode, Tpaddings="int32", **T))
    told(f"MirrorPad, {mode}", got, np.pad(row, pads, mode=mode.lower()), mode == "REFLECT")

# The pool of single pixels tells OpenCV the layout, as any layer of a network does.
maps = np.arange(1, 13, dtype=np.float32).reshape(1, 2, 3, 2)
pool = node("m", "MaxPool", ["x"], ksize=[1, 1, 1, 1], **nhwc)
for name, c, first, same in [("x - 2", np.float32(2), False, True), ("2 - x", np.float32(2), True, False),
                             ("x - a number for each channel", np.float32([1, 10]), False, True),
                             ("x - a map of the same numbers", maps, False, False)]:
    c = np.asarray(c)
    got = computed(maps, pool, constant("c", c), node("y", "Sub", ["c", "m"] if first else ["m", "c"], **T))
    told(name, got, c - maps if first else maps - c, same)

for name, shape, same in [("column", [1, 6, 1, 2], True), ("row", [1, 1, 6, 2], False)]:
    got = computed(maps, pool, constant("s", np.int32(shape)), node("y", "Reshape", ["m", "s"], Tshape="int32", **T))
    told(f"Reshape to a {name}", got, maps.reshape(shape), same)
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s graphs.py
