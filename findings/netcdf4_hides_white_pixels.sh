#!/usr/bin/env bash
# netCDF4 for Python hides every white pixel: 255 of a byte, where no fill value was set, is read as "nothing there".
# Library: netCDF4 1.6.2 (Debian 12: python3-netcdf4 1.6.2-1+b1), beside ncdump of netCDF 4.9.0 (netcdf-bin 1:4.9.0-3+b1) and h5py
# 3.7.0 (python3-h5py-serial 3.7.0-8).
# Behaviour: a netCDF variable has a fill value, of which is read "never written". netCDF's own documentation has defaults for
# numbers, and says of bytes that there should be none, for all 256 are data: "generic utilities such as ncdump will not
# assume a default fill value for byte variables". netCDF4 returns a masked array in which 255 (-127 of signed bytes) is masked, for
# files of anyone: a photograph loses its white, a mask of 0 and 255 all that it marks. Sum, mean and maximum leave the
# pixels out, in silence. ncdump and HDF5 show them. What helps: set_auto_mask(False), or fill_value=False when the file is made.
# Seen, 2026-12-01, rows of bytes:
#   netCDF4 1.6.2
#   mask: netCDF4 0 -- -- 0 --, maximum 0; ncdump 0 255 255 0 255; HDF5 0 255 255 0 255
#   photograph: netCDF4 253 254 -- -- 7, maximum 254; ncdump 253 254 255 255 7; HDF5 253 254 255 255 7
#   signed bytes: netCDF4 -128 -- 0 127, maximum 127; ncdump -128 -127 0 127; HDF5 -128 -127 0 127
#   mask, fill_value=False: netCDF4 0 255 255 0 255, maximum 255; ncdump 0 255 255 0 255; HDF5 0 255 255 0 255
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-netcdf4=1.6.2-1+b1 netcdf-bin=1:4.9.0-3+b1 python3-h5py-serial=3.7.0-8

cat >bytes.py <<'PY'
import subprocess
import sys

import h5py
import netCDF4
import numpy as np

NCDUMP = sys.argv[1] + "/usr/bin/ncdump"
seen = netCDF4.__version__ == "1.6.2"
print("netCDF4", netCDF4.__version__)


def written(name, kind, numbers, **settings):
    with netCDF4.Dataset(name, "w") as file:
        file.createDimension("x", len(numbers))
        file.createVariable("v", kind, ("x",), **settings)[:] = np.array(numbers, kind)
    return name


def by_ncdump(name):
    text = subprocess.run([NCDUMP, "-v", "v", name], stdout=subprocess.PIPE, check=True, text=True).stdout
    return text.split("v = ")[-1].split(";")[0].replace(",", "").split()


for name, kind, numbers, settings, hidden in [("mask", "u1", [0, 255, 255, 0, 255], {}, True), ("photograph", "u1", [253, 254, 255, 255, 7], {}, True),
                                              ("signed bytes", "i1", [-128, -127, 0, 127], {}, True),
                                              ("mask, fill_value=False", "u1", [0, 255, 255, 0, 255], {"fill_value": False}, False)]:
    path = written("bytes.nc", kind, numbers, **settings)
    with netCDF4.Dataset(path) as file:
        got = file["v"][:]
    with h5py.File(path) as file:
        stored = file["v"][:].tolist()
    dumped = by_ncdump(path)
    print(f"{name}: netCDF4 {' '.join('--' if v is None else str(v) for v in got.tolist())}, maximum {got.max()}; "
          f"ncdump {' '.join(dumped)}; HDF5 {' '.join(map(str, stored))}")
    seen &= (got.tolist() != numbers) == hidden and dumped == [str(v) for v in numbers] and stored == numbers
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s bytes.py "$T/root"
