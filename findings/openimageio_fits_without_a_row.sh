#!/usr/bin/env bash
# OpenImageIO reads a FITS map one row too low: the lowest row is lost, the upper one is zeros; what it writes lacks a row, too.
# Library: OpenImageIO 2.4.7.1 (Debian 12: openimageio-tools 2.4.7.1+dfsg-2), oiiotool; the files are written, and read back rightly, by
# astropy 5.2.1 (python3-astropy 5.2.1-2+deb12u1).
# Behaviour: FITS stores rows from the bottom to the top, and OpenImageIO, which lists the format as one that it reads and writes, turns them. All
# of them were expected, each in its place. The first row of the file, the picture's lowest, is lost, all others lie one row too low, and the
# upper one is zeros; for each type. Written files begin with a row of zeros and lack the last one, and astropy
# warns that they are truncated. A label map loses what is along its edge and no longer lies on its picture; of a map of one row nothing
# is left. No error.
# Seen, 2026-12-01, rows of the array in the file's order:
#   uint8 1 2 3 / 4 5 6 / 7 8 9 / 10 11 12: astropy 1 2 3 / 4 5 6 / 7 8 9 / 10 11 12, oiiotool 4 5 6 / 7 8 9 / 10 11 12 / 0 0 0
#   int16 1 2 3 / 4 5 6 / 7 8 9 / 10 11 12: astropy 1 2 3 / 4 5 6 / 7 8 9 / 10 11 12, oiiotool 4 5 6 / 7 8 9 / 10 11 12 / 0 0 0
#   int32 1 2 3 / 4 5 6 / 7 8 9 / 10 11 12: astropy 1 2 3 / 4 5 6 / 7 8 9 / 10 11 12, oiiotool 4 5 6 / 7 8 9 / 10 11 12 / 0 0 0
#   float32 1 2 3 / 4 5 6 / 7 8 9 / 10 11 12: astropy 1 2 3 / 4 5 6 / 7 8 9 / 10 11 12, oiiotool 4 5 6 / 7 8 9 / 10 11 12 / 0 0 0
#   written from PFM, whose rows go upwards, too, 1 2 3 / 4 5 6 / 7 8 9 / 10 11 12: astropy 0 0 0 / 1 2 3 / 4 5 6 / 7 8 9
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs openimageio-tools=2.4.7.1+dfsg-2 python3-astropy=5.2.1-2+deb12u1

cat >rows.py <<'PY'
import subprocess
import sys
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter("ignore")
TOOL = sys.argv[1]


def text(array):
    return " / ".join(" ".join(f"{value:g}" for value in row) for row in array)


def read(array):
    """What oiiotool reads of a FITS file, in the file's order of rows."""
    fits.writeto("map.fits", array, overwrite=True)
    dump = subprocess.run([TOOL, "--dumpdata", "map.fits"], capture_output=True, text=True, check=True).stdout
    values = [float(line.split(":")[1].split()[0]) for line in dump.splitlines() if "Pixel" in line]
    return np.array(values).reshape(array.shape)[::-1]


seen = True
for kind in (np.uint8, np.int16, np.int32, np.float32):
    array = np.arange(1, 13, dtype=kind).reshape(4, 3)
    result = read(array)
    print(f"{kind.__name__} {text(array)}: astropy {text(fits.getdata('map.fits'))}, oiiotool {text(result)}")
    seen &= (result[:3] == array[1:]).all() and (result[3] == 0).all() and (fits.getdata("map.fits") == array).all()
with open("map.pfm", "wb") as file:
    file.write(b"Pf\n3 4\n-1.0\n" + array.astype("<f4").tobytes())
subprocess.run([TOOL, "map.pfm", "-o", "made.fits"], check=True)
made = fits.getdata("made.fits")
print(f"written from PFM, whose rows go upwards, too, {text(array)}: astropy {text(made)}")
sys.exit(0 if seen and (made[0] == 0).all() else 1)
PY
"$T/root/usr/bin/python3.11" -E -s rows.py "$T/root/usr/bin/oiiotool"
