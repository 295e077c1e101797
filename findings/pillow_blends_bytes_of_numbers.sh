#!/usr/bin/env bash
# Pillow blends and moves the bytes of a number each for itself: heat maps of mode F and I, depth maps of I;16 come out as noise.
# Library: Pillow 9.4.0 (Debian 12: python3-pil 9.4.0-1.1+deb12u1).
# Behaviour: F and I are documented modes with one float32 or int32 a pixel, I;16 is of "limited support"; what a mode has no code for
# raises an error, as Image.blend does in all three. Of these it says nothing:
#   paste through a mask of 128, F and I   each of a number's four bytes is halved: 1000 becomes 628 as an int32, in place of 502,
#                                          and 3e-18 as a float. A mask of 255 is right
#   composite, mask of 255, I;16           only the left half of each row is taken, the right half stays the other picture's
#   rotate and transform, bilinear or bicubic, I;16   give numbers of 0 to 255 that are no picture; nearest is right
#   ImageDraw's fill, I;16                 40000 becomes 16448: its lower byte twice
# Grey TIFF files of 16 bits are opened as I;16, PNG files as I, and a heat map may be laid over another through a soft mask.
# Seen, 2026-12-01, from the fourth of eight rows:
#   Pillow 9.4.0
#   paste, mask 255: right 27000 28000 29000 30000; I right; F right; I;16 27000 28000 0 0
#   paste, mask 128: right 13553 14055 14557 15059; I 13628 14128 14628 15128; F 1.27e-17 1.29e-17 1.31e-17 1.33e-17; I;16 13628 14128 0 0
#   blend, a half: right 13500 14000 14500 15000; I an error; F an error; I;16 an error
#   composite, mask 255: right 27000 28000 29000 30000; I right; F right; I;16 27000 28000 0 0
#   rotate by 30, nearest: right 19000 28000 29000 38000; I right; F right; I;16 right
#   rotate by 30, bilinear: right 21987 26853 31719 36585; I right; F right; I;16 91 99 135 131
#   affine, bicubic: right 28172 29000 29828 30704; I right; F right; I;16 99 120 107 95
#   draw 40000: right 40000 40000 40000 40000; I right; F right; I;16 16448 16448 16448 16448
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-pil=9.4.0-1.1+deb12u1 python3-numpy=1:1.24.2-1+deb12u1

cat >modes.py <<'PY'
import sys

import numpy as np
import PIL
from PIL import Image, ImageDraw

numbers = np.arange(1000, 65000, 1000)[:64].reshape(8, 8)
types = {"I": np.int32, "F": np.float32, "I;16": np.uint16}


def picture(mode, values=numbers):
    made = Image.fromarray(values.astype(types[mode]))
    assert made.mode == mode
    return made


def pasted(mode, mask):
    below = picture(mode, numbers * 0)
    below.paste(picture(mode), (0, 0), Image.new("L", (8, 8), mask))
    return below


def drawn(mode):
    made = picture(mode)
    ImageDraw.Draw(made).rectangle((0, 3, 7, 3), fill=40000)
    return made


forty = numbers.copy()
forty[3] = 40000
cases = [  # what is done, what is right (None: what mode F gives), which modes are wrong
    ("paste, mask 255", lambda m: pasted(m, 255), numbers, {"I;16"}),
    ("paste, mask 128", lambda m: pasted(m, 128), numbers * 128 / 255, {"I", "F", "I;16"}),
    ("blend, a half", lambda m: Image.blend(picture(m, numbers * 0), picture(m), 0.5), numbers / 2, set()),
    ("composite, mask 255", lambda m: Image.composite(picture(m), picture(m, numbers * 0), Image.new("L", (8, 8), 255)), numbers, {"I;16"}),
    ("rotate by 30, nearest", lambda m: picture(m).rotate(30), None, set()),
    ("rotate by 30, bilinear", lambda m: picture(m).rotate(30, Image.BILINEAR), None, {"I;16"}),
    ("affine, bicubic", lambda m: picture(m).transform((8, 8), Image.AFFINE, (0.9, 0.1, 1, 0, 1, 0), Image.BICUBIC), None, {"I;16"}),
    ("draw 40000", drawn, forty, {"I;16"}),
]
print("Pillow", PIL.__version__)
seen = PIL.__version__ == "9.4.0"
for name, do, right, wrong in cases:
    if right is None:
        right = np.asarray(do("F"))
    told = f"{name}: right " + " ".join(f"{v:.0f}" for v in right[3, 2:6])
    for mode in types:
        try:
            got = np.asarray(do(mode)).astype(float)
        except ValueError:
            told += f"; {mode} an error"
            continue
        off = np.abs(got - right).max() > 2
        told += f"; {mode} " + (" ".join(f"{v:.3g}" if 0 < abs(v) < 1 else f"{v:.0f}" for v in got[3, 2:6]) if off else "right")
        seen &= off == (mode in wrong)
    print(told)
sys.exit(0 if seen else 1)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s modes.py
