#!/usr/bin/env bash
# pydicom and daikon take DICOM's negative numbers of 12 bits for the largest positive ones.
# Library: pydicom 2.3.1 (Debian 12: python3-pydicom 2.3.1-1) and daikon 1.2.46 (npm), beside DCMTK 3.6.7 (dcmtk 3.6.7-9~deb12u4).
# Behaviour: a DICOM picture says how many bits a pixel has (BitsStored) of those that it takes (BitsAllocated), and by
# PixelRepresentation 1 that they are two's complement, whose sign is bit HighBit (PS3.5, section 8): of 12 in 16 bits, as
# scanners have them, -1 is 0x0fff. pixel_array, documented to be the pixel data as numbers, and daikon's getInterpretedData, which is
# documented to consider "datatype, byte order, data mask", read 16 bits: -1 is 4095, air of -1000 brighter than every
# bone. The file's type is signed, so that int16 comes out, and a window or a modality's scale is applied to it. DCMTK shows the
# same greys as for 16 bits. Where a writer fills the upper bits with the sign, nothing is wrong. Newer versions of pydicom (3) mend it.
# Seen, 2026-12-01, pixels -1000 -1 0 1 1000:
#   16 of 16 bits: pydicom -1000 -1 0 1 1000, daikon -1000 -1 0 1 1000, DCMTK 0 127 127 127 255
#   12 of 16 bits, sign filled up: pydicom -1000 -1 0 1 1000, daikon -1000 -1 0 1 1000, DCMTK 0 127 127 127 255
#   12 of 16 bits: pydicom 3096 4095 0 1 1000, daikon 3096 4095 0 1 1000, DCMTK 0 127 127 127 255
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-pydicom=2.3.1-1 python3-numpy=1:1.24.2-1+deb12u1 dcmtk=3.6.7-9~deb12u4
npm i --ignore-scripts --silent --no-audit --no-fund daikon@1.2.46
export DCMDICTPATH="$T/root/usr/share/libdcmtk17/dicom.dic"

cat >read.cjs <<'END'
const daikon = require('daikon'), fs = require('fs');
const bytes = fs.readFileSync('picture.dcm');
const image = daikon.Series.parseImage(new DataView(new Uint8Array(bytes).buffer));
console.log(...image.getInterpretedData());
END
cat >signs.py <<'END'
import subprocess
import sys

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def write(words, stored):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = FileDataset("picture.dcm", {}, file_meta=meta, preamble=bytes(128))
    file.is_little_endian, file.is_implicit_VR = True, False
    file.SOPClassUID, file.SOPInstanceUID, file.Modality = SecondaryCaptureImageStorage, "1.2.3", "CT"
    file.Rows, file.Columns, file.SamplesPerPixel, file.PhotometricInterpretation = 1, words.size, 1, "MONOCHROME2"
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, stored, stored - 1, 1
    file.PixelData = words.astype("<u2").tobytes()
    file["PixelData"].VR = "OW"
    file.save_as("picture.dcm", write_like_original=False)


def read(name, words, stored):
    write(words, stored)
    by_pydicom = pydicom.dcmread("picture.dcm").pixel_array
    assert by_pydicom.dtype == np.int16
    by_daikon = [int(v) for v in output("node", "read.cjs").split()]
    greys = list(output(sys.argv[1] + "/usr/bin/dcm2pnm", "+Wm", "+op", "picture.dcm")[-words.size:])  # the least is 0, the largest 255
    print(f"{name}: pydicom", *by_pydicom.ravel(), end=", daikon ")
    print(*by_daikon, end=", DCMTK ")
    print(*greys)
    return by_pydicom.ravel().tolist(), by_daikon, greys


pixels = np.array([-1000, -1, 0, 1, 1000])
whole = read("16 of 16 bits", pixels & 0xFFFF, 16)
filled = read("12 of 16 bits, sign filled up", pixels & 0xFFFF, 12)
short = read("12 of 16 bits", pixels & 0xFFF, 12)
right = whole[0] == whole[1] == filled[0] == filled[1] == pixels.tolist() and whole[2] == filled[2] == short[2] == sorted(short[2])
sys.exit(0 if right and short[0] == short[1] == [3096, 4095, 0, 1, 1000] else 1)
END
"$T/root/usr/bin/python3.11" -E -s signs.py "$T/root"
