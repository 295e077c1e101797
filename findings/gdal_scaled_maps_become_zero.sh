#!/usr/bin/env bash
# GDAL makes zeros of a heat map that a FITS file has as scaled integers, and loses the sign of bytes in FITS and HDF5.
# Library: GDAL 3.6.2 (Debian 12: python3-gdal 3.6.2+dfsg-1+b2); the files are written, and read back rightly, by astropy 5.2.1
# (python3-astropy 5.2.1-2+deb12u1) and h5py 3.7.0 (python3-h5py-serial 3.7.0-8).
# Behaviour: FITS stores floats in 16 bits as BZERO + BSCALE * integer. GDAL's documentation says that CFITSIO's rescaling by the two is on
# since version 3.0, so that numbers near those that were stored were expected, or the integers, whose Scale and Offset a band has. Of
# both something is done: CFITSIO scales, the result is cut to the 16-bit integer that the file has, and the band says the scale
# again. A map of 0..1 is 0 everywhere, and whoever applies the band's scale has one number everywhere, BZERO.
# Bytes that are signed (relevance, quantised weights) become unsigned: in FITS, which has them as bytes with BZERO -128, all below 0 is
# 0; in HDF5 -1 is 255, and the band's PIXELTYPE, by which GDAL calls signed bytes, is not set. No error. float32, and
# integers without a scale or of unsigned 16 bits, are right.
# Seen, 2026-12-01, FITS rows in the file's order:
#   GDAL 3.6.2
#   FITS, float32: Float32 0.125 0.25 0.375 0.5 0.625 0.75
#   FITS, int16, scaled: Int16 0 0 0 0 0 0; scale 1e-05, offset 0.4375
#   FITS, int16, scaled, right: 0.125 0.25 0.375 0.5 0.625 0.75
#   FITS, uint16: UInt16 0 1 2 3 60000 65535
#   FITS, int8: Byte 0 0 0 0 1 2
#   HDF5, int8: Byte 253 254 255 0 1 2
#   HDF5, int16: Int16 -3 -2 -1 0 1 2
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-gdal=3.6.2+dfsg-1+b2 python3-astropy=5.2.1-2+deb12u1 python3-h5py-serial=3.7.0-8 python3-numpy=1:1.24.2-1+deb12u1
export LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$L/hdf5/serial"

cat >maps.py <<'END'
import sys

import h5py
import numpy as np
from astropy.io import fits
from osgeo import gdal

gdal.UseExceptions()
heat = np.arange(1, 7, dtype="f4").reshape(2, 3) / 8
signed = np.arange(-3, 3).reshape(2, 3)
steps = np.array([[0, 1, 2], [3, 60000, 65535]], "u2")


def read(name, path):
    """GDAL's numbers of a file, its band's scale and its PIXELTYPE."""
    picture = gdal.Open(path)
    band, got = picture.GetRasterBand(1), picture.ReadAsArray()
    got = got[::-1] if path.endswith(".fits") else got  # FITS has its lowest row first, GDAL its highest
    scale = f"; scale {band.GetScale():g}, offset {band.GetOffset():g}" if name.endswith("scaled") else ""
    print(f"{name}: {gdal.GetDataTypeName(band.DataType)}", *(f"{v:g}" for v in got.ravel()), end=scale + "\n")
    return got, band.GetScale(), band.GetMetadataItem("PIXELTYPE", "IMAGE_STRUCTURE")  # no band outlives its picture


def by_fits(name, pixels, scaled=False):
    unit = fits.PrimaryHDU(pixels.copy())  # scale works in place
    if scaled:
        unit.scale("int16", bscale=1e-5, bzero=0.4375)
    unit.writeto("map.fits", overwrite=True)
    with fits.open("map.fits") as file:
        assert np.allclose(file[0].data, pixels, rtol=0, atol=1e-5)
    return read(name, "map.fits")


def by_hdf5(name, pixels):
    with h5py.File("map.h5", "w") as file:
        file["map"] = pixels
    with h5py.File("map.h5") as file:
        assert (file["map"][...] == pixels).all()
    return read(name, 'HDF5:"map.h5"://map')


print("GDAL", gdal.VersionInfo("RELEASE_NAME"))
plain, _, _ = by_fits("FITS, float32", heat)
scaled, scale, _ = by_fits("FITS, int16, scaled", heat, scaled=True)
print("FITS, int16, scaled, right:", *(f"{v:g}" for v in heat.ravel()))
unsigned, _, _ = by_fits("FITS, uint16", steps)
fits_bytes, _, _ = by_fits("FITS, int8", signed.astype("i1"))
hdf5_bytes, _, kind = by_hdf5("HDF5, int8", signed.astype("i1"))
hdf5_shorts, _, _ = by_hdf5("HDF5, int16", signed.astype("i2"))
right = (plain == heat).all() and (unsigned == steps).all() and (hdf5_shorts == signed).all()
seen = (scaled == 0).all() and scale == 1e-5 and (fits_bytes == signed.clip(0)).all() and (hdf5_bytes == signed.astype("u1")).all()
sys.exit(0 if right and seen and kind is None else 1)
END
"$T/root/usr/bin/python3.11" -E -s maps.py
