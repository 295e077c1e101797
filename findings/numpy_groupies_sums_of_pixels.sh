#!/usr/bin/env bash
# numpy-groupies' nansum of a region's pixels goes round at 256 where its sum doesn't, and a region's peak may be in another region.
# Library: numpy-groupies 0.9.20 (Debian 12: python3-numpy-groupies 0.9.20-1), aggregate_np and aggregate_nb, as flox and xarray use them;
# beside NumPy 1.24.2.
# Behaviour: aggregate is documented to do for each group "what you would expect", nan-functions to leave NaN out, all engines to be the
# same but for speed. Of bytes, which have no NaN, sum and nansum were expected to be equal. sum has wide integers, as NumPy has;
# nansum, prod, cumsum and sumofsquares count in bytes: a region of two pixels of 200 and 100 has 44. Of floats with NaN, max and min are NaN by
# NumPy's engine, and by Numba's the largest before the first NaN, or NaN where it comes first; argmax and argmin of a region with a NaN in
# front are place 0, of another region, by both. nanmean and nanmax of a region that has only NaN are 0, a value like any other.
# No warning. What helps: int64 or float64 before, fill_value=np.nan.
# Seen, 2026-12-01; regions of two pixels, three and one:
#   numpy-groupies 0.9.20
#   bytes 200 100 255 255 255 1
#     sum: NumPy 300 765 1, Numba 300 765 1
#     nansum: NumPy 44 253 1, Numba 44 253 1
#     prod: NumPy 32 255 1, Numba 32 255 1
#     cumsum: NumPy 200 44 255 254 253 1, Numba 200 44 255 254 253 1
#     sumofsquares: NumPy 80 3 1, Numba 80 3 1
#     mean: NumPy 150 255 1, Numba 150 255 1
#   floats with NaN 0.5 nan -1 -2 -3 nan
#     max: NumPy nan -1 nan, Numba 0.5 -1 nan
#     min: NumPy nan -3 nan, Numba 0.5 -3 nan
#     argmax: NumPy 0 2 0, Numba 0 2 0
#     nanmax: NumPy 0.5 -1 0, Numba 0.5 -1 0
#     nanmean: NumPy 0.5 -2 0, Numba 0.5 -2 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-numpy-groupies=0.9.20-1 python3-numba

cat >regions.py <<'PY'
import sys
import warnings

import numpy as np
import numpy_groupies as npg

warnings.simplefilter("ignore")
regions = np.array([0, 0, 1, 1, 1, 2])
pixels = np.uint8([200, 100, 255, 255, 255, 1])
scores = np.array([0.5, np.nan, -1, -2, -3, np.nan])
results = {}
print("numpy-groupies", npg.__version__)
for kind, values, functions in (("bytes", pixels, "sum nansum prod cumsum sumofsquares mean".split()), ("floats with NaN", scores, "max min argmax nanmax nanmean".split())):
    print(f"{kind} {' '.join(f'{value:g}' for value in values)}")
    for function in functions:
        engines = {}
        for name, engine in (("NumPy", npg.aggregate_np), ("Numba", npg.aggregate_nb)):
            engines[name] = " ".join(f"{value:g}" for value in engine(regions, values, func=function))
        results[function] = engines
        print(f"  {function}: " + ", ".join(f"{name} {row}" for name, row in engines.items()))
expected = {"sum": ("300 765 1",) * 2, "nansum": ("44 253 1",) * 2, "prod": ("32 255 1",) * 2, "sumofsquares": ("80 3 1",) * 2,
            "mean": ("150 255 1",) * 2, "max": ("nan -1 nan", "0.5 -1 nan"), "argmax": ("0 2 0",) * 2, "nanmax": ("0.5 -1 0",) * 2}
sys.exit(0 if all(tuple(results[key].values()) == value for key, value in expected.items()) else 1)
PY
"$T/root/usr/bin/python3.11" -E -s regions.py
