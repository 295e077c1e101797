#!/usr/bin/env bash
# PyTorch folds a batch norm into a convolution that is used elsewhere, too: heads shared by several levels become others.
# Library: PyTorch 1.13.1 (Debian 12: python3-torch 1.13.1+dfsg-4), torch.fx.experimental.optimization.fuse and
# torch.utils.mobile_optimizer.optimize_for_mobile, on the CPU.
# Behaviour: both are documented to fold batch norms into the convolutions before them, for inference; other rounding was expected.
# A detector's head (RetinaNet's, EfficientDet's) is one convolution for all levels of a pyramid with a batch norm of its own for
# each, a siamese network has one for both pictures. The norm is folded into the shared weights all the same: the other
# levels have it as well, and the second norm that is folded comes on top of the first. fuse looks whether a call's result is used
# elsewhere, not whether the convolution is called again; optimize_for_mobile is right where each call has the same norm after it,
# fuse folds that one twice. No error, no warning. torch.jit.freeze, which folds too, is right in all of them. A convolution for each
# norm is the control.
# Seen, 2026-12-01, the largest difference to the network, relative to its largest output:
#   a convolution for each norm: fuse 0.000, optimize_for_mobile 0.000, freeze 0.000
#   a convolution, two norms: fuse 0.624, optimize_for_mobile 0.697, freeze 0.000
#   a norm after one of two calls: fuse 0.733, optimize_for_mobile 0.733, freeze 0.000
#   both called twice: fuse 0.643, optimize_for_mobile 0.000, freeze 0.000
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-torch=1.13.1+dfsg-4

cat >heads.py <<'PY'
import copy
import sys

import torch
from torch import nn
from torch.fx.experimental.optimization import fuse
from torch.utils.mobile_optimizer import optimize_for_mobile

torch.manual_seed(0)
torch.set_num_threads(1)


def norm():
    made = nn.BatchNorm2d(3)
    nn.init.uniform_(made.weight, 0.5, 2)
    nn.init.uniform_(made.bias, -1, 1)
    made.running_mean.uniform_(-1, 1)
    made.running_var.uniform_(0.5, 2)
    return made


class Head(nn.Module):
    """Parts for two levels of a pyramid."""

    def __init__(self):
        super().__init__()
        self.shared, self.other = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 3, padding=1)
        self.first, self.second = norm(), norm()


class Apart(Head):
    def forward(self, x, y):
        return self.first(self.shared(x)), self.second(self.other(y))


class TwoNorms(Head):
    def forward(self, x, y):
        return self.first(self.shared(x)), self.second(self.shared(y))


class OneNorm(Head):
    def forward(self, x, y):
        return self.first(self.shared(x)), self.shared(y)


class Twice(Head):
    def forward(self, x, y):
        return self.first(self.shared(x)), self.first(self.shared(y))


def error(net, fast, levels):
    with torch.no_grad():
        right, got = net(*levels), fast(*levels)
    return max(((a - b).abs().max() / a.abs().max()).item() for a, b in zip(right, got))


levels = torch.randn(1, 3, 16, 16), torch.randn(1, 3, 8, 8)
seen = torch.__version__.startswith("1.13")
for name, make, wrong in [("a convolution for each norm", Apart, []), ("a convolution, two norms", TwoNorms, ["fuse", "optimize_for_mobile"]),
                          ("a norm after one of two calls", OneNorm, ["fuse", "optimize_for_mobile"]), ("both called twice", Twice, ["fuse"])]:
    net = make().eval()
    errors = {"fuse": error(net, fuse(net), levels)}
    for how, f in [("optimize_for_mobile", optimize_for_mobile), ("freeze", torch.jit.freeze)]:
        errors[how] = error(net, f(torch.jit.script(copy.deepcopy(net))), levels)
    print(f"{name}: {', '.join(f'{how} {e:.3f}' for how, e in errors.items())}")
    seen &= all((e > 0.1) == (how in wrong) and (e > 0.1 or e < 1e-4) for how, e in errors.items())
sys.exit(0 if seen else 1)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread "$T/root/usr/bin/python3.11" -E -s -W ignore heads.py
