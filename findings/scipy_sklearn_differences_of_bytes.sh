#!/usr/bin/env bash
# SciPy and scikit-learn compare pictures of bytes wrongly, in some functions and not in others.
# Library: SciPy 1.10.1 (Debian 12: python3-scipy 1.10.1-2), scikit-learn 1.2.1 (python3-sklearn 1.2.1+dfsg-1).
# Behaviour: tests, distances and measures of error take arrays of numpy's bytes, as pictures, masks and labels are, and were
# expected to take them for numbers. Most make floats of them first (ttest_ind, spearmanr, cdist, euclidean_distances). Those below
# subtract or multiply bytes, where 3 - 5 is 254, and give a number without a word: a paired test finds two maps that differ by
# noise to differ beyond all doubt, an error of 12 grey levels is 121, a variance is negative, and two functions of one library
# contradict each other. The same data as floats is right. Which functions do so is not documented.
# Seen, 2026-11-30, 40 pixels and the same with up to 30 added or taken off, as floats and as uint8:
#   stats.ttest_ind, p: 0.981, 0.981
#   stats.ttest_rel, p: 0.86, 2.83e-08
#   stats.wilcoxon, p: 0.95, 5.23e-08
#   stats.tvar of one: 6.1e+03, 6.1e+03
#   stats.kstat of one, its variance: 6.1e+03, -1.6e+04
#   distance.cdist: 94.5, 94.5
#   distance.euclidean: 94.5, 1.09e+03
#   distance.correlation: 0.0178, 0.0178
#   distance.cosine: 0.00511, 0.235
#   metrics.euclidean_distances: 94.5, 94.5
#   metrics.mean_absolute_error: 12.3, 121
#   metrics.mean_squared_error: 223, 63.5
#   metrics.explained_variance_score: 0.962, -1.26
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-scipy=1.10.1-2 python3-sklearn=1.2.1+dfsg-1

cat >compare.py <<'END'
import sys
import warnings

import numpy as np
from scipy import stats
from scipy.spatial import distance
from sklearn import metrics

warnings.simplefilter("ignore")  # of equal pairs: wilcoxon takes another formula
rng = np.random.default_rng(0)
first = rng.integers(0, 256, 40)
second = np.clip(first + rng.integers(-30, 25, 40), 0, 255)
cases = {  # what is computed of two arrays, and whether bytes give the same
    "stats.ttest_ind, p": (lambda a, b: stats.ttest_ind(a, b).pvalue, True),
    "stats.ttest_rel, p": (lambda a, b: stats.ttest_rel(a, b).pvalue, False),
    "stats.wilcoxon, p": (lambda a, b: stats.wilcoxon(a, b).pvalue, False),
    "stats.tvar of one": (lambda a, b: stats.tvar(a), True),
    "stats.kstat of one, its variance": (lambda a, b: stats.kstat(a, 2), False),
    "distance.cdist": (lambda a, b: distance.cdist([a], [b])[0, 0], True),
    "distance.euclidean": (lambda a, b: distance.euclidean(a, b), False),
    "distance.correlation": (lambda a, b: distance.correlation(a, b), True),
    "distance.cosine": (lambda a, b: distance.cosine(a, b), False),
    "metrics.euclidean_distances": (lambda a, b: metrics.euclidean_distances([a], [b])[0, 0], True),
    "metrics.mean_absolute_error": (metrics.mean_absolute_error, False),
    "metrics.mean_squared_error": (metrics.mean_squared_error, False),
    "metrics.explained_variance_score": (metrics.explained_variance_score, False),
}
seen = True
for name, (f, right) in cases.items():
    floats, numbers = (f(first.astype(kind), second.astype(kind)) for kind in (np.float64, np.uint8))
    print(f"{name}: {floats:.3g}, {numbers:.3g}")
    seen &= np.isclose(floats, numbers, rtol=1e-6) == right
sys.exit(not seen)
END
"$T/root/usr/bin/python3.11" -E -s compare.py
