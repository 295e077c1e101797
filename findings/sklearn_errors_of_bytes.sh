#!/usr/bin/env bash
# scikit-learn's errors of two pictures in bytes go round: the largest error of one step is 255, and a bad fit has an r2 of 0.989.
# Library: scikit-learn 1.2.1 (Debian 12: python3-sklearn 1.2.1+dfsg-1), metrics.
# Behaviour: max_error is documented as "the maximum residual error", r2_score as the coefficient of determination, mean_pinball_loss as a loss of
# the differences. Pixels, classes and counts come in bytes, and the same scores were expected as of floats. All of
# these subtract bytes from bytes: what is 1 below becomes 255.
# No warning, and no error.
# Seen, 2026-12-01, bytes and the same numbers as floats:
#   max_error of 100 101 and 101 100: 255, 1
#   median_absolute_error of 100 101 and 101 100: 128, 1
#   mean_pinball_loss of 100 101 and 101 100: 64, 0.5
#   mean_absolute_error of 0 100 200 and 50 200 100: 102, 83.3
#   mean_squared_error of 0 100 200 and 50 200 100: 76, 7.5e+03
#   r2_score of 0 100 200 and 50 200 100: 0.989, -0.125
#   explained_variance_score of 0 100 200 and 50 200 100: 0.719, -0.0833
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack; }
debs python3-sklearn=1.2.1+dfsg-1

cat >errors.py <<'PY'
import sys

import numpy as np
from sklearn import metrics

near, far = ([100, 101], [101, 100]), ([0, 100, 200], [50, 200, 100])
seen = True
for name, numbers in (("max_error", near), ("median_absolute_error", near), ("mean_pinball_loss", near), ("mean_absolute_error", far),
                      ("mean_squared_error", far), ("r2_score", far), ("explained_variance_score", far)):
    scores = [getattr(metrics, name)(*(np.array(values, kind) for values in numbers)) for kind in (np.uint8, np.float64)]
    print(f"{name} of {' and '.join(' '.join(map(str, values)) for values in numbers)}: {scores[0]:.3g}, {scores[1]:.3g}")
    seen = seen and abs(float(scores[0]) - scores[1]) > 0.4
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s errors.py
