#!/usr/bin/env bash
# ImageMagick's correlation of two pictures has no sign: a heat map and its opposite correlate as well as two that are equal.
# Library: ImageMagick 6.9.11-60 (Debian 12: imagemagick-6.q16 8:6.9.11.60+dfsg-1.6+deb12u15), compare -metric NCC, beside numpy 1.24.2
# (python3-numpy 1:1.24.2-1+deb12u1).
# Behaviour: documented as "normalized cross correlation", which is -1 for a picture and its negative, 1 for a picture and itself.
# The magnitude of the coefficient comes out: what a network finds for a class and what it finds against it are
# then "the same picture", and of two maps that rise where the other falls nothing is seen. And it is divided by the number of
# pixels where it should be by one less: 0.75 for a picture of four pixels and itself. No option says so.
# Seen, 2026-12-01, a spot of 64 x 64 pixels and other pictures:
#   ImageMagick 6.9.11-60
#   itself: 1.000, right 1.000
#   half of it: 1.000, right 1.000
#   its opposite: 1.000, right -1.000
#   half of its opposite: 1.000, right -1.000
#   a ramp: 0.385, right -0.385
#   four pixels and themselves: 0.750, right 1.000
#   four pixels and their opposite: 0.750, right -1.000
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs imagemagick-6.q16=8:6.9.11.60+dfsg-1.6+deb12u15 python3-numpy=1:1.24.2-1+deb12u1
MAGICK_CONFIGURE_PATH=$T/root/etc/ImageMagick-6
MAGICK_CODER_MODULE_PATH=$(echo "$L"/ImageMagick-6*/modules-Q16/coders)
export MAGICK_CONFIGURE_PATH MAGICK_CODER_MODULE_PATH

cat >correlations.py <<'PY'
import subprocess
import sys

import numpy as np

COMPARE = sys.argv[1] + "/usr/bin/compare-im6.q16"


def written(name, picture):
    with open(name, "wb") as file:
        file.write(b"P5 %d %d 255\n" % picture.shape[::-1] + np.uint8(picture).tobytes())
    return name


def correlation(a, b):
    """ImageMagick's; compare writes it to stderr, and its exit code is 1 where the pictures differ."""
    done = subprocess.run([COMPARE, "-metric", "NCC", written("a.pgm", a), written("b.pgm", b), "null:"], stderr=subprocess.PIPE, text=True)
    return float(done.stderr)


rows, columns = np.mgrid[:64, :64]
spot = np.round(255 * np.exp(-((columns - 20) ** 2 + (rows - 30) ** 2) / 200))
cases = [("itself", spot, spot), ("half of it", spot, np.round(spot / 2)), ("its opposite", spot, 255 - spot),
         ("half of its opposite", spot, np.round((255 - spot) / 2)), ("a ramp", spot, 255 - 4.0 * (63 - columns)),
         ("four pixels and themselves", np.array([[0, 50], [100, 150]]), np.array([[0, 50], [100, 150]])),
         ("four pixels and their opposite", np.array([[0, 50], [100, 150]]), np.array([[150, 100], [50, 0]]))]
version = subprocess.run([COMPARE, "-version"], stdout=subprocess.PIPE, text=True).stdout.split()[2]
seen = version == "6.9.11-60"
print("ImageMagick", version)
for name, a, b in cases:
    got, right = correlation(a, b), float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
    print(f"{name}: {got:.3f}, right {right:.3f}")
    seen &= abs(got - abs(right) * (1 - 1 / a.size)) < 0.01
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s correlations.py "$T/root"
