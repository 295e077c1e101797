#!/usr/bin/env bash
# SciPy's distances of two pictures in bytes go round: a cosine distance of 1.4, and 255 for a picture and a brighter one.
# Library: SciPy 1.10.1 (Debian 12: python3-scipy 1.10.1-2), spatial.distance, the functions of two vectors.
# Behaviour: cosine, cityblock, chebyshev, euclidean and minkowski are documented for two arrays of numbers u and v by formulas of
# |u - v| and u v; a cosine distance of numbers that aren't negative is between 0 and 1. cdist, which computes the same for each
# pair of rows, does so in float64, and correlation, sqeuclidean and canberra beside them take floats as well. These
# compute in the arrays' own type: differences and products of uint8, as photographs, heat maps and label maps are stored, go round
# at 256. So a map and the same one brightened by 1 are as far apart as can be. No warning. What helps: float arrays, or cdist.
# Seen, 2026-12-01, u = 200 10 250 0 128, v = 210 250 5 20 127; then 100 pixels that are brighter by 1:
#   SciPy 1.10.1
#   sqeuclidean: uint8 1.181e+05, float64 1.181e+05, cdist 1.181e+05
#   canberra: uint8 2.912, float64 2.912, cdist 2.912
#   correlation: uint8 1.203, float64 1.203, cdist 1.203
#   cosine: uint8 1.418, float64 0.4878, cdist 0.4878
#   cityblock: uint8 744, float64 516, cdist 516
#   chebyshev: uint8 246, float64 245, cdist 245
#   euclidean: uint8 420.1, float64 343.7, cdist 343.7
#   minkowski: uint8 420.1, float64 343.7, cdist 343.7
#   one brighter: chebyshev 255, cityblock 25500 of 100
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-scipy=1.10.1-2

cat >distances.py <<'PY'
import sys

import numpy as np
import scipy
from scipy.spatial import distance

u, v = np.uint8([200, 10, 250, 0, 128]), np.uint8([210, 250, 5, 20, 127])
seen = scipy.__version__ == "1.10.1"
print("SciPy", scipy.__version__)
for name in ("sqeuclidean", "canberra", "correlation", "cosine", "cityblock", "chebyshev", "euclidean", "minkowski"):
    compute = getattr(distance, name)
    got, right, pairs = compute(u, v), compute(u.astype(float), v.astype(float)), distance.cdist([u], [v], name)[0, 0]
    print(f"{name}: uint8 {got:.4g}, float64 {right:.4g}, cdist {pairs:.4g}")
    seen &= np.isclose(right, pairs) and np.isclose(got, right) == (name in ("sqeuclidean", "canberra", "correlation"))
darker = np.arange(100, 200, dtype=np.uint8)
print(f"one brighter: chebyshev {distance.chebyshev(darker, darker + 1)}, cityblock {distance.cityblock(darker, darker + 1)} of {len(darker)}")
seen &= distance.chebyshev(darker, darker + 1) == 255 and distance.cityblock(darker, darker + 1) == 25500
seen &= 1 < distance.cosine(u, v) < 2
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s distances.py
