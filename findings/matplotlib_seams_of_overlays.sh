#!/usr/bin/env bash
# Matplotlib draws a seam around a heat map with transparent parts, in a colour that is nowhere to be seen.
# Library: Matplotlib 3.6.3 (Debian 12: python3-matplotlib 3.6.3-1+b1), imshow of RGBA arrays, Agg, beside Pillow 9.4.0 (python3-pil
# 9.4.0-1.1+deb12u1).
# Behaviour: a heat map is laid over a photograph as RGBA, whose fourth number is 0 where nothing shall be seen; the other three are
# anything there, most often 0 or the colour map's lowest blue. Between an opaque red pixel and a transparent one nothing but red
# and what is below was expected, as Pillow's resize has it. Matplotlib averages the four numbers each for itself, so that
# the hidden colour comes out at the edge, half opaque: a dark seam around red, a blue one with jet. It does so with any interpolation
# but "nearest", and without one, too: the default ("antialiased") interpolates where a map becomes up to three times as large and not
# a whole number of times, as most figures do. No warning. What helps: the visible colour everywhere, or imshow(map, alpha=...).
# Seen, 2026-12-01, a red square on 14 x 14 over white, where red's first number is 255 everywhere; its lowest:
#   Matplotlib 3.6.3
#   28 pixels wide, default 255, nearest 255, bilinear 192; red where transparent 255; Pillow 255
#   30 pixels wide, default 191, nearest 255, bilinear 191; red where transparent 255; Pillow 255
#   32 pixels wide, default 191, nearest 255, bilinear 192; red where transparent 255; Pillow 255
#   100 pixels wide, default 255, nearest 255, bilinear 191; red where transparent 255; Pillow 255
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-matplotlib=3.6.3-1+b1 python3-pil=9.4.0-1.1+deb12u1 python3-numpy=1:1.24.2-1+deb12u1
export MPLCONFIGDIR="$T/settings" MPLBACKEND=Agg
mkdir settings
[ -e /etc/matplotlibrc ] || export MATPLOTLIBRC="$T/root/etc/matplotlibrc"

cat >seams.py <<'END'
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image


def lowest_red(rgba, width, interpolation=None):
    """The least red of the overlay over white, drawn at this width."""
    figure = plt.figure(figsize=(width / 100, width / 100), dpi=100, facecolor="white")
    axes = figure.add_axes([0, 0, 1, 1])
    axes.axis("off")
    axes.imshow(rgba, interpolation=interpolation)
    figure.canvas.draw()
    drawn = np.array(figure.canvas.buffer_rgba())
    plt.close(figure)
    return int(drawn[..., 0].min())


def by_pillow(rgba, width):
    got = np.asarray(Image.fromarray((rgba * 255).astype("u1")).resize((width, width), Image.BILINEAR)).astype(int)
    return int((got[..., 0] * got[..., 3] / 255 + 255 - got[..., 3]).min())


square = np.zeros((14, 14, 4))
square[4:10, 4:10] = 1, 0, 0, 1
red = square.copy()
red[..., 0] = 1
print("Matplotlib", matplotlib.__version__)
seen = True
for width, whole in ((28, True), (30, False), (32, False), (100, True)):  # 100 is more than three times as large
    default, nearest, bilinear = (lowest_red(square, width, name) for name in (None, "nearest", "bilinear"))
    helped, pillow = min(lowest_red(red, width), lowest_red(red, width, "bilinear")), by_pillow(square, width)
    print(f"{width} pixels wide, default {default}, nearest {nearest}, bilinear {bilinear};",
          f"red where transparent {helped}; Pillow {pillow}")
    seen &= nearest == helped == pillow == 255 and bilinear < 200 and (default == 255 if whole else default < 200)
sys.exit(not seen)
END
"$T/root/usr/bin/python3.11" -E -s seams.py
