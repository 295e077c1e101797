#!/usr/bin/env bash
# OpenCV loses masks of netpbm's kind: black and white become black, and a grey file's white depends on how its numbers are written.
# Library: OpenCV 4.6.0 (Debian 12: python3-opencv 4.6.0+dfsg-12), imread; what is right is told by netpbm 11.01.00 (netpbm
# 2:11.01.00-2).
# Behaviour: in PGM, PPM and PAM a pixel's brightness is its number over the file's maxval, as their man pages say; labels and masks
# have small ones. imread was expected to give 8 bits of that, or the numbers as they are, but one of the two:
#   PAM, BLACKANDWHITE      maxval 1, 1 is white: all of it is 0, the mask is gone
#   binary (P5, P6, P7)     of a maxval of 15 or 100 the numbers as they are: white is 15, nearly black
#   as text (P2, P3)        of the same picture they are scaled to 0..255
#   16 bits                 of a maxval of 1000 neither scales; asked for 8 bits, 1000 (white) becomes 3
# No error; with maxval 255, and in PBM, it is right.
# Seen, 2026-12-01:
#   OpenCV 4.6.0
#   PGM, binary, maxval 255: 0 17 85 170 255, right 0 17 85 170 255
#   PGM, binary, maxval 15: 0 1 5 10 15, right 0 17 85 170 255
#   PGM, text, maxval 15: 0 17 85 170 255, right 0 17 85 170 255
#   PGM, binary, maxval 1000: 0 0 1 3, right 0 64 128 255
#   PGM, text, maxval 1000: 0 0 1 3, right 0 64 128 255
#   PAM, grey, maxval 15: 0 1 5 10 15, right 0 17 85 170 255
#   PAM, black and white: 0 0 0 0 0, right 0 255 255 0 255
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-opencv=4.6.0+dfsg-12 netpbm=2:11.01.00-2

cat >masks.py <<'PY'
import os
import subprocess
import sys

import cv2
import numpy as np

NETPBM = os.path.join(sys.argv[1], "usr/bin")


def brightness(path):
    """Of 0..255, by netpbm."""
    pam = subprocess.run([f"{NETPBM}/pamdepth", "-quiet", "255", path], stdout=subprocess.PIPE, check=True).stdout
    plain = subprocess.run([f"{NETPBM}/pamtopnm", "-plain"], input=pam, stdout=subprocess.PIPE, check=True).stdout.split()
    kind, width = plain[0], int(plain[1])
    if kind == b"P1":  # 1 is black
        return [255 * (v == 0) for v in b"".join(plain[3:])[-width:].translate(bytes.maketrans(b"01", b"\0\1"))]
    return [int(v) for v in plain[-width:]]


def pam(maxval, kind, numbers):
    return (f"P7\nWIDTH {len(numbers)}\nHEIGHT 1\nDEPTH 1\nMAXVAL {maxval}\nTUPLTYPE {kind}\nENDHDR\n".encode(), numbers)


labels, wide = [0, 1, 5, 10, 15], [0, 250, 500, 1000]
cases = [  # name, header, numbers, bytes a number (0: text), whether it is right
    ("PGM, binary, maxval 255", b"P5 5 1 255\n", [0, 17, 85, 170, 255], 1, True),
    ("PGM, binary, maxval 15", b"P5 5 1 15\n", labels, 1, False),
    ("PGM, text, maxval 15", b"P2 5 1 15\n", labels, 0, True),
    ("PGM, binary, maxval 1000", b"P5 4 1 1000\n", wide, 2, False),
    ("PGM, text, maxval 1000", b"P2 4 1 1000\n", wide, 0, False),
    ("PAM, grey, maxval 15", *pam(15, "GRAYSCALE", labels), 1, False),
    ("PAM, black and white", *pam(1, "BLACKANDWHITE", [0, 1, 1, 0, 1]), 1, False),
]
seen = cv2.__version__ == "4.6.0"
print("OpenCV", cv2.__version__)
for name, header, numbers, size, same in cases:
    with open("mask.pnm", "wb") as file:
        file.write(header + (np.array(numbers, f">u{size}").tobytes() if size else " ".join(map(str, numbers)).encode() + b"\n"))
    right, got = brightness("mask.pnm"), cv2.imread("mask.pnm", cv2.IMREAD_GRAYSCALE).ravel().tolist()
    print(f"{name}: {' '.join(map(str, got))}, right {' '.join(map(str, right))}")
    seen &= (got == right) == same
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s masks.py "$T/root"
