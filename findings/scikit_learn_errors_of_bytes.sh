#!/usr/bin/env bash
# scikit-learn finds a picture in bytes to be explained to 99 % by one that has nothing to do with it.
# Library: scikit-learn 1.2.1 (Debian 12: python3-sklearn 1.2.1+dfsg-1), metrics for regression.
# Behaviour: mean_squared_error, mean_absolute_error, r2_score and others are documented for arrays of numbers, by formulas of the
# difference. mean_squared_log_error (to three digits), and all of sklearn's pairwise distances, give the same for uint8 as for float64.
# These take the difference in the arrays' own type, and square it there: of uint8, as pictures, heat maps and labels are stored, it goes
# round at 256. So the error of a reconstruction, or of a predicted heat map, is another, mostly a smaller one; a coefficient of
# determination is 0.99 where -2.67 is right; and the median error of a picture brightened by 1 is 1, of the same one darkened
# by 1 it is 255. No warning. What helps: float arrays.
# Seen, 2026-12-01, 200 10 250 as predicted by 210 250 5:
#   scikit-learn 1.2.1
#   mean_squared_log_error: uint8 7.914, float64 7.908
#   mean_squared_error: uint8 73.67, float64 3.924e+04
#   mean_absolute_error: uint8 87, float64 165
#   median_absolute_error: uint8 11, float64 240
#   max_error: uint8 246, float64 245
#   r2_score: uint8 0.9931, float64 -2.671
#   explained_variance_score: uint8 -0.09503, float64 -2.671
#   median error of a picture brightened by 1: 1, darkened by 1: 255
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-sklearn=1.2.1+dfsg-1

cat >errors.py <<'PY'
import sys

import numpy as np
import sklearn
from sklearn import metrics

true, predicted = np.uint8([200, 10, 250]), np.uint8([210, 250, 5])
names = ("mean_squared_log_error", "mean_squared_error", "mean_absolute_error", "median_absolute_error", "max_error", "r2_score",
         "explained_variance_score")
seen = sklearn.__version__ == "1.2.1"
print("scikit-learn", sklearn.__version__)
for name in names:
    compute = getattr(metrics, name)
    got, right = compute(true, predicted), compute(true.astype(float), predicted.astype(float))
    print(f"{name}: uint8 {got:.4g}, float64 {right:.4g}")
    seen &= np.isclose(got, right, rtol=2e-3) == (name == names[0])
picture = np.arange(100, 200, dtype=np.uint8)
of_two = [metrics.median_absolute_error(picture, picture + step) for step in (np.uint8(1), np.uint8(255))]  # 255: less 1
print(f"median error of a picture brightened by 1: {of_two[0]:g}, darkened by 1: {of_two[1]:g}")
seen &= sorted(of_two) == [1, 255] and metrics.r2_score(true, predicted) > 0.99
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s errors.py
