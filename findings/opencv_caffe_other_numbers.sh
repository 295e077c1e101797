#!/usr/bin/env bash
# OpenCV reads valid Caffe networks and leaves settings out: transposed weights, a deconvolution's dilation, Log's base.
# Library: OpenCV 4.6.0 (Debian 12: python3-opencv 4.6.0+dfsg-12), cv2.dnn.readNetFromCaffe.
# Behaviour: OpenCV has Caffe's own caffe.proto, whose comments say what each setting means, and refuses layers that it has no code
# for (Threshold, Reduction, Tile, SPP and others). Of these it parses the setting, and computes as if it weren't there, in silence:
#   InnerProduct   transpose: true, the weights are stored inputs x outputs. They are read as outputs x inputs: numbers at other
#                  places of the matrix, whatever its sides
#   Deconvolution  dilation, as for hole filters: the kernel's points stay together, and the map has another size
#   Log            base, scale and shift, log_base(shift + scale * x): the natural logarithm of x. Its opposite, Exp, has all three
# The expected values are numpy's, by caffe.proto; the same layers without the setting are the controls.
# Seen, 2026-12-01:
#   OpenCV 4.6.0
#   InnerProduct: 14 32, right 14 32
#   InnerProduct, transpose: 14 32, right 22 28
#   Deconvolution: 1 2 2 4 3 4 6 8 3 6 4 8 9 12 12 16, right 1 2 2 4 3 4 6 8 3 6 4 8 9 12 12 16
#   Deconvolution, dilation: 1 4 4 6 20 16 9 24 16, right 1 2 2 4 3 4 6 8 3 6 4 8 9 12 12 16
#   Exp, base 2, scale 2, shift 1: 8 32 512, right 8 32 512
#   Log: 0 0.6931 1.386, right 0 0.6931 1.386
#   Log, base 2, scale 2, shift 1: 0 0.6931 1.386, right 1.585 2.322 3.17
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-opencv=4.6.0+dfsg-12

cat >layers.py <<'PY'
import sys

import cv2
import numpy as np


def field(key, content):
    """A protobuf field of fewer than 128 bytes."""
    head = key << 3 | 2
    return (bytes([head]) if head < 128 else bytes([head & 127 | 128, head >> 7])) + bytes([len(content)]) + content


def weights(kind, array):
    """A .caffemodel of one layer: layer = 100, name = 1, type = 2, blobs = 7; of a blob data = 5, shape = 7."""
    blob = field(5, np.float32(array).tobytes()) + field(7, field(1, bytes(array.shape)))
    return field(100, field(1, b"y") + field(2, kind.encode()) + field(7, blob))


def computed(kind, settings, x, array=None):
    text = 'name: "net" input: "x" input_shape { ' + " ".join(f"dim: {d}" for d in x.shape) + " }\n"
    text += f'layer {{ name: "y" type: "{kind}" bottom: "x" top: "y" {settings} }}'
    net = cv2.dnn.readNetFromCaffe(text.encode(), *([] if array is None else [weights(kind, array)]))
    net.setInput(x)
    return net.forward()


seen = cv2.__version__ == "4.6.0"
print("OpenCV", cv2.__version__)


def told(name, got, right, same):
    global seen
    got, right = got.ravel(), right.ravel()
    print(f"{name}: {' '.join(f'{v:.4g}' for v in got)}, right {' '.join(f'{v:.4g}' for v in right)}")
    seen &= (len(got) == len(right) and np.allclose(got, right)) == same


x, matrix = np.float32([[1, 2, 3]]), np.float32([[1, 2, 3], [4, 5, 6]])
settings = "inner_product_param { num_output: 2 bias_term: false"
told("InnerProduct", computed("InnerProduct", settings + " }", x, matrix), x @ matrix.T, True)
turned = matrix.reshape(3, 2)  # inputs x outputs
told("InnerProduct, transpose", computed("InnerProduct", settings + " transpose: true }", x, turned), x @ turned, False)

x = kernel = np.float32([[1, 2], [3, 4]])


def deconvolved(stride, dilation):
    right = np.zeros((stride + dilation + 1,) * 2)
    for r in range(2):
        for c in range(2):
            rows, columns = np.ogrid[:2, :2]
            right[r * stride + rows * dilation, c * stride + columns * dilation] += x[r, c] * kernel
    return right


for name, stride, dilation in [("Deconvolution", 2, 1), ("Deconvolution, dilation", 1, 2)]:
    settings = "convolution_param { num_output: 1 bias_term: false kernel_size: 2 stride: %d dilation: %d }" % (stride, dilation)
    told(name, computed("Deconvolution", settings, x.reshape(1, 1, 2, 2), kernel.reshape(1, 1, 2, 2)),
         deconvolved(stride, dilation), dilation == 1)

x = np.float32([[1, 2, 4]])
settings = "{ base: 2 scale: 2 shift: 1 }"
told("Exp, base 2, scale 2, shift 1", computed("Exp", "exp_param " + settings, x), 2 ** (2 * x + 1), True)
told("Log", computed("Log", "", x), np.log(x), True)
told("Log, base 2, scale 2, shift 1", computed("Log", "log_param " + settings, x), np.log2(2 * x + 1), False)
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s layers.py
