#!/usr/bin/env bash
# Filters of numcodecs lose masks, and numbers stored as float16.
# Library: numcodecs 0.11.0 (Debian 12: python3-numcodecs 0.11.0+ds-4+b1), used by zarr 2.13.6 (python3-zarr 2.13.6+ds-1).
# Behaviour: a filter is for some types and refuses others (Quantize integers, Delta objects). These it takes, and the data read
# back are others than were written:
#   Delta of bool        numpy's difference of two booleans is whether they differ, its running sum whether any was true so far:
#                        a mask comes back true from its first true pixel on, with astype int8 too. As uint8 it is right
#   Quantize of float16  documented to keep so many decimal digits. It multiplies by a power of two first, for which float16 has
#                        no room: with 3 digits all from 64 on is infinity, with 2 from 512 on; of float32 it is right. All that
#                        is said is numpy's warning of an overflow
# Seen, 2026-11-30:
#   no filter, bool: 0 0 1 0 0 0 0 1 0 0 0 0
#   PackBits, bool: 0 0 1 0 0 0 0 1 0 0 0 0
#   Delta, uint8: 0 0 1 0 0 0 0 1 0 0 0 0
#   Delta, bool: 0 0 1 1 1 1 1 1 1 1 1 1
#   Delta, bool as int8: 0 0 1 1 1 1 1 1 1 1 1 1
#   Quantize, digits=1, float32: 0.5 30 60 100 500 1000 5000
#   Quantize, digits=1, float16: 0.5 30 60 100 500 1000 inf
#   Quantize, digits=2, float32: 0.5 30 60 100 500 1000 5000
#   Quantize, digits=2, float16: 0.5 30 60 100 500 inf inf
#   Quantize, digits=3, float32: 0.5 30 60 100 500 1000 5000
#   Quantize, digits=3, float16: 0.5 30 60 inf inf inf inf
#   as written: 0 0 1 0 0 0 0 1 0 0 0 0 and 0.5 30.0 60.0 100.0 500.0 1000.0 5000.0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-zarr=2.13.6+ds-1 python3-numcodecs=0.11.0+ds-4+b1

cat >filters.py <<'END'
import sys
import warnings

import numcodecs
import numpy as np
import zarr

warnings.simplefilter("ignore")
mask = np.arange(12) % 5 == 2
numbers = np.array([0.5, 30, 60, 100, 500, 1000, 5000])
cases = [  # name, what is stored, filter, whether it comes back within the filter's promise
    ("no filter, bool", mask, None, True),
    ("PackBits, bool", mask, numcodecs.PackBits(), True),
    ("Delta, uint8", mask.astype(np.uint8), numcodecs.Delta("u1"), True),
    ("Delta, bool", mask, numcodecs.Delta("?"), False),
    ("Delta, bool as int8", mask, numcodecs.Delta("?", "i1"), False),
    *((f"Quantize, digits={digits}, {dtype}", numbers.astype(dtype), numcodecs.Quantize(digits, dtype), dtype == "float32")
      for digits in (1, 2, 3) for dtype in ("float32", "float16")),
]
seen = True
for name, array, codec, right in cases:
    got = zarr.array(array, filters=codec and [codec])[...]
    numbers_of = np.int64 if array.dtype == bool else array.dtype
    print(f"{name}:", *(f"{v:g}" for v in got.astype(numbers_of)))
    seen &= got.dtype == array.dtype and np.allclose(got.astype(float), array.astype(float), rtol=0, atol=0.05) == right
print("as written:", *mask.astype(int), "and", *numbers)
sys.exit(not seen)
END
"$T/root/usr/bin/python3.11" -E -s filters.py
