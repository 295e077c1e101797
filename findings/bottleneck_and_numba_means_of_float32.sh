#!/usr/bin/env bash
# Bottleneck and Numba give a float32 map's mean above its largest number, and a standard deviation that is many times too large.
# Library: Bottleneck 1.3.5 (Debian 12: python3-bottleneck 1.3.5+ds1-2+b1), nanmean and nanstd; Numba 0.56.4 (python3-numba
# 0.56.4+dfsg-2), mean and std in a compiled function; beside NumPy 1.24.2.
# Behaviour: Bottleneck is documented as "fast NumPy array functions", and Numba to support NumPy's mean and std; the same numbers were expected
# but for the last digits. NumPy adds float32 in pairs. Both of these add one number after the other to a single float32, and from
# 2^24 times a number on nothing is added: of 1024 x 1024 pixels between 100 and 101 the mean is 101.5, of 8192 x 4096, a slide or a
# stack of maps, 64. The deviations are taken from that mean, so that a map's normalisation is off by a factor of 3 to 100. Numba's nanmean
# is right, and float64. No warning; the larger the map, the worse.
# Seen, 2026-12-01, maps of numbers of 100 to 101, evenly distributed; mean and standard deviation:
#   Bottleneck 1.3.5 Numba 0.56.4 NumPy 1.24.2
#   224 x 224: NumPy 100.50 0.29, Bottleneck 100.50 0.29, Numba 100.50 0.29, its nanmean 100.50
#   1024 x 1024: NumPy 100.50 0.29, Bottleneck 101.52 1.06, Numba 101.52 1.06, its nanmean 100.50
#   4096 x 4096: NumPy 100.50 0.29, Bottleneck 117.96 16.84, Numba 117.96 17.47, its nanmean 100.50
#   8192 x 4096: NumPy 100.50 0.29, Bottleneck 64.00 32.00, Numba 64.00 36.50, its nanmean 100.50
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-bottleneck=1.3.5+ds1-2+b1 python3-numba=0.56.4+dfsg-2 python3-numpy=1:1.24.2-1+deb12u1

cat >means.py <<'PY'
import sys

import bottleneck
import numba
import numpy as np


@numba.njit
def compiled(values):
    return values.mean(), values.std(), np.nanmean(values)


random = np.random.default_rng(0)
seen = (bottleneck.__version__, numba.__version__, np.__version__) == ("1.3.5", "0.56.4", "1.24.2")
print("Bottleneck", bottleneck.__version__, "Numba", numba.__version__, "NumPy", np.__version__)
for shape in ((224, 224), (1024, 1024), (4096, 4096), (8192, 4096)):
    scores = random.random(shape, np.float32) + np.float32(100)
    numpys, bottlenecks = (scores.mean(), scores.std()), (bottleneck.nanmean(scores), bottleneck.nanstd(scores))
    numbas = compiled(scores)
    print(f"{shape[0]} x {shape[1]}: NumPy {numpys[0]:.2f} {numpys[1]:.2f}, Bottleneck {bottlenecks[0]:.2f} {bottlenecks[1]:.2f}, "
          f"Numba {numbas[0]:.2f} {numbas[1]:.2f}, its nanmean {numbas[2]:.2f}")
    seen &= np.allclose(numpys, (100.5, 0.2887), rtol=1e-2) and abs(numbas[2] - 100.5) < 0.01
    for mean, deviation in (bottlenecks, numbas[:2]):
        seen &= (100 <= mean <= 101 and deviation < 0.3) == (shape == (224, 224))
sys.exit(0 if seen else 1)
PY
NUMBA_CACHE_DIR="$T" "$T/root/usr/bin/python3.11" -E -s means.py
