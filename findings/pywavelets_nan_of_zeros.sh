#!/usr/bin/env bash
# PyWavelets makes NaN of every coefficient that is 0 when it is shrunk by 0, as sparse maps and constant ones are.
# Library: PyWavelets 1.1.1 (Debian 12: python3-pywt 1.1.1-3+b2), threshold.
# Behaviour: documented of soft thresholding is that what is as large as the threshold or larger is "shrunk toward zero by value"; garrote behaves
# likewise. A threshold of 0 changes nothing, and 0 was expected to stay 0, as with "hard". It is computed as data * (1 - value / |data|):
# 0 times a NaN. The usual threshold is a multiple of the median of the finest coefficients, which is 0 as soon as half of a map is
# constant: a mask, a heat map behind a ReLU, a diagram. Denoised, all of it is NaN. NumPy's warning of a division is all that is said.
# Seen, 2026-12-01:
#   soft, by 0, of -2 0 2: -2 nan 2
#   garrote, by 0, of -2 0 2: -2 nan 2
#   hard, by 0, of -2 0 2: -2 0 2
#   soft, by 1e-300, of -2 0 2: -2 0 2
#   a square of ones in a map of zeros, denoised by the median: threshold 0, 256 of 256 pixels are NaN
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack; }
debs python3-pywt=1.1.1-3+b2

cat >shrink.py <<'PY'
import sys

import numpy as np
import pywt

seen = True
for mode, by, expected in (("soft", 0, "-2 nan 2"), ("garrote", 0, "-2 nan 2"), ("hard", 0, "-2 0 2"), ("soft", 1e-300, "-2 0 2")):
    got = " ".join(f"{v:.0f}" for v in pywt.threshold(np.array([-2.0, 0.0, 2.0]), by, mode)).replace("-0", "0")
    print(f"{mode}, by {by}, of -2 0 2: {got}")
    seen = seen and got == expected
square = np.zeros((16, 16))
square[5:10, 5:10] = 1
coarse, *levels = pywt.wavedec2(square, "db2", level=2)
by = np.median(np.abs(levels[-1][-1])) / 0.6745 * np.sqrt(2 * np.log(square.size))
denoised = pywt.waverec2([coarse] + [tuple(pywt.threshold(part, by, "soft") for part in level) for level in levels], "db2")
lost = int(np.isnan(denoised).sum())
print(f"a square of ones in a map of zeros, denoised by the median: threshold {by:.0f}, {lost} of {square.size} pixels are NaN")
sys.exit(0 if seen and by == 0 and lost > 128 else 1)
PY
"$T/root/usr/bin/python3.11" -E -s -W ignore shrink.py
