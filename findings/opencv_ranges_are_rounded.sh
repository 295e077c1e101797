#!/usr/bin/env bash
# OpenCV's inRange rounds its bounds where a map holds integers: between 0.5 and 1.5 are 0, 1 and 2.
# Library: OpenCV 4.6.0 (Debian 12: python3-opencv 4.6.0+dfsg-12), inRange, beside compare.
# Behaviour: documented is that a pixel is set if lowerb <= pixel <= upperb. Bounds between two whole numbers are the way to ask for one class of a
# label map, or for what is above a threshold of 127.5, and were expected to be compared as they are, as of a map of floats, and as compare does
# with a number. Of bytes, shorts and int32 the bounds are rounded, halves to the even number: 0.5 becomes 0, 1.5 becomes
# 2, so that whole classes are in the mask that lie outside of the bounds, or, from 0.6 on, inside and not in it.
# Seen, 2026-12-01, which of 0 1 2 3 are set:
#   bytes, 0.5 to 1.5: 0 1 2; floats: 1; compare: 1
#   bytes, 0.4 to 1.6: 0 1 2; floats: 1; compare: 1
#   bytes, 1.5 to 2.5: 2; floats: 2; compare: 2
#   bytes, 2.5 to 3.5: 2 3; floats: 3; compare: 3
#   int32, 0.5 to 1.5: 0 1 2; floats: 1; compare: 1
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack; }
debs python3-opencv=4.6.0+dfsg-12

cat >ranges.py <<'PY'
import sys

import cv2
import numpy as np


def told(mask):
    return " ".join(str(i) for i in np.flatnonzero(mask))


seen = True
cases = ((np.uint8, "bytes", 0.5, 1.5, "0 1 2"), (np.uint8, "bytes", 0.4, 1.6, "0 1 2"), (np.uint8, "bytes", 1.5, 2.5, "2"),
         (np.uint8, "bytes", 2.5, 3.5, "2 3"), (np.int32, "int32", 0.5, 1.5, "0 1 2"))
for kind, name, low, high, expected in cases:
    classes = np.arange(4, dtype=kind).reshape(1, 4)
    got, floats = told(cv2.inRange(classes, low, high)), told(cv2.inRange(classes.astype(np.float32), low, high))
    compared = told(cv2.compare(classes, low, cv2.CMP_GE) & cv2.compare(classes, high, cv2.CMP_LE))
    print(f"{name}, {low} to {high}: {got}; floats: {floats}; compare: {compared}")
    right = told([low <= i <= high for i in range(4)])
    seen = seen and got == expected and floats == compared == right
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s ranges.py
