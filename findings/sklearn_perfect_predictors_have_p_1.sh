#!/usr/bin/env bash
# scikit-learn's f_regression gives a perfect predictor a negative F and p = 1, and a correlation of 0.996 as 0.37 where numbers are large.
# Library: scikit-learn 1.2.1 (Debian 12: python3-sklearn 1.2.1+dfsg-1), feature_selection.r_regression and f_regression, beside NumPy 1.24.2.
# Behaviour: r_regression is documented as Pearson's r of each feature and the target, f_regression as its F statistic and p-value, "linear
# regression tests". Of a feature that is the target itself r is 1, F huge and p 0; adding a constant to a feature changes nothing. r comes
# out as 1 and a last bit, 1 - r^2 is negative, and so is F, whose p-value is 1: SelectKBest puts the one feature that is the target
# behind any noise. And the deviation is computed from the sum of squares less n times the squared mean, which cancels: at 1e8 (a
# time stamp in seconds is 1.7e9, counts of bytes and ids are as large) r is less than half of what it is. NumPy's corrcoef, which takes the mean
# away first, is right. There is no warning.
# Seen, 2026-12-01:
#   0 .. 99 against itself: r 1, F -2e+17, p 1, corrcoef 1
#   0 .. 99 and 1e6 against 0 .. 99: r 1, F -2e+17, p 1, corrcoef 1
#   chosen as the best of two features, the target itself and noise: noise
#   50 random numbers and a tenth of noise, constant 0: r 0.9956, corrcoef 0.9956
#   50 random numbers and a tenth of noise, constant 1e8: r 0.3741, corrcoef 0.9956
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack; }
debs python3-sklearn=1.2.1+dfsg-1

cat >tests.py <<'PY'
import sys

import numpy as np
from sklearn.feature_selection import SelectKBest, f_regression, r_regression


def correlations(feature, target):
    return r_regression(feature[:, None], target)[0], np.corrcoef(feature, target)[0, 1]


seen = True
target = np.arange(100.0)
for name, constant in (("0 .. 99 against itself", 0), ("0 .. 99 and 1e6 against 0 .. 99", 1e6)):
    (f,), (p,) = f_regression((target + constant)[:, None], target)
    r, right = correlations(target + constant, target)
    print(f"{name}: r {r:.6g}, F {f:.0e}, p {p:.0f}, corrcoef {right:.6g}")
    seen = seen and f < 0 and p == 1 and abs(right - 1) < 1e-9
random = np.random.default_rng(0)
both = np.stack([target, random.normal(size=100)], 1)
(chosen,) = SelectKBest(f_regression, k=1).fit(both, target).get_support(indices=True)
print(f"chosen as the best of two features, the target itself and noise: {['the target', 'noise'][chosen]}")
feature = random.normal(size=50)
noisy = feature + 0.1 * random.normal(size=50)
for name, constant in (("0", 0), ("1e8", 1e8)):
    r, right = correlations(feature + constant, noisy)
    print(f"50 random numbers and a tenth of noise, constant {name}: r {r:.4f}, corrcoef {right:.4f}")
    seen = seen and right > 0.99 and (abs(r - right) < 1e-6 if constant == 0 else r < 0.6)
sys.exit(0 if seen and chosen == 1 else 1)
PY
"$T/root/usr/bin/python3.11" -E -s tests.py
