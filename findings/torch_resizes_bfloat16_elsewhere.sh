#!/usr/bin/env bash
# PyTorch resizes bfloat16 maps with coordinates of 8 bits: pixels come from the wrong column, and a constant isn't constant.
# Library: PyTorch 1.13.1 (Debian 12: python3-torch 1.13.1+dfsg-4), torch.nn.functional.interpolate, on the CPU.
# Behaviour: bfloat16 has 8 bits for a pixel's value; where the pixel comes from is no value of the map, and was expected to be
# reckoned as for float32. The ratio of the sizes and the coordinates are bfloat16, too, which holds whole numbers up to 256:
#   nearest   in the usual order takes other pixels, up to 3 columns off in a row of 640, in channels_last the right ones: the
#             same tensor in two orders gives two results
#   bilinear  an edge moves by more than a pixel in either order
#   bicubic   the weights don't add up to 1: a map of ones has ripples of a tenth, and is 0.94 where its size is doubled
# Heads of networks for segmentation and heat maps that are brought to the picture's size go through these. No warning.
# Nearest and bilinear of a size that is doubled are right.
# Seen, 2026-12-01; where a row of w columns, resized to v, changes from 0 to 1, and a map of ones:
#   nearest, 512 to 1024: 818; bfloat16 818, channels_last 818
#   nearest, 640 to 427: 342; bfloat16 344, channels_last 342
#   bilinear, 512 to 1024: 818.0; bfloat16 818.0, channels_last 818.0
#   bilinear, 640 to 427: 341.6; bfloat16 343.0, channels_last 343.0
#   nearest, 640 to 427, columns that are not the right ones: bfloat16 330, channels_last 0, at most 3 off
#   bicubic, 64 to 128: a map of ones is 1.00 to 1.00; bfloat16 0.94 to 0.94
#   bicubic, 64 to 150: a map of ones is 1.00 to 1.00; bfloat16 0.91 to 1.09
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-torch=1.13.1+dfsg-4

cat >resize.py <<'PY'
import sys

import torch
from torch.nn import functional as F

torch.set_num_threads(1)
orders = (torch.contiguous_format, torch.channels_last)


def resized(row, width, mode):
    """A row of float32, and of bfloat16 in both orders."""
    x = row.view(1, 1, 1, -1).expand(1, 4, 1, -1)
    all_three = [x.clone()] + [x.bfloat16().contiguous(memory_format=order) for order in orders]
    return [F.interpolate(t, size=(1, width), mode=mode)[0, 0, 0].float() for t in all_three]


seen = True
for mode in ("nearest", "bilinear"):
    for w, v in ((512, 1024), (640, 427)):
        step = (torch.arange(w) >= int(0.8 * w)).float()
        at = [v - y.sum().item() for y in resized(step, v, mode)]
        form = "%.0f" if mode == "nearest" else "%.1f"
        print(f"{mode}, {w} to {v}: {form}; bfloat16 {form}, channels_last {form}" % tuple(at))
        right = [w == 512, w == 512 or mode == "nearest"]
        seen &= [abs(a - at[0]) < 0.1 for a in at[1:]] == right
# Which column each pixel came from: the column's number, in two parts that bfloat16 holds.
column = torch.arange(640)
low, high = (resized(part.float(), 427, "nearest") for part in (column % 128, column // 128))
right, usual, last = (a + 128 * b for a, b in zip(low, high))
off = [(y - right).abs() for y in (usual, last)]
print(f"nearest, 640 to 427, columns that are not the right ones: bfloat16 {int((off[0] > 0).sum())}, "
      f"channels_last {int((off[1] > 0).sum())}, at most {off[0].max():.0f} off")
seen &= off[0].max() > 1 and off[1].max() == 0
for v in (128, 150):
    ones = torch.ones(1, 1, 64, 64)
    exact, short = (F.interpolate(t, size=(v, v), mode="bicubic").float() for t in (ones, ones.bfloat16()))
    print(f"bicubic, 64 to {v}: a map of ones is {exact.min():.2f} to {exact.max():.2f}; "
          f"bfloat16 {short.min():.2f} to {short.max():.2f}")
    seen &= (exact - 1).abs().max() < 1e-4 and short.min() < 0.97 and (short.max() > 1.05) == (v == 150)
sys.exit(0 if seen else 1)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s resize.py
