#!/usr/bin/env bash
# PyTorch's transposed convolution of bfloat16 on the CPU is a plain convolution: the map comes out smaller, not larger.
# Library: PyTorch 1.13.1 (Debian 12: python3-torch 1.13.1+dfsg-4), on a processor with AVX-512 (avx512bw), where it gives bfloat16
# to oneDNN.
# Behaviour: conv_transpose2d and ConvTranspose2d, the way up in a U-Net, a decoder or a deconvolution net, document their size,
# (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1, and float32 and bfloat16 alike. In bfloat16 the
# branch for oneDNN is taken before it is asked whether the convolution is transposed: the weights, whose first two axes are
# exchanged in a transposed one, are used for a plain convolution. With as many inputs as outputs that goes through: of stride 2 a
# map of 8 x 8 becomes 4 x 4 and not 16 x 16, of stride 1 with padding the size is right and all numbers are wrong. Elsewhere it
# is an error about channels or a kernel that is too large. No warning. conv2d of bfloat16 is right, so is all of float32, and torch.cpu.amp.autocast,
# which leaves this operation in float32.
# Seen, 2026-12-01:
#   conv2d of a spot with 1 to 9: float32 9 8 7 6 5 4 3 2 1 bfloat16 9 8 7 6 5 4 3 2 1
#   conv_transpose2d of a spot with 1 to 9: float32 1 2 3 4 5 6 7 8 9 bfloat16 9 8 7 6 5 4 3 2 1
#   stride 2, padding 0: float32 17 17 autocast 17 17 bfloat16 3 3 other numbers
#   stride 2, padding 1: float32 15 15 autocast 15 15 bfloat16 4 4 other numbers
#   stride 1, padding 1: float32 8 8 autocast 8 8 bfloat16 8 8 other numbers
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
grep -q avx512bw /proc/cpuinfo || { echo "this processor has no avx512bw: nothing to see"; exit 1; }
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-torch=1.13.1+dfsg-4

cat >transposed.py <<'PY'
import sys

import torch
import torch.nn.functional as F

seen = True
spot = torch.zeros(1, 1, 3, 3)
spot[0, 0, 1, 1] = 1
kernel = torch.arange(1.0, 10).reshape(1, 1, 3, 3)
for name, f, right in (("conv2d", F.conv2d, True), ("conv_transpose2d", F.conv_transpose2d, False)):
    whole, half = (f(spot.to(t), kernel.to(t), padding=1).flatten().tolist() for t in (torch.float32, torch.bfloat16))
    print(f"{name} of a spot with 1 to 9:", "float32", *(f"{v:g}" for v in whole), "bfloat16", *(f"{v:g}" for v in half))
    seen &= (whole == half) == right
for stride, padding in ((2, 0), (2, 1), (1, 1)):
    torch.manual_seed(0)
    layer = torch.nn.ConvTranspose2d(4, 4, 3, stride, padding)
    maps = torch.randn(1, 4, 8, 8)
    whole = layer(maps)
    with torch.cpu.amp.autocast():
        mixed = layer(maps)
    half = layer.bfloat16()(maps.bfloat16())
    near = whole.shape == half.shape and (whole - half).abs().max() < 0.1
    print(f"stride {stride}, padding {padding}: float32", *whole.shape[2:], "autocast", *mixed.shape[2:], "bfloat16", *half.shape[2:],
          "numbers near" if near else "other numbers")
    size = 7 * stride - 2 * padding + 3
    seen &= not near and whole.shape[2:] == mixed.shape[2:] == (size, size) and bool((whole - mixed).abs().max() < 0.1)
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s transposed.py
