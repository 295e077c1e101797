#!/usr/bin/env bash
# PyTorch's faster copies of a network compute another network: averages at the border, padding modes.
# Library: PyTorch 1.13.1 (Debian 12: python3-torch 1.13.1+dfsg-4), torch.jit.optimize_for_inference and
# torch.utils.mkldnn.to_mkldnn, on the CPU.
# Behaviour: both are documented to optimise a network for inference; other rounding was expected, and an error where oneDNN has
# no such layer, as there is for a dilated max-pool. Of these they say nothing:
#   AvgPool2d(ceil_mode=True)   windows that reach over the edge (a map of even size, 3 x 3 with stride 2, as in GoogLeNet and
#                               SqueezeNet) are divided by their full size, where PyTorch counts what lies inside:
#                               the last row and column are too small, the corner has 4 ninths. In both copies
#   Conv2d(padding_mode=...)    "circular" and "reflect" become zeros. In to_mkldnn's copy
# The same without ceil_mode, and padding with zeros, are right in both, and so is torch.jit.freeze alone. What is
# explained with one copy is then not what runs in the other.
# Seen, 2026-12-01, a map of ones, 6 x 6, its last row; the convolution adds up three neighbours of 1 2 3 4 5 6:
#   average: PyTorch 1.00 1.00, freeze 1.00 1.00, optimize_for_inference 1.00 1.00, to_mkldnn 1.00 1.00
#   average, ceil_mode: PyTorch 1.00 1.00 1.00, freeze 1.00 1.00 1.00, optimize_for_inference 0.67 0.67 0.44, to_mkldnn 0.67 0.67 0.44
#   padding zeros: PyTorch 3 6 9 12 15 11, freeze 3 6 9 12 15 11, optimize_for_inference 3 6 9 12 15 11, to_mkldnn 3 6 9 12 15 11
#   padding circular: PyTorch 9 6 9 12 15 12, freeze 9 6 9 12 15 12, optimize_for_inference 9 6 9 12 15 12, to_mkldnn 3 6 9 12 15 11
#   padding reflect: PyTorch 5 6 9 12 15 16, freeze 5 6 9 12 15 16, optimize_for_inference 5 6 9 12 15 16, to_mkldnn 3 6 9 12 15 11
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-torch=1.13.1+dfsg-4

cat >copies.py <<'PY'
import sys
import warnings

import torch
from torch import nn
from torch.utils import mkldnn

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def average(ceil_mode):
    """A convolution that changes nothing, so that the copies have something to work on, and the pool."""
    same = nn.Conv2d(1, 1, 1, bias=False)
    same.weight.data.fill_(1)
    return nn.Sequential(same, nn.AvgPool2d(3, 2, ceil_mode=ceil_mode)), torch.ones(1, 1, 6, 6), "%.2f"


def sums(mode):
    layer = nn.Conv2d(1, 1, (1, 3), padding=(0, 1), padding_mode=mode, bias=False)
    layer.weight.data.fill_(1)
    return nn.Sequential(layer), torch.arange(1.0, 7.0).view(1, 1, 1, 6), "%.0f"


copies = {
    "freeze": lambda net, x: torch.jit.freeze(torch.jit.trace(net, x))(x),
    "optimize_for_inference": lambda net, x: torch.jit.optimize_for_inference(torch.jit.trace(net, x))(x),
    "to_mkldnn": lambda net, x: mkldnn.to_mkldnn(net)(x.to_mkldnn()).to_dense(),
}
nets = {  # and which copies are wrong
    "average": (average(False), []),
    "average, ceil_mode": (average(True), ["optimize_for_inference", "to_mkldnn"]),
    "padding zeros": (sums("zeros"), []),
    "padding circular": (sums("circular"), ["to_mkldnn"]),
    "padding reflect": (sums("reflect"), ["to_mkldnn"]),
}
seen = True
for name, ((net, x, form), wrong) in nets.items():
    with torch.no_grad():
        right = net.eval()(x)
        got = {copy: make(net, x) for copy, make in copies.items()}
    told = lambda y: " ".join(form % v for v in y[0, 0, -1].tolist())
    print(f"{name}: PyTorch {told(right)}, " + ", ".join(f"{copy} {told(y)}" for copy, y in got.items()))
    for copy, y in got.items():
        seen &= torch.allclose(y, right, atol=1e-4) == (copy not in wrong)
sys.exit(0 if seen else 1)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s copies.py
