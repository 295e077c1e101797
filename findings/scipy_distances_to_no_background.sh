#!/usr/bin/env bash
# SciPy's distance transform of a mask without background measures to a place outside the picture.
# Library: SciPy 1.10.1 (Debian 12: python3-scipy 1.10.1-2), ndimage.distance_transform_edt.
# Behaviour: documented is each pixel's distance to the closest background element, and its index. Evaluations ask so how far a
# heat map's peak is from the object, losses how far a pixel is from a border. Where there is no background (a photograph without the
# object, an object that fills a crop) infinity or an error was expected; of the same module distance_transform_bf has 1e154
# and distance_transform_cdt -1. edt gives distances as if one background pixel were above the upper left one, at row -1, column 0:
# small numbers, right by their looks, that grow to the lower right and so say where in the picture something is. A mean over a
# data set takes them in. No warning; only the indices, if they are asked for, tell: -1 is the last row for numpy. What helps:
# mask.all() before. Where there is background it is right.
# Seen, 2026-12-01:
#   SciPy 1.10.1
#   edt, no background: 1.00 1.41 2.24 2.00 2.24 2.83 3.00 3.16 3.61, closest -1,0
#   bf, no background: 1.3e+154 for all; cdt: -1 for all
#   edt, background at 2,2: 2.83 2.24 2.00 2.24 1.41 1.00 2.00 1.00 0.00, closest 2,2
#   peak of a heat map at 10,10 of 224 x 224, from an object that is not there: 14.9; a peak at 200,200: 283.6
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-scipy=1.10.1-2 python3-numpy=1:1.24.2-1+deb12u1

cat >distances.py <<'END'
import sys
import warnings

import numpy as np
import scipy
from scipy import ndimage

warnings.simplefilter("error")
print("SciPy", scipy.__version__)


def edt(name, mask):
    """Distances, and the background's place that is closest to the first pixel."""
    distances, places = ndimage.distance_transform_edt(mask, return_indices=True)
    closest = tuple(int(axis.flat[0]) for axis in places)
    print(f"edt, {name}:", *(f"{v:.2f}" for v in distances.ravel()), end=f", closest {closest[0]},{closest[1]}\n")
    return distances, closest


full = np.ones((3, 3))
rows, columns = np.mgrid[:3, :3]
without, nowhere = edt("no background", full)
brute, chamfer = ndimage.distance_transform_bf(full), ndimage.distance_transform_cdt(full)
print(f"bf, no background: {brute.min():.1e} for all; cdt: {chamfer.max()} for all")
corner = full.copy()
corner[2, 2] = 0
right, somewhere = edt("background at 2,2", corner)
target = np.zeros((224, 224), bool)  # no object in this photograph
far = ndimage.distance_transform_edt(~target)
print(f"peak of a heat map at 10,10 of 224 x 224, from an object that is not there: {far[10, 10]:.1f}; a peak at 200,200: {far[200, 200]:.1f}")
seen = nowhere == (-1, 0) and np.allclose(without, np.hypot(rows + 1, columns)) and brute.min() > 1e100 and (chamfer == -1).all()
seen &= np.isclose(far[10, 10], np.hypot(11, 10)) and np.isclose(far[200, 200], np.hypot(201, 200))
sys.exit(0 if seen and somewhere == (2, 2) and np.allclose(right, np.hypot(rows - 2, columns - 2)) else 1)
END
"$T/root/usr/bin/python3.11" -E -s distances.py
