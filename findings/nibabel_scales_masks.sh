#!/usr/bin/env bash
# NiBabel stores labels in bytes so that class 1 comes back as 0.988, and a mask's ones as 1.00000006: no pixel is equal to 1.
# Library: NiBabel 5.0.0 (Debian 12: python3-nibabel 5.0.0-2), Nifti1Image, set_data_dtype, get_fdata, beside NumPy 1.24.2.
# Behaviour: set_data_dtype is documented to set the type on the disk. Labels and masks, which a byte holds, were expected to be stored as they
# are. Floats are stretched to fill the type, whatever they are, and the factor is a float32: a mask's 1 is 255 on the disk
# and 1.00000006 when read, so that mask == 1 has no pixel. Of labels 0 to 9 nearly none is what it was, and astype(int) makes class 3 of
# 4 and class 0 of 1. Most label maps are floats: all that came from get_fdata are. Integers are stored as they are, if they fit; if
# one does not (an id of 100000 in int16), all are scaled, and labels 1 and 2 become the same, 1.5. No warning; viewers show the
# right picture. What helps: np.round and astype before, or get_fdata().round().
# Seen, 2026-12-01:
#   NiBabel 5.0.0
#   uint8 0 1 1 0 as uint8: 4 of 4 equal, astype(int) 0 1 1 0
#     0 1 1 0
#   float32 0 1 1 0 as float32: 4 of 4 equal, astype(int) 0 1 1 0
#     0 1 1 0
#   int32 0 1 2 3 4 5 6 7 8 9 as uint8: 10 of 10 equal, astype(int) 0 1 2 3 4 5 6 7 8 9
#     0 1 2 3 4 5 6 7 8 9
#   float64 0 1 1 0 as uint8: 2 of 4 equal, astype(int) 0 1 1 0
#     0 1.00000006 1.00000006 0
#   float64 0 1 2 3 4 5 6 7 8 9 as uint8: 1 of 10 equal, astype(int) 0 0 2 3 3 5 6 6 8 9
#     0 0.98823534 2.0117648 3.00000014 3.98823548 5.01176494 6.00000028 6.98823562 8.01176507 9.00000041
#   float64 0 1 2 3 4 5 6 7 8 9 as int16: 1 of 10 equal, astype(int) 0 1 1 2 4 4 5 7 7 8
#     0 1.00004578 1.99995422 3 4.00004578 4.99995422 6 7.00004578 7.99995422 9
#   int32 0 1 2 100000 as int16: 1 of 4 equal, astype(int) 0 1 1 99999
#     0 1.52590215 1.52590215 99999.9975
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-nibabel=5.0.0-2 python3-numpy=1:1.24.2-1+deb12u1

cat >masks.py <<'PY'
import sys

import nibabel
import numpy as np


def back(values, kind, stored):
    """What labels are after they were stored as another type."""
    image = nibabel.Nifti1Image(np.array(values, kind).reshape(-1, 1, 1), np.eye(4))
    image.set_data_dtype(stored)
    nibabel.save(image, "mask.nii")
    read = nibabel.load("mask.nii")
    numbers = read.get_fdata().ravel()
    right = int((numbers == values).sum())
    print(f"{kind.__name__} {' '.join(map(str, values))} as {stored.__name__}: {right} of {len(values)} equal, astype(int) {' '.join(map(str, numbers.astype(int)))}")
    print(f"  {' '.join(f'{value:.9g}' for value in numbers)}")
    return right, numbers


print("NiBabel", nibabel.__version__)
mask, labels = [0, 1, 1, 0], list(range(10))
seen = back(mask, np.uint8, np.uint8)[0] == 4 and back(mask, np.float32, np.float32)[0] == 4 and back(labels, np.int32, np.uint8)[0] == 10
seen &= back(mask, np.float64, np.uint8)[0] == 2 and back(labels, np.float64, np.uint8)[0] < 10 and back(labels, np.float64, np.int16)[0] < 10
numbers = back([0, 1, 2, 100000], np.int32, np.int16)[1]
sys.exit(0 if seen and numbers[1] == numbers[2] else 1)
PY
"$T/root/usr/bin/python3.11" -E -s masks.py
