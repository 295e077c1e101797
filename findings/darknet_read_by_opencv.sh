#!/usr/bin/env bash
# OpenCV reads a darknet network's files and computes another network.
# Library: OpenCV 4.6.0 (Debian 12: python3-opencv 4.6.0+dfsg-12), beside darknet itself (darknet
# 0.0.0+git20180914.61c9d02e-2+b4).
# Behaviour: cv2.dnn.readNetFromDarknet reads darknet's .cfg and .weights. It was expected to give darknet's
# numbers or to refuse. It gives others, without a word, for
#   [connected] with batch_normalize=1   darknet's order is biases, weights, scales, means, variances; OpenCV reads the
#                                        weights last, and so mixes up all four
#   [softmax] temperature=2              the temperature is not read
#   [upsample] scale=0.5                 the scale is not read
#   [reorg] reverse=1                    not read: channels and cells in another order
#   a batch norm's variance of 1e-8      darknet divides by sqrt(v) + 1e-6, OpenCV by sqrt(v + 1e-6): a tenth
# The random layers have fixed seeds; a plain convolution with batch norm is the control.
# Seen, 2026-11-29, the largest difference between the two, relative to the largest output:
#   OpenCV 4.6.0
#   convolution and batch norm: 0.0000
#   connected with batch norm: 0.3403
#   softmax with a temperature: 0.8097
#   upsample with a scale: 1.0000
#   reorg in reverse: 1.1461
#   a variance of 1e-8: 0.8995
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-opencv=4.6.0+dfsg-12 darknet=0.0.0+git20180914.61c9d02e-2+b4

cat >both.py <<'END'
import ctypes
import os
import sys

import cv2
import numpy as np

chatter = os.dup(2)
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # darknet prints its layers there
darknet = ctypes.CDLL("root/usr/lib/darknet/libdarknet.so")
darknet.load_network.restype = ctypes.c_void_p
darknet.load_network.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
darknet.network_predict.restype = ctypes.POINTER(ctypes.c_float)
darknet.network_predict.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
random = np.random.RandomState(1)
size = 8


def uniform(*shape):
    return random.uniform(0.5, 1.5, shape)


def difference(layers, weights):
    """A network of 3 x 8 x 8 inputs in both: the largest difference, relative to darknet's largest output."""
    with open("net.cfg", "w") as cfg:
        cfg.write(f"[net]\nbatch=1\nsubdivisions=1\nchannels=3\nheight={size}\nwidth={size}\n\n" + layers)
    with open("net.weights", "wb") as file:
        file.write(np.int32([0, 2, 0]).tobytes() + np.uint64([0]).tobytes())
        file.write(np.concatenate([np.ravel(w) for w in weights]).astype(np.float32).tobytes())
    image = random.uniform(0, 1, (1, 3, size, size)).astype(np.float32)
    net = cv2.dnn.readNetFromDarknet("net.cfg", "net.weights")
    net.setInput(image)
    seen = net.forward().ravel().astype(np.float64)
    own = darknet.load_network(b"net.cfg", b"net.weights", 0)
    own = np.float64(darknet.network_predict(own, np.ascontiguousarray(image).ctypes.data)[:seen.size])
    return np.abs(seen - own).max() / np.abs(own).max()


def convolution(filters, normalised=False):
    return f"[convolutional]\nbatch_normalize={int(normalised)}\nfilters={filters}\nsize=3\nstride=1\npad=1\nactivation=linear\n\n"


kernels = [uniform(8), random.randn(8, 3, 3, 3)]
cases = {
    "convolution and batch norm": (convolution(8, True), [uniform(8), uniform(8), uniform(8), uniform(8), kernels[1]]),
    "connected with batch norm": ("[connected]\nbatch_normalize=1\noutput=5\nactivation=linear\n",
                                  [uniform(5), uniform(5, 3 * size * size), uniform(5), uniform(5), uniform(5)]),
    "softmax with a temperature": (convolution(8) + "[avgpool]\n\n[softmax]\ngroups=1\ntemperature=2\n", kernels),
    "upsample with a scale": (convolution(8) + "[upsample]\nstride=2\nscale=0.5\n", kernels),
    "reorg in reverse": (convolution(8) + "[reorg]\nstride=2\nreverse=1\n", kernels),
    "a variance of 1e-8": (convolution(1, True), [[0.0], [1.0], [0.0], [1e-8], kernels[1][:1]]),
}
results = {name: difference(*case) for name, case in cases.items()}
os.dup2(chatter, 2)
print("OpenCV", cv2.__version__)
for name, value in results.items():
    print(f"{name}: {value:.4f}")
control = results.pop("convolution and batch norm")
sys.exit(0 if control < 1e-5 and all(np.isfinite(value) and value >= 0.1 for value in results.values()) else 1)
END
"$T/root/usr/bin/python3.11" -E -s both.py
