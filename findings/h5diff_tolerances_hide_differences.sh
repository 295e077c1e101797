#!/usr/bin/env bash
# h5diff with a tolerance finds a white pixel and a black one alike, and infinity and 1.
# Library: h5diff of HDF5 1.10.8 (Debian 12: hdf5-tools 1.10.8+repack1-1); the files are written by h5py 3.7.0 (python3-h5py-serial
# 3.7.0-8).
# Behaviour: "-d delta" is documented to report values of which |a - b| > delta, "-p relative" those of which |(a - b) / a| > relative.
# Weights before and after a conversion are compared so, pictures and labels. Of these no difference is reported, exit code 0:
#   -p, unsigned 8 and 16 bits       the difference is taken for a signed number of the type, 255 - 0 for -1, which is a small
#                                    part of 255: bright pixels that become dark ones are missed, the darker, the surer
#   -p, infinity in the first file   with any number in the second, also minus infinity: the quotient is NaN, which is above nothing.
#                                    With the files exchanged it is reported. A weight that overflowed to
#                                    float16's infinity is so "the same" as the one that did not. A NaN is reported in both
#   -d and -p, 32 and 64 bits        the difference is computed in the type itself, and goes round: with -d 1 the label 4294967295
#                                    ("none", -1 of a signed one) is like 0, 2147483647 like -2147483648
# Without a tolerance all are reported.
# Seen, 2026-12-01:
#   h5diff: Version 1.10.8
#   uint8, 255 and 0: plain differs, -d 1 differs, -p 0.5 alike
#   uint8, 0 and 255: plain differs, -d 1 differs, -p 0.5 differs
#   uint16, 65535 and 0: plain differs, -d 1 differs, -p 0.5 alike
#   int8, 127 and 0: plain differs, -d 1 differs, -p 0.5 differs
#   float32, inf and 1: plain differs, -d 1 differs, -p 0.5 alike
#   float32, 1 and inf: plain differs, -d 1 differs, -p 0.5 differs
#   float64, inf and -inf: plain differs, -d 1 differs, -p 0.5 alike
#   float32, nan and 1: plain differs, -d 1 differs, -p 0.5 differs
#   uint32, 4294967295 and 0: plain differs, -d 1 alike, -p 0.5 differs
#   int32, 2147483647 and -2147483648: plain differs, -d 1 alike, -p 0.5 alike
#   int64, 9223372036854775807 and -9223372036854775808: plain differs, -d 1 alike, -p 0.5 alike
#   all pairs of uint8, -p 0.5: 32768 of 38229 reported, of int8: 51776 of 51776
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs hdf5-tools=1.10.8+repack1-1 python3-h5py-serial=3.7.0-8 python3-numpy=1:1.24.2-1+deb12u1
export LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$L/hdf5/serial"

cat >compare.py <<'END'
import subprocess
import sys

import h5py
import numpy as np

H5DIFF = sys.argv[1] + "/usr/bin/h5diff"
inf, nan = np.inf, np.nan
cases = [  # type, number of the first file, of the second, whether -d 1 and -p 0.5 report the difference
    ("uint8", 255, 0, True, False),
    ("uint8", 0, 255, True, True),
    ("uint16", 65535, 0, True, False),
    ("int8", 127, 0, True, True),
    ("float32", inf, 1, True, False),
    ("float32", 1, inf, True, True),
    ("float64", inf, -inf, True, False),
    ("float32", nan, 1, True, True),
    ("uint32", 2**32 - 1, 0, False, True),
    ("int32", 2**31 - 1, -(2**31), False, False),
    ("int64", 2**63 - 1, -(2**63), False, False),
]


def h5diff(a, b, *words):
    """The exit code (0 alike, 1 differs) and what is printed for two arrays."""
    for name, numbers in (("a.h5", a), ("b.h5", b)):
        with h5py.File(name, "w") as file:
            file["x"] = numbers
    done = subprocess.run([H5DIFF, *words, "a.h5", "b.h5"], stdout=subprocess.PIPE)
    return done.returncode, done.stdout.decode()


def relative(kind):
    """How many pairs of the type's numbers differ by more than half of the first one, and how many of them h5diff reports."""
    numbers = np.arange(np.iinfo(kind).min, np.iinfo(kind).max + 1)
    a, b = (v.ravel() for v in np.meshgrid(numbers, numbers, indexing="ij"))
    right = np.where(a == 0, a != b, 2 * abs(a - b) > abs(a))
    reported = h5diff(a.astype(kind), b.astype(kind), "-r", "-p", "0.5")[1].count("\n[ ")
    return reported, int(right.sum())


print(subprocess.run([H5DIFF, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode().strip())
seen = True
for kind, a, b, absolute, share in cases:
    codes = [h5diff(np.array([3, a, 5], kind), np.array([3, b, 5], kind), *words)[0] for words in ([], ["-d", "1"], ["-p", "0.5"])]
    told = [("alike", "differs", "error")[code] for code in codes]
    print(f"{kind}, {a} and {b}: plain {told[0]}, -d 1 {told[1]}, -p 0.5 {told[2]}")
    seen &= codes == [1, int(absolute), int(share)]
unsigned, signed = relative("uint8"), relative("int8")
print(f"all pairs of uint8, -p 0.5: {unsigned[0]} of {unsigned[1]} reported, of int8: {signed[0]} of {signed[1]}")
sys.exit(0 if seen and unsigned[0] < 0.9 * unsigned[1] and signed[0] == signed[1] else 1)
END
"$T/root/usr/bin/python3.11" -E -s compare.py "$T/root"
