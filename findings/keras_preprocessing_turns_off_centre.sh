#!/usr/bin/env bash
# Keras' preprocessing turns and zooms pictures about a point that isn't their middle: every rotation moves what is in them.
# Library: Keras-Preprocessing 1.1.0 (Debian 12: python3-keras-preprocessing 1.1.0+ds-1), as tf.keras had it, apply_affine_transform and
# ImageDataGenerator; beside SciPy 1.10.1 (python3-scipy 1.10.1-2), ndimage.rotate, on which it is built.
# Behaviour: theta is documented as the "rotation angle in degrees"; a shift has arguments of its own. Half a turn of a map is the map read
# backwards, a quarter is numpy.rot90, and a zoom leaves the middle where it is. The middle of n pixels is (n - 1) / 2 where the first one
# is at 0. transform_matrix_offset_center takes n / 2 + 0.5, a whole pixel too much: half a turn moves a map by two pixels to the right
# and down and repeats the border, a quarter by two in one direction, a zoom by two by one. Masks and boxes that are turned by
# other means no longer lie on their objects; small maps lose a row and a column on two sides. The same in both orders of channels.
# Later versions have n / 2 - 0.5.
# Seen, 2026-12-01; a map of 5 x 5 with 9 in its middle, whose first pixel is 1; where the 9 is afterwards (its row, its column):
#   Keras-Preprocessing 1.1.0
#   0 degrees: (2, 2), channels first (2, 2), SciPy (2, 2), the upper row [1.0, 0.0, 0.0, 0.0, 0.0]
#   90 degrees: (2, 4), channels first (2, 4), SciPy (2, 2), the upper row [0.0, 0.0, 0.0, 0.0, 0.0]
#   180 degrees: (4, 4), channels first (4, 4), SciPy (2, 2), the upper row [0.0, 0.0, 0.0, 0.0, 0.0]
#   270 degrees: (4, 2), channels first (4, 2), SciPy (2, 2), the upper row [0.0, 0.0, 0.0, 0.0, 0.0]
#   a spot in the middle, 4 4, of 9 x 9, zoomed twofold: its centre at 3 3
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-keras-preprocessing=1.1.0+ds-1 python3-numpy python3-pil python3-scipy=1.10.1-2

cat >turn.py <<'PY'
import sys

import keras_preprocessing
import numpy as np
from keras_preprocessing.image import ImageDataGenerator, apply_affine_transform
from scipy import ndimage

place = np.zeros((5, 5), np.float32)
place[2, 2], place[0, 0] = 9, 1
print("Keras-Preprocessing", keras_preprocessing.__version__)


def middle(map_):
    """Where the 9 is."""
    return tuple(int(x) for x in np.unravel_index(map_.argmax(), map_.shape))


seen = True
for angle in (0, 90, 180, 270):
    turned = apply_affine_transform(place[:, :, None], theta=angle, row_axis=0, col_axis=1, channel_axis=2)[:, :, 0]
    first = apply_affine_transform(place[None], theta=angle, row_axis=1, col_axis=2, channel_axis=0)[0]
    right = ndimage.rotate(place, angle, reshape=False, order=1)
    print(f"{angle} degrees: {middle(turned)}, channels first {middle(first)}, SciPy {middle(right)}, the upper row {turned[0].round(1).tolist()}")
    seen &= middle(right) == (2, 2) and (middle(turned) == (2, 2)) == (angle == 0) and middle(first) == middle(turned)
row = np.zeros((1, 9, 9, 1), np.float32)
row[0, 4, 4] = 9
zoomed = next(ImageDataGenerator(zoom_range=[0.5, 0.5]).flow(row, batch_size=1))[0, :, :, 0]
centre = np.array(ndimage.center_of_mass(zoomed)).round(2).tolist()
print(f"a spot in the middle, 4 4, of 9 x 9, zoomed twofold: its centre at {centre[0]:g} {centre[1]:g}")
sys.exit(0 if seen and centre[0] < 3.5 else 1)
PY
"$T/root/usr/bin/python3.11" -E -s turn.py
