#!/usr/bin/env bash
# GraphicsMagick makes white of all that is below 0 in a DICOM picture of signed numbers.
# Library: GraphicsMagick 1.3.40 (Debian 12: graphicsmagick 1.4+really1.3.40-4+deb12u1); the files are written, and read back rightly,
# by pydicom 2.3.1 (python3-pydicom 2.3.1-1).
# Behaviour: a DICOM picture's pixels are unsigned or signed (PixelRepresentation), signed ones mostly in computed tomography, where air
# is -1000, water 0 and bone above it, and in maps that are differences. GraphicsMagick reads such files as 16-bit grey; what is larger
# was expected to be brighter, as it is of the same picture stored as unsigned numbers with a RescaleIntercept of -1024. The
# numbers from 0 on are rising greys; each number below is white, the brightest of all, but -1, which may be black.
# So a network is shown air as bone. No warning, and none of the reader's settings (dcm:display-range, dcm:rescale, dcm:window)
# changes it.
# Seen, 2026-12-01, eight pixels, greys of 16 bits:
#   GraphicsMagick 1.3.40
#   unsigned, intercept -1024: -1024 -768 -512 -256 0 256 512 768: 18 9380 18743 28105 37467 46829 56191 65535
#   signed: -1024 -768 -512 -256 0 256 512 768: 65535 65535 65535 65535 32 16416 32799 49183
#   signed, 8 bits: -100 -50 -2 -1 0 1 50 100: 65535 65535 65535 0 328 983 33095 65535
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs graphicsmagick=1.4+really1.3.40-4+deb12u1 python3-pydicom=2.3.1-1 python3-numpy=1:1.24.2-1+deb12u1
export LD_LIBRARY_PATH="$T/root/usr/lib:$LD_LIBRARY_PATH"

cat >greys.py <<'END'
import os
import subprocess
import sys

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

GM = sys.argv[1] + "/usr/bin/gm"
CONFIGURED = dict(os.environ, MAGICK_CONFIGURE_PATH=sys.argv[1] + "/usr/lib/GraphicsMagick-1.3.40/config")


def gm(*words):
    return subprocess.run([GM, *words], env=CONFIGURED, check=True, stdout=subprocess.PIPE).stdout


def write(pixels, intercept=None):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = FileDataset("picture.dcm", {}, file_meta=meta, preamble=bytes(128))
    file.is_little_endian, file.is_implicit_VR = True, False
    file.SOPClassUID, file.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    file.Rows, file.Columns = pixels.shape
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated = file.BitsStored = 8 * pixels.itemsize
    file.HighBit, file.PixelRepresentation = file.BitsStored - 1, int(pixels.dtype.kind == "i")
    if intercept is not None:
        file.RescaleSlope, file.RescaleIntercept = 1, intercept
    file.PixelData = pixels.tobytes()
    file["PixelData"].VR = "OW" if pixels.itemsize > 1 else "OB"
    file.save_as("picture.dcm", write_like_original=False)


def greys(name, pixels, intercept=None):
    """GraphicsMagick's greys of a picture, whose numbers pydicom reads as they are."""
    write(pixels, intercept)
    assert (pydicom.dcmread("picture.dcm").pixel_array == pixels).all()
    got = np.frombuffer(gm("convert", "picture.dcm", "-depth", "16", "gray:-"), ">u2").astype(int)
    print(f"{name}:", *(pixels.ravel().astype(int) + (intercept or 0)), end=": ")
    print(*got)
    return got


print(gm("version").decode()[:21])
units = np.arange(-1024, 1024, 256).reshape(1, 8)
unsigned = greys("unsigned, intercept -1024", (units + 1024).astype("<u2"), -1024)
signed = greys("signed", units.astype("<i2"))
small = greys("signed, 8 bits", np.array([[-100, -50, -2, -1, 0, 1, 50, 100]], "i1"))
seen = (np.diff(unsigned) > 0).all() and (signed[:4] == 65535).all() and (np.diff(signed[4:]) > 0).all() and signed[4] < 1000
sys.exit(0 if seen and (small[:3] == 65535).all() and (np.diff(small[4:]) > 0).all() and small[4] < 1000 else 1)
END
"$T/root/usr/bin/python3.11" -E -s greys.py "$T/root"
