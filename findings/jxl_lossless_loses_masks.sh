#!/usr/bin/env bash
# JPEG XL's own tools lose masks, labels and depth maps in "lossless" files, where a number has not 8 or 16 bits.
# Library: libjxl 0.7.0 (Debian 12: libjxl-tools 0.7.0-10+deb12u1), cjxl and djxl.
# Behaviour: cjxl -d 0 is documented as "mathematically lossless". Of a netpbm file (PGM, PPM, PAM) it takes the bits from the maxval, and refuses
# one that isn't a power of two less one; djxl gives a file of the same maxval, jxlinfo says "(possibly) lossless, 12-bit". The numbers
# were expected to come back, as they do of 8 bits and of 16. Others are taken for parts of 255 or 65535 when they are written, and
# given back so: the file itself holds a picture that is nearly black, rounded to its bits, and of the numbers that
# come back the lower half of the bits, or more, is gone. A mask of 0 and 1 is all 0, of 16 classes two are left, of a depth map
# of 10 bits 17 levels, of a scan of 12 bits 257. No error, no warning. What helps: numbers spread over 8 or 16 bits.
# Seen, 2026-12-01, of every number of the range, row by row:
#   8 bits, pgm: 256 different numbers, back 256, largest error 0 of 255; white in the file is 1.000
#   16 bits, pgm: 65536 different numbers, back 65536, largest error 0 of 65535; white in the file is 1.000
#   1 bits, pgm: 2 different numbers, back 1, largest error 1 of 1; white in the file is 0.000
#   2 bits, pgm: 4 different numbers, back 1, largest error 3 of 3; white in the file is 0.000
#   4 bits, pgm: 16 different numbers, back 2, largest error 8 of 15; white in the file is 0.067
#   10 bits, pgm: 1024 different numbers, back 17, largest error 32 of 1023; white in the file is 0.016
#   12 bits, pgm: 4096 different numbers, back 257, largest error 8 of 4095; white in the file is 0.063
#   8 bits, ppm: 256 different numbers, back 256, largest error 0 of 255; white in the file is 1.000
#   10 bits, ppm: 1024 different numbers, back 17, largest error 32 of 1023; white in the file is 0.016
#   12 bits, ppm: 4096 different numbers, back 257, largest error 8 of 4095; white in the file is 0.063
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libjxl-tools=0.7.0-10+deb12u1 python3-numpy=1:1.24.2-1+deb12u1

cat >lossless.py <<'PY'
import subprocess
import sys

import numpy as np

width = 256


def tool(name, *words):
    subprocess.run([f"root/usr/bin/{name}", *words], check=True, capture_output=True)


seen = True
for kind, suffix, channels in (("P5", "pgm", 1), ("P6", "ppm", 3)):
    for bits in (8, 16, 1, 2, 4, 10, 12) if channels == 1 else (8, 10, 12):
        largest = 2**bits - 1
        height = max(1, (largest + 1) // width)
        numbers = np.resize(np.arange(largest + 1), height * width * channels)
        with open(f"in.{suffix}", "wb") as file:
            file.write(f"{kind}\n{width} {height}\n{largest}\n".encode() + numbers.astype(">u2" if bits > 8 else "u1").tobytes())
        tool("cjxl", "-d", "0", f"in.{suffix}", "file.jxl")
        tool("djxl", "file.jxl", f"out.{suffix}")
        tool("djxl", "file.jxl", "out.npy")
        with open(f"out.{suffix}", "rb") as file:
            back = np.frombuffer(file.read()[-numbers.size * (1 + (bits > 8)):], ">u2" if bits > 8 else "u1").astype(int)
        white = np.load("out.npy").max()  # float32, 1 for white
        error = np.abs(back - numbers).max()
        print(f"{bits} bits, {suffix}: {len(np.unique(numbers))} different numbers, back {len(np.unique(back))}, largest error {error} of {largest}; "
              f"white in the file is {white:.3f}")
        seen &= (error == 0) == (bits in (8, 16)) == bool(white > 0.99)
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s lossless.py
