#!/usr/bin/env bash
# SciPy's zoom loses the last row and column of a heat map at some sizes: 32 x 32 brought to 224 x 224 ends in zeros.
# Library: SciPy 1.10.1 (Debian 12: python3-scipy 1.10.1-2), ndimage.zoom.
# Behaviour: zoom maps the first and the last pixel of the old map onto the first and the last of the new one; what lies outside the
# map is cval, 0, with the default mode "constant". No pixel of the result is outside, so that of a constant map
# a constant one was expected, at every size. The last pixel's place is reckoned as its number times (old - 1) / (new - 1), and where
# that product is rounded up it is outside by the last bit: the pixel is 0, at every order, also for labels (order 0). By the two
# sizes alone it is so or not; a map of relevance has its lower and right edge removed, one of log probabilities a bright edge.
# No warning. What helps: mode="nearest".
# Seen, 2026-12-01, maps of ones, pixels that aren't 1 with order 0, 1 and 3, and with mode="nearest" and order 1:
#   SciPy 1.10.1
#   7 to 224: 0 0 0, nearest 0
#   14 to 224: 0 0 0, nearest 0
#   32 to 224: 447 447 447, nearest 0
#   12 to 300: 599 599 599, nearest 0
#   14 to 416: 831 831 831, nearest 0
#   28 to 384: 767 767 767, nearest 0
#   224 to 96: 191 191 191, nearest 0
#   32 to 448: 895 895 895, nearest 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-scipy=1.10.1-2

cat >zoom.py <<'PY'
import sys

import numpy as np
import scipy
from scipy import ndimage

seen = scipy.__version__ == "1.10.1"
print("SciPy", scipy.__version__)
for old, new in ((7, 224), (14, 224), (32, 224), (12, 300), (14, 416), (28, 384), (224, 96), (32, 448)):
    ones = np.ones((old, old))
    lost = []
    for order, mode in ((0, "constant"), (1, "constant"), (3, "constant"), (1, "nearest")):
        zoomed = ndimage.zoom(ones, new / old, order=order, mode=mode)
        wrong = ~np.isclose(zoomed, 1)
        seen &= zoomed.shape == (new, new) and not wrong[:-1, :-1].any() and not zoomed[wrong].any()
        lost.append(int(wrong.sum()))
    print(f"{old} to {new}: {lost[0]} {lost[1]} {lost[2]}, nearest {lost[3]}")
    seen &= lost == ([0] * 4 if old in (7, 14) and new == 224 else [2 * new - 1] * 3 + [0])
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s zoom.py
