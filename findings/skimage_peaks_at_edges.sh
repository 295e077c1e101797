#!/usr/bin/env bash
# scikit-image loses the peaks at a heat map's edge where its numbers are negative.
# Library: scikit-image 0.19.3 (Debian 12: python3-skimage 0.19.3-8), feature.peak_local_max.
# Behaviour: a peak is a local maximum, so that adding a constant to a map was expected to change no peak, and with
# exclude_border=False peaks are documented to be found whatever their distance from the edge. Each pixel is compared with the
# largest of its neighbours, and beyond the edge there are zeros: a pixel that is negative and within min_distance of the edge is
# never its neighbourhood's maximum. So of log probabilities, of scores against a class, or of a relevance map the peaks at the
# edge are missing, the inner ones are found, and nothing is said. morphology.local_maxima of the same map is right. What
# helps: to subtract the map's minimum.
# Seen, 2026-12-01, a map with peaks at row, column 0,4 and 4,4 and 8,8; min_distance=2, exclude_border=False:
#   scikit-image 0.19.3
#   as it is (0.0 to 5.0): peaks 0,4 4,4 8,8; local_maxima 0,4 4,4 8,8
#   less 100 (-100.0 to -95.0): peaks 4,4; local_maxima 0,4 4,4 8,8
#   its logarithm (-2.3 to -0.5): peaks 4,4; local_maxima 0,4 4,4 8,8
#   less 100, less the minimum (0.0 to 5.0): peaks 0,4 4,4 8,8; local_maxima 0,4 4,4 8,8
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-skimage=0.19.3-8

cat >peaks.py <<'PY'
import sys

import numpy as np
import skimage
from skimage import feature, morphology

scores = np.zeros((9, 9))
for (row, column), height in {(0, 4): 5, (4, 4): 3, (8, 8): 4}.items():
    for r in range(9):
        for c in range(9):  # a hill around each
            scores[r, c] = max(scores[r, c], height - 1.5 * np.hypot(r - row, c - column))


def peaks(values):
    return sorted(map(tuple, feature.peak_local_max(values, min_distance=2, exclude_border=False).tolist()))


every, inner = [(0, 4), (4, 4), (8, 8)], [(4, 4)]
shifted = {
    "as it is": scores,
    "less 100": scores - 100,
    "its logarithm": np.log(scores / 10 + 0.1),
    "less 100, less the minimum": (scores - 100) - (scores - 100).min(),
}
seen = skimage.__version__ == "0.19.3"
print("scikit-image", skimage.__version__)
for name, values in shifted.items():
    found = peaks(values)
    maxima = sorted(map(tuple, np.argwhere(morphology.local_maxima(values)).tolist()))
    print(f"{name} ({values.min():.1f} to {values.max():.1f}): peaks {' '.join(f'{r},{c}' for r, c in found)}; "
          f"local_maxima {' '.join(f'{r},{c}' for r, c in maxima)}")
    seen &= maxima == every and found == (inner if values.max() < 0 else every)
sys.exit(0 if seen else 1)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s peaks.py
