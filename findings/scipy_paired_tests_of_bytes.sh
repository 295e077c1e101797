#!/usr/bin/env bash
# SciPy's paired tests of numbers in bytes go round: a t of -1.7 is +2.0, Wilcoxon's 6 is 0, a falling line rises.
# Library: SciPy 1.10.1 (Debian 12: python3-scipy 1.10.1-2), stats, beside the same numbers as floats.
# Behaviour: ttest_rel and wilcoxon are documented as tests of the differences of two related samples, theilslopes as the median of the slopes
# between all pairs of points. Scores, votes and pixels come in bytes; ttest_ind, pearsonr, linregress and the mean give the same for bytes
# and floats. These subtract bytes from bytes before anything else: what is 1 below becomes 255 above. So the sign of an effect is another
# one, and its p-value too. No warning, no error.
# Seen, 2026-12-01, bytes and floats:
#   ttest_rel of 1 2 3 and 2 4 3: 2.00, -1.73
#   wilcoxon of 1 2 3 9 8 and 2 4 6 5 3: 0.00, 6.00
#   theilslopes of 255 200 0: 56.00, -127.50
#   ttest_ind of 1 2 3 and 2 4 3: -1.22, -1.22
#   linregress of 255 200 0: -127.50, -127.50
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack; }
debs python3-scipy=1.10.1-2

cat >paired.py <<'PY'
import sys

import numpy as np
from scipy import stats

three, five, line = ([1, 2, 3], [2, 4, 3]), ([1, 2, 3, 9, 8], [2, 4, 6, 5, 3]), ([255, 200, 0],)
cases = (("ttest_rel", three, lambda a, b: stats.ttest_rel(a, b).statistic, False), ("wilcoxon", five, lambda a, b: stats.wilcoxon(a, b).statistic, False),
         ("theilslopes", line, lambda a: stats.theilslopes(a).slope, False), ("ttest_ind", three, lambda a, b: stats.ttest_ind(a, b).statistic, True),
         ("linregress", line, lambda a: stats.linregress(np.arange(3), a).slope, True))
seen = True
for name, numbers, test, right in cases:
    got, floats = (test(*(np.array(values, kind) for values in numbers)) for kind in (np.uint8, np.float64))
    print(f"{name} of {' and '.join(' '.join(map(str, values)) for values in numbers)}: {got:.2f}, {floats:.2f}")
    seen = seen and (abs(got - floats) < 1e-9) == right
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s -W ignore paired.py
