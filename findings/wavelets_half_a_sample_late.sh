#!/usr/bin/env bash
# Continuous wavelet transforms of PyWavelets and SciPy lie half a sample beside the signal: an impulse at 32 is answered around 32.5.
# Library: PyWavelets 1.1.1 (Debian 12: python3-pywt 1.1.1-3+b2), cwt; SciPy 1.10.1 (python3-scipy 1.10.1-2), signal.cwt.
# Behaviour: both are documented as the continuous wavelet transform of a signal, with as many columns as the signal has samples. Of one
# impulse a wavelet that is even about its middle (Mexican hat, gaus2, Morlet) gives an answer that is even about the impulse, and an odd one (gaus1) is 0
# on it. Here all of them lie between two samples, at every scale: the centre of the answer is 32.5, and a step that gaus1 is to find at its
# place is found with the same height on two samples. A ridge, a peak or a feature's place in a time series of scores is half a
# sample late. A wavelet is sampled at an even number of places, of which none is its middle, and cut out with the odd number's
# rule. SciPy is right where the wavelet is as long as a signal of odd length.
# Seen, 2026-12-01, the centre of the answer's absolute values to an impulse at 32, of 65 samples:
#   gaus1, scales 1 2 4: 32.50 32.50 32.50
#   gaus2, scales 1 2 4: 32.50 32.50 32.50
#   mexh, scales 1 2 4: 32.50 32.50 32.50
#   morl, scales 1 2 4: 32.50 32.50 32.50
#   SciPy's ricker, widths 1 2 4: 32.50 32.50 32.50
#   SciPy's ricker, width 8: 32.00
#   mexh, scale 1, samples 31 to 34: -0.29 0.53 0.53 -0.29
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack; }
debs python3-pywt=1.1.1-3+b2 python3-scipy=1.10.1-2

cat >impulse.py <<'PY'
import sys

import numpy as np
import pywt
from scipy import signal

impulse = np.zeros(65)
impulse[32] = 1


def centre(answer):
    return (np.abs(answer) * np.arange(65)).sum() / np.abs(answer).sum()


seen = True
scales = [1, 2, 4]
for wavelet in ("gaus1", "gaus2", "mexh", "morl"):
    centres = [centre(row) for row in pywt.cwt(impulse, scales, wavelet)[0]]
    print(f"{wavelet}, scales 1 2 4: {' '.join(f'{c:.2f}' for c in centres)}")
    seen = seen and all(abs(c - 32.5) < 0.01 for c in centres)
centres = [centre(row) for row in signal.cwt(impulse, signal.ricker, scales)]
print(f"SciPy's ricker, widths 1 2 4: {' '.join(f'{c:.2f}' for c in centres)}")
(long,) = signal.cwt(impulse, signal.ricker, [8])
print(f"SciPy's ricker, width 8: {centre(long):.2f}")
around = pywt.cwt(impulse, [1], "mexh")[0][0][31:35]
print(f"mexh, scale 1, samples 31 to 34: {' '.join(f'{v:.2f}' for v in around)}")
sys.exit(0 if seen and all(abs(c - 32.5) < 0.01 for c in centres) and abs(centre(long) - 32) < 0.01 and abs(around[1] - around[2]) < 1e-6 else 1)
PY
"$T/root/usr/bin/python3.11" -E -s -W ignore impulse.py
