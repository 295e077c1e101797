#!/usr/bin/env bash
# zfp's Python module takes a tolerance for integers and does not keep it: classes come back up to 5 classes off.
# Library: zfpy of zfp 1.0.0 (Debian 12: python3-zfpy 1.0.0-7), compress_numpy and decompress_numpy, beside NumPy 1.24.2.
# Behaviour: a tolerance is documented in zfp.h as "absolute error tolerance". Arrays of int32 and int64 are taken as those of floats are. With a
# tolerance of 0, or below 1, integers were expected to come back as they were, or to be refused, as zfp's manual keeps this mode to floats.
# They come back off by up to 5 or 8, three quarters of all random numbers with a tolerance of 0, which for floats is lossless. Label maps
# and masks that are stored along with float maps in one call have other classes along their edges. Nothing says so, neither an
# error nor the shape or the type. Without arguments it is lossless; floats keep to the tolerance.
# Seen, 2026-12-01; labels of 0 to 20 in rectangles, and numbers of 0 to 254 at random, 64 x 64:
#   labels, lossless: float32 0 beyond it, largest change 0, int32 0 beyond it, largest change 0, int64 0 beyond it, largest change 0
#   labels, tolerance 0: float32 0 beyond it, largest change 0, int32 610 beyond it, largest change 5, int64 610 beyond it, largest change 5
#   labels, tolerance 0.5: float32 0 beyond it, largest change 0.068, int32 610 beyond it, largest change 5, int64 610 beyond it, largest change 5
#   labels, tolerance 3: float32 0 beyond it, largest change 0.48, int32 28 beyond it, largest change 5, int64 28 beyond it, largest change 5
#   numbers, lossless: float32 0 beyond it, largest change 0, int32 0 beyond it, largest change 0, int64 0 beyond it, largest change 0
#   numbers, tolerance 0: float32 0 beyond it, largest change 0, int32 3036 beyond it, largest change 8, int64 3036 beyond it, largest change 8
#   numbers, tolerance 0.5: float32 0 beyond it, largest change 0.068, int32 3036 beyond it, largest change 8, int64 3036 beyond it, largest change 8
#   numbers, tolerance 3: float32 0 beyond it, largest change 0.67, int32 404 beyond it, largest change 8, int64 404 beyond it, largest change 8
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-zfpy=1.0.0-7 python3-numpy=1:1.24.2-1+deb12u1

cat >labels.py <<'PY'
import sys

import numpy as np
import zfpy

random = np.random.default_rng(0)
labels = np.zeros((64, 64))
for label in range(1, 21):
    row, column = random.integers(0, 56, 2)
    labels[row:row + 15, column:column + 11] = label
numbers = random.integers(0, 255, (64, 64)).astype(float)


def fault(array, **settings):
    """How many numbers come back changed by more than the tolerance, and the largest change."""
    changes = abs(zfpy.decompress_numpy(zfpy.compress_numpy(array, **settings)).astype(float) - array)
    return int((changes > settings.get("tolerance", 0)).sum()), changes.max()


seen = True
for name, values in (("labels", labels), ("numbers", numbers)):
    for settings in ({}, {"tolerance": 0}, {"tolerance": 0.5}, {"tolerance": 3}):
        results = {kind.__name__: fault(values.astype(kind), **settings) for kind in (np.float32, np.int32, np.int64)}
        print(f"{name}, {'lossless' if not settings else 'tolerance ' + format(settings['tolerance'], 'g')}: "
              + ", ".join(f"{kind} {count} beyond it, largest change {change:.2g}" for kind, (count, change) in results.items()))
        seen &= (results["int32"][0] > 0) == bool(settings) and (results["float32"][0] == 0 or settings == {"tolerance": 0})
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s labels.py
