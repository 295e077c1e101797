#!/usr/bin/env bash
# Box blurs of OpenCV and SciPy spread one NaN, or one huge number, over all that is below and to the right of it.
# Library: OpenCV 4.6.0 (Debian 12: python3-opencv 4.6.0+dfsg-12), blur; SciPy 1.10.1 (python3-scipy 1.10.1-2),
# ndimage.uniform_filter.
# Behaviour: both are documented as each pixel's mean over a window of k x k, so that one bad pixel was expected to touch k x k others,
# as it does with filter2D and a kernel of ones. A sum is carried along the row and then down the column, where the new pixel is
# added and the old one subtracted: what is NaN stays NaN to the end, and after a number that is large beside the others the sum has
# lost them, and gives 0 or a part of what is there. A map of relevance or log probabilities with one undefined pixel is
# lost for the most part, and with one overflowing score (1e20 beside 0.1) it has too little, or zeros, where an answer was. In OpenCV it depends
# on the size: up to 5 the rows are added up anew, and the columns alone are carried. GaussianBlur and pyrDown are right.
# Seen, 2026-12-01, a map of 24 x 40 of 0.1 with one other pixel at row 5, column 8; how many pixels aren't 0.1 after it:
#   NaN, 3 x 3: filter2D 9, OpenCV 60, SciPy 660
#   NaN, 5 x 5: filter2D 25, OpenCV 105, SciPy 714
#   NaN, 7 x 7: filter2D 49, OpenCV 770, SciPy 770
#   NaN, 11 x 11: filter2D 121, OpenCV 888, SciPy 888
#   1e20, 3 x 3: filter2D 9, OpenCV 60, SciPy 150
#   1e20, 5 x 5: filter2D 25, OpenCV 105, SciPy 250
#   1e20, 7 x 7: filter2D 49, OpenCV 350, SciPy 350
#   1e20, 11 x 11: filter2D 121, OpenCV 290, SciPy 407
#   below and to the right of 1e20, 7 x 7, where 0.1 is right: OpenCV 0.0857143 0.0142857, SciPy 0 0.0857143
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-opencv=4.6.0+dfsg-12 python3-scipy=1.10.1-2

cat >blurs.py <<'PY'
import sys

import cv2
import numpy as np
import scipy
from scipy import ndimage


def blurred(bad, k):
    """The map with one bad pixel, blurred in three ways."""
    x = np.full((24, 40), 0.1, np.float32)
    x[5, 8] = bad
    ones = np.full((k, k), 1 / k ** 2, np.float32)
    return {"filter2D": cv2.filter2D(x, -1, ones), "OpenCV": cv2.blur(x, (k, k)), "SciPy": ndimage.uniform_filter(x, k)}


seen = cv2.__version__ == "4.6.0" and scipy.__version__ == "1.10.1"
for bad in [np.nan, 1e20]:
    for k in [3, 5, 7, 11]:
        counts = {name: int((~(abs(y - 0.1) < 0.01)).sum()) for name, y in blurred(bad, k).items()}
        print(f"{'NaN' if np.isnan(bad) else '1e20'}, {k} x {k}: {', '.join(f'{name} {n}' for name, n in counts.items())}")
        seen &= counts["filter2D"] <= k * k and min(counts["OpenCV"], counts["SciPy"]) > 2 * counts["filter2D"]
places = {name: [y[5, 30], y[20, 8]] for name, y in blurred(1e20, 7).items()}
far = ", ".join(f"{name} {places[name][0]:g} {places[name][1]:g}" for name in ["OpenCV", "SciPy"])
print(f"below and to the right of 1e20, 7 x 7, where 0.1 is right: {far}")
seen &= all(np.allclose(v, 0.1) == (name == "filter2D") for name, v in places.items())
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s blurs.py
