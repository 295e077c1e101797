#!/usr/bin/env bash
# PyTorch's adaptive max-pool of bfloat16 says that the maximum is at another pixel, and sends the gradient there.
# Library: PyTorch 1.13.1 (Debian 12: python3-torch 1.13.1+dfsg-4), on the CPU.
# Behaviour: adaptive_max_pool1d and adaptive_max_pool2d (AdaptiveMaxPool2d(1) is the global maximum) give each window's largest number and, with
# return_indices, where it is. The numbers are right in float32 and in bfloat16. Of bfloat16 the place is counted in bfloat16
# too, whose 8 bits hold whole numbers up to 256: in a map of more than 256 pixels, 17 x 17 or larger, a place becomes the nearest one that
# has 8 bits, up to several rows away. max_unpool2d puts the number there, and the gradient goes there: a saliency map
# through a global maximum shows a pixel that the network did not look at. No warning. In channels_last, in float32, and
# with max_pool2d of the same window it is right.
# Seen, 2026-12-01, a spot in the last row but one and the last column but two; row and column by the indices, and of the gradient:
#   16 x 16, right 14,13: max_pool2d 14,13 and 14,13, float32 14,13 and 14,13, channels_last 14,13 and 14,13, bfloat16 14,13 and 14,13
#   17 x 17, right 15,14: max_pool2d 15,14 and 15,14, float32 15,14 and 15,14, channels_last 15,14 and 15,14, bfloat16 15,13 and 15,13
#   33 x 33, right 31,30: max_pool2d 31,30 and 31,30, float32 31,30 and 31,30, channels_last 31,30 and 31,30, bfloat16 32,0 and 32,0
#   56 x 56, right 54,53: max_pool2d 54,53 and 54,53, float32 54,53 and 54,53, channels_last 54,53 and 54,53, bfloat16 54,48 and 54,48
#   224 x 224, right 222,221: max_pool2d 222,221 and 222,221, float32 222,221 and 222,221, channels_last 222,221 and 222,221, bfloat16 222,192 and 222,192
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-torch=1.13.1+dfsg-4

cat >maxima.py <<'PY'
import sys

import torch
import torch.nn.functional as F


def pool(name, maps):
    return F.max_pool2d(maps, maps.shape[-1], return_indices=True) if name == "max_pool2d" else F.adaptive_max_pool2d(maps, 1, return_indices=True)


seen = True
for size in (16, 17, 33, 56, 224):
    spot = torch.zeros(1, 2, size, size)  # two channels, for one is in both orders at once
    spot[..., size - 2, size - 3] = 1
    right = (size - 2, size - 3)
    told = []
    for name, order, dtype in (("max_pool2d", torch.contiguous_format, torch.bfloat16), ("float32", torch.contiguous_format, torch.float32),
                               ("channels_last", torch.channels_last, torch.bfloat16), ("bfloat16", torch.contiguous_format, torch.bfloat16)):
        maps = spot.to(dtype).contiguous(memory_format=order).requires_grad_()
        values, indices = pool(name, maps)
        gradient, = torch.autograd.grad(values.sum(), maps)
        places = [divmod(int(place), size) for place in (indices.flatten()[0], gradient[0, 0].flatten().argmax())]
        told.append(f"{name} {places[0][0]},{places[0][1]} and {places[1][0]},{places[1][1]}")
        seen &= bool((values == 1).all()) and (places == [right, right]) == (name != "bfloat16" or size == 16)
    print(f"{size} x {size}, right {right[0]},{right[1]}:", ", ".join(told))
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s maxima.py
