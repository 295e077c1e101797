#!/usr/bin/env bash
# scikit-image makes classes that nobody drew when it makes a label map smaller by nearest neighbours, and drops a map of 0..1 as background.
# Library: scikit-image 0.19.3 (Debian 12: python3-skimage 0.19.3-8), transform.resize and measure.label.
# Behaviour: order=0 is documented as nearest neighbour, with preserve_range the numbers stay as they are, and the labels of the map were expected,
# each from one of its pixels. resize blurs the map first, integers too (anti_aliasing, on for all types but bool unless it is switched off),
# and cuts the blurred numbers to integers: between the background, 0, and class 7 there are pixels of classes 1 to 6. Enlarging is
# right. measure.label is documented for integers, takes floats without a word and cuts them to integers before it compares: a heat
# map of 0..1, or an alpha mask, has no region at all, and 1.2 and 1.9 are one. bool is right, as SciPy's label is. What
# helps: anti_aliasing=False, and a threshold before label.
# Seen, 2026-12-01, a map of 224 x 224 with classes 2 and 7:
#   scikit-image 0.19.3
#   448 x 448: classes 0 2 7 (0 pixels of others), without anti_aliasing 0 2 7
#   112 x 112: classes 0 1 2 5 6 7 (325 pixels of others), without anti_aliasing 0 2 7
#   56 x 56: classes 0 1 2 4 5 6 7 (247 pixels of others), without anti_aliasing 0 2 7
#   28 x 28: classes 0 1 2 3 4 5 6 7 (134 pixels of others), without anti_aliasing 0 2 7
#   regions of 0.9 0.8, 0.4 and 1.2 1.9: 1, of the same above 0: 3, SciPy 3
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-skimage=0.19.3-8

cat >labels.py <<'PY'
import sys

import numpy as np
import skimage
from scipy import ndimage
from skimage import measure, transform

classes = np.zeros((224, 224), np.uint8)
classes[50:150, 60:160] = 2
classes[100:200, 120:200] = 7
seen = skimage.__version__ == "0.19.3"
print("scikit-image", skimage.__version__)
for side in (448, 112, 56, 28):
    as_it_is = transform.resize(classes, (side, side), order=0, preserve_range=True)
    switched_off = transform.resize(classes, (side, side), order=0, preserve_range=True, anti_aliasing=False)
    strangers = int((~np.isin(as_it_is, (0, 2, 7))).sum())
    print(f"{side} x {side}: classes {' '.join(map(str, np.unique(as_it_is)))} ({strangers} pixels of others), "
          f"without anti_aliasing {' '.join(map(str, np.unique(switched_off)))}")
    seen &= as_it_is.dtype == np.uint8 and set(np.unique(switched_off)) == {0, 2, 7} and (strangers > 0) == (side < 224)
alpha = np.float32([[0.9, 0.8, 0, 0], [0, 0, 0, 1.2], [0.4, 0, 0, 1.9]])
regions = [int(measure.label(array).max()) for array in (alpha, alpha > 0)] + [ndimage.label(alpha)[1]]
print(f"regions of 0.9 0.8, 0.4 and 1.2 1.9: {regions[0]}, of the same above 0: {regions[1]}, SciPy {regions[2]}")
sys.exit(0 if seen and regions == [1, 3, 3] else 1)
PY
"$T/root/usr/bin/python3.11" -E -s labels.py
