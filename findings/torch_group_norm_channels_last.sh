#!/usr/bin/env bash
# PyTorch's group norm does not normalise a bfloat16 map in channels_last, and the larger the map, the less.
# Library: PyTorch 1.13.1 (Debian 12: python3-torch 1.13.1+dfsg-4), on the CPU.
# Behaviour: group_norm is documented to subtract each group's mean and to divide by its deviation, in float32 and in bfloat16;
# channels_last is another order in memory of the same tensor, recommended for bfloat16 on the CPU. What comes out was expected
# to have mean 0 and deviation 1. In the usual order it has. In channels_last the sums of a group are kept in bfloat16's 8
# bits, so that they stop to grow once there are some hundreds of pixels: of a map of 64 x 64 with mean 2, the mean that is left is
# above 1, and a map of 112 x 112 around 0 has twice its deviation. No error, no warning. In float32 the same order loses digits:
# of a map with mean 100 it is wrong by some per cent, the usual order by some millionths. batch_norm and layer_norm of the same
# bfloat16 tensors are right.
# Seen, 2026-12-01, maps of 16 channels in 4 groups:
#   bfloat16, mean 0, 8 x 8: mean 0.00, deviation 1.00; channels_last: mean -0.00, deviation 1.00, largest error 0.02
#   bfloat16, mean 0, 64 x 64: mean -0.00, deviation 1.00; channels_last: mean 0.00, deviation 1.43, largest error 1.96
#   bfloat16, mean 0, 112 x 112: mean -0.00, deviation 1.01; channels_last: mean 0.00, deviation 2.16, largest error 5.43
#   bfloat16, mean 2, 8 x 8: mean 0.00, deviation 1.00; channels_last: mean -0.00, deviation 1.00, largest error 0.01
#   bfloat16, mean 2, 64 x 64: mean 0.01, deviation 1.00; channels_last: mean 1.36, deviation 0.86, largest error 1.97
#   bfloat16, mean 2, 112 x 112: mean 0.00, deviation 1.00; channels_last: mean 2.31, deviation 1.26, largest error 3.52
#   float32, mean 100, 112 x 112: largest error 0.000006; channels_last: 0.0247
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-torch=1.13.1+dfsg-4

cat >norms.py <<'PY'
import sys

import torch
from torch.nn import functional as F

torch.set_num_threads(1)


def normalised(x, norm):
    """The norm in both orders, and each one's largest error."""
    right = norm(x.double())
    both = [norm(x.contiguous(memory_format=order)).double() for order in (torch.contiguous_format, torch.channels_last)]
    return both, [(y - right).abs().max().item() for y in both]


seen = True
for mean in (0, 2):
    for size in (8, 64, 112):
        torch.manual_seed(0)
        x = (torch.randn(1, 16, size, size) + mean).bfloat16()
        (usual, last), errors = normalised(x, lambda t: F.group_norm(t, 4))
        print(f"bfloat16, mean {mean}, {size} x {size}: mean {usual.mean():.2f}, deviation {usual.std():.2f}; channels_last: "
              f"mean {last.mean():.2f}, deviation {last.std():.2f}, largest error {errors[1]:.2f}")
        seen &= errors[0] < 0.1 and (errors[1] < 0.1 if size == 8 else errors[1] > 0.5)
        seen &= mean == 0 or size == 8 or last.mean() > 0.3
        for norm in (lambda t: F.batch_norm(t, None, None, training=True), lambda t: F.layer_norm(t, (size, size))):
            seen &= max(normalised(x, norm)[1]) < 0.1
x = torch.randn(1, 16, 112, 112) + 100
_, errors = normalised(x, lambda t: F.group_norm(t, 4))
print(f"float32, mean 100, 112 x 112: largest error {errors[0]:.6f}; channels_last: {errors[1]:.4f}")
seen &= errors[0] < 1e-4 and errors[1] > 5e-3
sys.exit(0 if seen else 1)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s norms.py
