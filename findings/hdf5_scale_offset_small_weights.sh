#!/usr/bin/env bash
# HDF5's scale-offset filter makes 0 of every float that is nearer to 0 than one step, in place of rounding it.
# Library: HDF5 1.10.8 (Debian 12: libhdf5-103-1 1.10.8+repack1-1), used by h5py 3.7.0 (python3-h5py-serial 3.7.0-8).
# Behaviour: with scaleoffset=D a data set of floats is documented to keep D digits behind the point: each is rounded to a number of
# steps of 10^-D (counted from the least one), an error of half a step at most. Before that, HDF5 sets apart what equals the
# fill value, and takes for equal whatever differs from it by less than a step. The fill value is 0 unless told otherwise, so that
# all between -10^-D and 10^-D becomes 0, with errors of up to a whole step: small weights of a network vanish, heat maps
# lose their faint parts. With a fill value far from the data it is as documented.
# Seen, 2026-11-30:
#   HDF5 1.10.8
#   to whole numbers: 0.0 0.4 0.6 0.9 1.1 1.6 10.0
#     as it is: 0.0 0.0 0.0 0.0 1.1 2.1 10.1
#     fill value -1: 0.0 0.0 1.0 1.0 1.0 2.0 10.0
#   100000 weights of deviation 0.02, 2 digits, 19.8% below half a step:
#     as it is: largest error 1.00 steps, 38.6% are 0
#     fill value -1000: largest error 0.50 steps, 0.0% are 0
#   100000 weights of deviation 0.02, 3 digits, 2.0% below half a step:
#     as it is: largest error 1.00 steps, 4.0% are 0
#     fill value -1000: largest error 0.50 steps, 0.0% are 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-h5py-serial=3.7.0-8 libhdf5-103-1=1.10.8+repack1-1

cat >weights.py <<'END'
import sys

import h5py
import numpy as np


def stored(values, **options):
    with h5py.File("net.h5", "w") as file:
        file.create_dataset("x", data=values, chunks=values.shape, **options)
    with h5py.File("net.h5") as file:
        return file["x"][()]


few = np.array([0, 0.4, 0.6, 0.9, 1.1, 1.6, 10])
weights = np.random.default_rng(1).normal(0, 0.02, 100000)
seen = True
print("HDF5", h5py.version.hdf5_version)
print("to whole numbers:", *few)
for name, options in {"as it is": {}, "fill value -1": {"fillvalue": -1.0}}.items():
    got = stored(few, scaleoffset=0, **options)
    print(f"  {name}:", *(f"{v:.1f}" for v in got))
    seen &= (np.abs(got - few).max() > 0.89) == (not options)
for digits in (2, 3):
    step = 10.0 ** -digits
    print(f"100000 weights of deviation 0.02, {digits} digits, {np.mean(np.abs(weights) < step / 2):.1%} below half a step:")
    for name, options in {"as it is": {}, "fill value -1000": {"fillvalue": -1000.0}}.items():
        got = stored(weights, scaleoffset=digits, **options)
        error, lost = np.abs(got - weights).max() / step, np.mean(np.abs(got) < 1e-9)
        print(f"  {name}: largest error {error:.2f} steps, {lost:.1%} are 0")
        seen &= error > 0.99 and abs(lost - np.mean(np.abs(weights) < step)) < 1e-3 if not options else error < 0.501
sys.exit(not seen)
END
"$T/root/usr/bin/python3.11" -E -s weights.py
