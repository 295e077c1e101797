#!/usr/bin/env bash
# Dask's answers depend on how an array is cut: where a heat map's maximum is, products of masks and of bytes, a NaN's count.
# Library: Dask 2022.12.1 (Debian 12: python3-dask 2022.12.1+dfsg-2), dask.array, beside NumPy 1.24.2.
# Behaviour: dask.array is documented to have NumPy's functions on arrays that are cut into chunks, which says how it is computed, not what.
#   argmax, argmin     NumPy's documentation, which is Dask's as well, says that of several maxima the first one is given. Of the whole
#                      map it is the first chunk's: a mask's first true pixel, and the peak of a heat map of bytes, are elsewhere.
#                      Along one axis it is right
#   @, dot, tensordot  each chunk's products are added up in their own type, as NumPy does, and the chunks' sums in a wider one: of
#                      two masks the result is, in place of true, the number of chunks in which it is so; of bytes, sums are
#                      cut at 256 within each chunk and not after, so that a number is neither NumPy's nor the right one
#   unique             with return_counts a NaN occurs 0 times, also in one chunk
# No error. What helps: chunks that are whole rows, and int64 before products.
# Seen, 2026-12-01, of 6 x 8 numbers, in chunks of so many:
#   Dask 2022.12.1+dfsg
#   6 x 8: argmax 5 and 5; mask product bool 1; of bytes uint8 32; counts 30 0
#   1 x 8: argmax 5 and 5; mask product bool 1; of bytes uint8 32; counts 30 0
#   2 x 4: argmax 10 and 10; mask product int64 2; of bytes uint64 288; counts 30 0
#   3 x 2: argmax 10 and 10; mask product int64 4; of bytes uint64 800; counts 30 0
#   NumPy: argmax 5 and 5; 1; 32; counts 30 18
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-dask=2022.12.1+dfsg-2 python3-numpy=1:1.24.2-1+deb12u1

cat >chunks.py <<'PY'
import sys

import dask
import dask.array as da
import numpy as np

dask.config.set(scheduler="synchronous")
mask = np.zeros((6, 8), bool)
mask[0, 5] = mask[1, 2] = mask[4:] = True
scores = np.where(mask, 150, 3).astype(np.uint8)
holes = np.where(mask, np.nan, 1.0)
seen = dask.__version__ .startswith("2022.12.1")
print("Dask", dask.__version__)
for chunks in ((6, 8), (1, 8), (2, 4), (3, 2)):
    m, s, h = (da.from_array(array, chunks=chunks) for array in (mask, scores, holes))
    first, second, counts = m.argmax().compute(), s.argmax().compute(), da.unique(h, return_counts=True)[1].compute()
    sums, bytes_of = (m @ m.T).compute(), (s @ s.T).compute()
    print(f"{chunks[0]} x {chunks[1]}: argmax {first} and {second}; mask product {sums.dtype} {int(sums[4, 5])}; "
          f"of bytes {bytes_of.dtype} {bytes_of[4, 5]}; counts {counts[0]} {counts[1]}")
    rows = chunks[1] == 8
    seen &= (first == second == mask.argmax()) == rows
    seen &= ((sums.dtype, bytes_of.dtype) == (bool, np.uint8)) == rows and int(sums[4, 5]) == 8 // chunks[1] and counts[1] == 0
print(f"NumPy: argmax {mask.argmax()} and {scores.argmax()}; {int((mask @ mask.T)[4, 5])}; {(scores @ scores.T)[4, 5]}; "
      f"counts {' '.join(map(str, np.unique(holes, return_counts=True)[1]))}")
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s chunks.py
