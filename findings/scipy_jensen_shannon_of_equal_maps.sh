#!/usr/bin/env bash
# SciPy's Jensen-Shannon distance of two nearly equal heat maps is NaN in half of all cases.
# Library: SciPy 1.10.1 (Debian 12: python3-scipy 1.10.1-2), spatial.distance.jensenshannon and cdist.
# Behaviour: the distance is documented for any two probability vectors, which it normalises, as the root of a mean of two relative
# entropies; that is never negative, and near 0 where the two are nearly the same. The entropies are sums of positive and negative
# numbers, and by rounding their mean comes out as a little below 0, whose root is NaN. For float32 maps, as networks give them, it
# happens where numbers differ by 1e-5 to 1e-7 of themselves: the same map from two devices, or from two orders of summation; for
# float64, and cdist, which computes in it, at 1e-8 and less. A mean over a data set is then NaN, and "distance < tolerance" false for
# those maps that agree best. All that is said is NumPy's warning of a root, once. Two maps without any difference have 0.
# Seen, 2026-12-01, 1000 pairs of random maps of 7 x 7 each, how many are NaN:
#   SciPy 1.10.1
#   float32, numbers differ by 0 of themselves: 0, cdist 0
#   float32, numbers differ by 0.001 of themselves: 0, cdist 0
#   float32, numbers differ by 1e-05 of themselves: 489, cdist 0
#   float32, numbers differ by 1e-06 of themselves: 461, cdist 0
#   float32, numbers differ by 1e-07 of themselves: 502, cdist 0
#   float64, numbers differ by 0 of themselves: 0, cdist 0
#   float64, numbers differ by 0.001 of themselves: 0, cdist 0
#   float64, numbers differ by 1e-06 of themselves: 0, cdist 0
#   float64, numbers differ by 1e-08 of themselves: 165, cdist 155
#   float64, numbers differ by 1e-09 of themselves: 497, cdist 492
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-scipy=1.10.1-2

cat >maps.py <<'PY'
import sys
import warnings

import numpy as np
import scipy
from scipy.spatial import distance

warnings.simplefilter("ignore")
seen = scipy.__version__ == "1.10.1"
print("SciPy", scipy.__version__)
random = np.random.default_rng(0)
for dtype, noises in ((np.float32, (0, 1e-3, 1e-5, 1e-6, 1e-7)), (np.float64, (0, 1e-3, 1e-6, 1e-8, 1e-9))):
    for number, noise in enumerate(noises):
        lost = lost_of_pairs = 0
        for _ in range(1000):
            one = random.random(49).astype(dtype)
            other = (one * (1 + noise * random.standard_normal(49))).astype(dtype)
            lost += np.isnan(distance.jensenshannon(one, other))
            lost_of_pairs += np.isnan(distance.cdist([one], [other], "jensenshannon")[0, 0])
        print(f"{dtype.__name__}, numbers differ by {noise:g} of themselves: {lost}, cdist {lost_of_pairs}")
        seen &= lost == 0 if number < 2 else True
        seen &= lost > 300 if noise == (1e-6 if dtype is np.float32 else 1e-9) else True
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s maps.py
