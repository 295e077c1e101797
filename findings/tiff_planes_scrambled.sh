#!/usr/bin/env bash
# Pillow and OpenCV scramble the pixels of TIFF pictures whose colours are stored one after the other.
# Library: Pillow 9.4.0 (Debian 12: python3-pil 9.4.0-1.1+deb12u1), OpenCV 4.6.0 (python3-opencv 4.6.0+dfsg-12); the files are
# written, and read back rightly, by tifffile 2023.2.3 (python3-tifffile 20230203-1).
# Behaviour: a TIFF's PlanarConfiguration says whether a pixel's red, green and blue stand together (1) or all of red comes
# first, then all of green (2), as microscopes and tools for satellite pictures write it. Of 8 bits both are read. Of 16
# bits without compression, Pillow opens the file in mode RGB and takes the bytes of each plane for pixels of 8 bits: every
# second one is the lower byte of another pixel, and half the picture is never read. OpenCV with
# IMREAD_UNCHANGED or IMREAD_ANYDEPTH, the way to keep 16 bits or float32, takes three neighbours of the red plane for one
# pixel and leaves the other two thirds of each row as they lay in that memory. Shape and type are as expected, nothing is
# said. What helps: in OpenCV IMREAD_COLOR, of 8 bits; in Pillow compressed
# files, which libtiff decodes; tifffile.
# Seen, 2026-11-30, the upper bytes of a row that begins with the pixels 1 2 3, 4 5 6, 7 8 9:
#   8 bits   Pillow together 1 2 3 / 4 5 6 / 7 8 9, in planes 1 2 3 / 4 5 6 / 7 8 9
#   8 bits   OpenCV together 1 2 3 / 4 5 6 / 7 8 9, in planes 1 2 3 / 4 5 6 / 7 8 9
#   16 bits  Pillow together 1 2 3 / 4 5 6 / 7 8 9, in planes 0 0 0 / 1 2 3 / 0 0 0
#   16 bits  OpenCV together 1 2 3 / 4 5 6 / 7 8 9, in planes 1 4 7 / 10 13 16 / 19 22 25
#   float32  OpenCV together 1 2 3 / 4 5 6 / 7 8 9, in planes 1 4 7 / 10 13 16 / 19 22 25
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-pil=9.4.0-1.1+deb12u1 python3-opencv=4.6.0+dfsg-12 python3-tifffile=20230203-1

cat >planes.py <<'END'
import sys

import cv2
import numpy as np
import tifffile
from PIL import Image

height, width = 4, 16
right = np.arange(1, 1 + 3 * height * width, dtype=np.uint8).reshape(height, width, 3)
kinds = {"8 bits": right, "16 bits": np.uint16(right) << 8, "float32": np.float32(right)}


def pillow(path):
    return np.asarray(Image.open(path).convert("RGB"))


def opencv(path):
    pixels = cv2.imread(path, cv2.IMREAD_UNCHANGED)[..., ::-1]  # it gives blue first
    return pixels >> 8 if pixels.dtype == np.uint16 else pixels


seen = True
for kind, pixels in kinds.items():
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    tifffile.imwrite("together.tif", pixels, photometric="rgb")
    tifffile.imwrite("planes.tif", planes, photometric="rgb", planarconfig="separate")
    seen &= (tifffile.imread("planes.tif") == planes).all()
    for name, read in (("Pillow", pillow), ("OpenCV", opencv)):
        if (name, kind) == ("Pillow", "float32"):
            continue  # which it refuses
        got = [read(path) for path in ("together.tif", "planes.tif")]
        told = [" / ".join(" ".join(f"{value:g}" for value in pixel) for pixel in picture[0, :3]) for picture in got]
        print(f"{kind:8} {name} together {told[0]}, in planes {told[1]}")
        seen &= (got[0] == right).all() and got[1].shape == right.shape
        if kind == "8 bits":
            seen &= (got[1] == right).all()
        elif name == "OpenCV":
            seen &= (got[1][0, :3].ravel() == right[0, :9, 0]).all()  # red alone
        else:
            seen &= (got[1][0, ::2] == 0).all() and (got[1][0, 1::2] == right[0, :width // 2]).all()  # lower and upper bytes by turns
sys.exit(0 if seen else 1)
END
"$T/root/usr/bin/python3.11" -E -s planes.py
