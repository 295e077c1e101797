#!/usr/bin/env bash
# pandas has 0 for the mean of a float16 map, xarray and NumPy's nanmean infinity, as soon as it has 65520 pixels.
# Library: pandas 1.5.3 (Debian 12: python3-pandas 1.5.3+dfsg-2), xarray 2023.01.0 (python3-xarray 2023.01.0-1.1) and NumPy 1.24.2
# (python3-numpy 1:1.24.2-1+deb12u1).
# Behaviour: NumPy documents that mean of float16 adds up in float32, and it is right; these were expected to do the same, or at least to
# give numbers of float16's two or three digits. nanmean, and xarray's mean, which leaves NaN out unless told otherwise, add up in
# float16: above 65504 it is infinity. pandas' mean has the right sum and divides it by how many pixels there are as a
# float16, which is infinity from 65520 on: 0, of any map; with infinity over infinity it is NaN. The standard error is 0, skewness
# and kurtosis NaN. xarray's weighted mean with weights of float16 (1 for a pixel of the object) is 0 or NaN as well. A
# map of 256 x 256 is enough, or a table of features of that many rows. No error. What helps: float32 before.
# Seen, 2026-12-01, random numbers of 0..1 and ones, of so many pixels:
#   pandas 1.5.3 NumPy 1.24.2
#   random, 250 x 250: right 0.500, mean 0.500, nanmean 0.500, pandas 0.500, xarray 0.500, weighted 0.500
#   ones, 250 x 250: right 1.000, mean 1.000, nanmean 1.000, pandas 1.000, xarray 1.000, weighted 1.000
#   random, 256 x 256: right 0.499, mean 0.499, nanmean 0.499, pandas 0.000, xarray 0.499, weighted 0.000
#   ones, 256 x 256: right 1.000, mean 1.000, nanmean inf, pandas nan, xarray inf, weighted 0.000
#   random, 400 x 400: right 0.499, mean 0.499, nanmean inf, pandas nan, xarray inf, weighted 0.000
#   ones, 400 x 400: right 1.000, mean 1.000, nanmean inf, pandas nan, xarray inf, weighted 0.000
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-pandas=1.5.3+dfsg-2 python3-xarray=2023.01.0-1.1 python3-numpy=1:1.24.2-1+deb12u1

cat >means.py <<'PY'
import sys
import warnings

import numpy as np
import pandas as pd
import xarray as xr

warnings.simplefilter("ignore")
seen = (pd.__version__, np.__version__) == ("1.5.3", "1.24.2")
print("pandas", pd.__version__, "NumPy", np.__version__)
random = np.random.default_rng(0)
for side in (250, 256, 400):
    for name, map32 in (("random", random.random((side, side))), ("ones", np.ones((side, side)))):
        scores = map32.astype(np.float16)
        right = scores.mean(dtype=np.float64)
        weights = xr.DataArray(np.ones_like(scores))
        means = {"mean": scores.mean(), "nanmean": np.nanmean(scores), "pandas": pd.Series(scores.ravel()).mean(),
                 "xarray": float(xr.DataArray(scores).mean()), "weighted": float(xr.DataArray(map32).weighted(weights).mean())}
        print(f"{name}, {side} x {side}: right {right:.3f}, " + ", ".join(f"{key} {value:.3f}" for key, value in means.items()))
        seen &= np.isclose(means["mean"], right, rtol=1e-2)
        for key, value in means.items():
            fails = {"mean": False, "pandas": side > 250, "weighted": side > 250}.get(key, side**2 * right > 65520)
            seen &= np.isclose(value, right, rtol=1e-2) != fails
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s means.py
