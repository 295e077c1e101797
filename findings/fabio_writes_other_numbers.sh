#!/usr/bin/env bash
# FabIO saves a heat map of 0..1 as zeros and ones or as -1 everywhere, and bytes and shorts with 256 or 65536 added, by the file's ending.
# Library: FabIO 0.14.0 (Debian 12: python3-fabio 0.14.0+dfsg-2+b2), images of scientific detectors, XImage(data=...).write and fabio.open.
# Behaviour: documented is that an image's data are a NumPy array of any type and that save writes them to the format; EDF and TIFF keep
# floats, MAR refuses to be written, and so it was expected of a format without floats to raise an error. What is read back is
#   CBF, PGM, Bruker    integers: a heat map of 0..1 is a map of zeros, but for its maxima
#   Bruker of float64   numbers stretched to 24 bits without a word about the factor
#   Oxford of uint8     multiples of 256 are added, the more the further down; of uint16, of 65536. int32 is right
#   Oxford of floats    all scores of 0..1 become -1
#   ADSC, d*TREK        of a big-endian array each number's bytes are swapped: 1 is 256
# No warning. A file written once is a measurement lost.
# Seen, 2026-12-01, rows of pixels and what fabio.open gives for its own file:
#   EDF, float32: 0 0.25 0.75 1 is 0 0.25 0.75 1
#   TIFF, float32: 0 0.25 0.75 1 is 0 0.25 0.75 1
#   CBF, float32: 0 0.25 0.75 1 is 0 0 0 1
#   PGM, float32: 0 0.25 0.75 1 is 0 0 0 1
#   Bruker, float32: 0 0.25 0.75 1 is 0 0 0 1
#   Bruker, float64: 0 0.25 0.75 1 is 0 4.1943e+06 1.25829e+07 1.67772e+07
#   Oxford, float32: 0 0.25 0.75 1 is -1 -1 -1 -1
#   Oxford, int32: 5 100 7 200 is 5 100 7 200
#   Oxford, uint8: 5 100 7 200 is 517 612 775 968
#   Oxford, uint16: 5 100 7 200 is 131077 131172 196615 196808
#   ADSC, int16: 1 255 300 1000 is 1 255 300 1000
#   ADSC, >i2: 1 255 300 1000 is 256 -256 11265 -6141
#   d*TREK, >i2: 1 255 300 1000 is 256 -256 11265 -6141
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-fabio=0.14.0+dfsg-2+b2

cat >formats.py <<'PY'
import contextlib
import logging
import sys

import fabio
import numpy as np
from fabio import OXDimage, adscimage, bruker100image, cbfimage, dtrekimage, edfimage, pnmimage, tifimage

logging.disable(logging.CRITICAL)
FORMATS = {"EDF": (edfimage.EdfImage, "edf"), "TIFF": (tifimage.TifImage, "tif"), "CBF": (cbfimage.CbfImage, "cbf"), "PGM": (pnmimage.PnmImage, "pgm"),
           "Bruker": (bruker100image.Bruker100Image, "sfrm"), "Oxford": (OXDimage.OxdImage, "img"), "ADSC": (adscimage.AdscImage, "img"),
           "d*TREK": (dtrekimage.DtrekImage, "img")}


def back(name, values, kind):
    """What a row of these values, four times, is after it was written and read."""
    make, ending = FORMATS[name]
    with contextlib.redirect_stdout(None):
        make(data=np.array([values] * 4, kind)).write(f"map.{ending}")
        row = fabio.open(f"map.{ending}").data[1]
    print(f"{name}, {kind}: {' '.join(f'{value:g}' for value in values)} is {' '.join(f'{value:g}' for value in row)}")
    return row.tolist()


heat, bright, dark = [0.0, 0.25, 0.75, 1.0], [1, 255, 300, 1000], [5, 100, 7, 200]
rows = {(name, kind): back(name, values, kind) for name, kind, values in (
    ("EDF", "float32", heat), ("TIFF", "float32", heat), ("CBF", "float32", heat), ("PGM", "float32", heat), ("Bruker", "float32", heat),
    ("Bruker", "float64", heat), ("Oxford", "float32", heat), ("Oxford", "int32", dark), ("Oxford", "uint8", dark), ("Oxford", "uint16", dark),
    ("ADSC", "int16", bright), ("ADSC", ">i2", bright), ("d*TREK", ">i2", bright))}
seen = rows["EDF", "float32"] == rows["TIFF", "float32"] == heat and rows["Oxford", "int32"] == dark and rows["ADSC", "int16"] == bright
seen &= all(rows[name, "float32"] == [0, 0, 0, 1] for name in ("CBF", "PGM", "Bruker")) and rows["Bruker", "float64"][3] > 1e6
seen &= rows["Oxford", "float32"] == [-1] * 4 and all(rows["Oxford", kind] != dark for kind in ("uint8", "uint16"))
seen &= all(rows[name, ">i2"][0] == 256 for name in ("ADSC", "d*TREK"))
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s formats.py
