#!/usr/bin/env bash
# torchvision reads labels of 16 classes or fewer as packed bytes, and a palette's colours with alpha as scrambled ones.
# Library: torchvision 0.14.1 (Debian 12: python3-torchvision 0.14.1-2), io.read_image; the files are written, and read back rightly,
# by Pillow 9.4.0 (python3-pil 9.4.0-1.1+deb12u1).
# Behaviour: labels are mostly PNG files with a palette, as of Pascal VOC; with up to 16, 4 or 2 classes a pixel has 4, 2 or 1 bits
# (Pillow's "bits" or "optimize", ImageMagick). read_image's mode UNCHANGED, the one without arguments, is documented to load "the
# image as-is", which is an index for each pixel, as it is for 8 bits, and one number for each grey pixel of fewer bits.
#   UNCHANGED of 4, 2 or 1 bits  each byte of the file is a pixel: two labels are one number (1 and 2 are 18), the row is stretched, and
#                                what is behind is whatever lay in that memory. Shape and type are as they should be
#   RGB_ALPHA of any palette     without transparency in the file: red, green and blue of the pixels stand one after the other, and four
#                                of them are taken for a pixel. With transparency it is right, and so are GRAY and RGB
# No error, no warning.
# Seen, 2026-12-01, the first six of a row of 12 labels, 1 2 3 0 1 2 and so on (1 0 1 0 for 1 bit), the palette's red is 20 times the label:
#   8 bits, UNCHANGED: 1 2 3 0 1 2, right 1 2 3 0 1 2
#   8 bits, RGB, red: 20 40 60 0 20 40, right 20 40 60 0 20 40
#   8 bits, RGB_ALPHA, red: 20 253 3 20 253 3, right 20 40 60 0 20 40
#   4 bits, UNCHANGED: 18 48 18 48 18 48, right 1 2 3 0 1 2
#   4 bits, RGB, red: 20 40 60 0 20 40, right 20 40 60 0 20 40
#   4 bits, RGB_ALPHA, red: 20 253 3 20 253 3, right 20 40 60 0 20 40
#   2 bits, UNCHANGED: 108 108 108, right 1 2 3
#   1 bits, UNCHANGED: 170, right 1
#   with transparency, RGB_ALPHA, red: 40 20 40 20 40 20, right 40 20 40 20 40 20
#   grey of 1 bit, UNCHANGED: 255 0 255 0 255 0, right 255 0 255 0 255 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-torchvision=0.14.1-2 python3-pil=9.4.0-1.1+deb12u1

cat >labels.py <<'PY'
import sys

import numpy
import torchvision
from PIL import Image
from torchvision.io import ImageReadMode, read_image

seen = torchvision.__version__.startswith("0.14.1")


def told(name, got, right, count, same):
    global seen
    print(f"{name}: {' '.join(map(str, got.tolist()[:count]))}, right {' '.join(map(str, right.tolist()[:count]))}")
    seen &= (got.tolist() == right.tolist()) == same


for bits in [8, 4, 2, 1]:
    labels = numpy.tile(numpy.uint8([1, 2, 3, 0] if bits > 1 else [1, 0, 1, 0]), (4, 3))
    picture = Image.fromarray(labels, "P")
    picture.putpalette([v for i in range(2 ** min(bits, 4)) for v in (20 * i % 256, 255 - i, i)])
    picture.save("labels.png", bits=bits)
    again = Image.open("labels.png")
    seen &= (numpy.array(again) == labels).all()
    red = numpy.array(again.convert("RGB"))[0, :, 0]
    packed = 12 * bits // 8  # as many bytes as a row has; what follows is not the file's
    told(f"{bits} bits, UNCHANGED", read_image("labels.png")[0, 0], labels[0], min(packed, 6), bits == 8)
    if bits in (8, 4):
        told(f"{bits} bits, RGB, red", read_image("labels.png", ImageReadMode.RGB)[0, 0], red, 6, True)
        told(f"{bits} bits, RGB_ALPHA, red", read_image("labels.png", ImageReadMode.RGB_ALPHA)[0, 0], red, 6, False)
picture = Image.fromarray(labels, "P")
picture.putpalette([20, 0, 0, 40, 0, 0])
picture.save("clear.png", transparency=0)
told("with transparency, RGB_ALPHA, red", read_image("clear.png", ImageReadMode.RGB_ALPHA)[0, 0], labels[0] * numpy.uint8(20) + 20, 6, True)
grey = Image.fromarray(labels[:, :8] > 0)
grey.save("grey.png")
told("grey of 1 bit, UNCHANGED", read_image("grey.png")[0, 0], labels[0, :8] * numpy.uint8(255), 6, True)
sys.exit(0 if seen else 1)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread "$T/root/usr/bin/python3.11" -E -s -W ignore labels.py
