#!/usr/bin/env bash
# geotiff.js gives other numbers for big-endian TIFF pictures of 16 or 32 bits that are stored as differences.
# Library: geotiff 3.0.5 (npm), beside tiff 7.1.3 (npm); the files are written, and read back rightly, by tifffile 2023.2.3
# (Debian 12: python3-tifffile 20230203-1).
# Behaviour: TIFF's Predictor 2 stores, before compression, each pixel's difference to the one on its left, as numbers of the
# picture's type, whose bytes are in the order that the file's first two letters say. geotiff.js adds the differences up as if
# they were little-endian, whatever the file says, and reads the sums as big-endian: carries go the wrong way, and somewhere in
# each row the numbers are wrong from there on. Of 8 bits there is no order, and it is right, as it is of little-endian
# files and of big-endian ones without a predictor. Size and type are as they should be; no error.
# Seen, 2026-11-30, of 1920 numbers, 48 in a row, from the 37th on:
#   uint8, little-endian, predictor 1: 0 wrong; row 36 37 38 39 40, right 36 37 38 39 40
#   uint8, little-endian, predictor 2: 0 wrong; row 36 37 38 39 40, right 36 37 38 39 40
#   uint8, big-endian, predictor 1: 0 wrong; row 36 37 38 39 40, right 36 37 38 39 40
#   uint8, big-endian, predictor 2: 0 wrong; row 36 37 38 39 40, right 36 37 38 39 40
#   uint16, little-endian, predictor 1: 0 wrong, with tiff 0; row 352 359 366 373 380, right 352 359 366 373 380
#   uint16, little-endian, predictor 2: 0 wrong, with tiff 0; row 352 359 366 373 380, right 352 359 366 373 380
#   uint16, big-endian, predictor 1: 0 wrong, with tiff 0; row 352 359 366 373 380, right 352 359 366 373 380
#   uint16, big-endian, predictor 2: 1150 wrong, with tiff 0; row 96 103 110 117 124, right 352 359 366 373 380
#   int16, little-endian, predictor 1: 0 wrong; row -4748 -4741 -4734 -4727 -4720, right -4748 -4741 -4734 -4727 -4720
#   int16, little-endian, predictor 2: 0 wrong; row -4748 -4741 -4734 -4727 -4720, right -4748 -4741 -4734 -4727 -4720
#   int16, big-endian, predictor 1: 0 wrong; row -4748 -4741 -4734 -4727 -4720, right -4748 -4741 -4734 -4727 -4720
#   int16, big-endian, predictor 2: 1152 wrong; row -5004 -4997 -4990 -4983 -4976, right -4748 -4741 -4734 -4727 -4720
#   uint32, little-endian, predictor 1: 0 wrong; row 3600108 3700111 3800114 3900117 4000120, right 3600108 3700111 3800114 3900117 4000120
#   uint32, little-endian, predictor 2: 0 wrong; row 3600108 3700111 3800114 3900117 4000120, right 3600108 3700111 3800114 3900117 4000120
#   uint32, big-endian, predictor 1: 0 wrong; row 3600108 3700111 3800114 3900117 4000120, right 3600108 3700111 3800114 3900117 4000120
#   uint32, big-endian, predictor 2: 1873 wrong; row 2414846 2449058 2548805 2583273 2683020, right 3600108 3700111 3800114 3900117 4000120
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-tifffile=20230203-1
npm i --ignore-scripts --silent --no-audit --no-fund geotiff@3.0.5 tiff@7.1.3

cat >write.py <<'END'
import json

import numpy as np
import tifffile

ramp = np.arange(40 * 48).reshape(40, 48)
described = {}
for dtype, picture in {"uint8": ramp % 251, "uint16": ramp * 7 + 100, "int16": ramp * 7 - 5000, "uint32": ramp * 100003}.items():
    picture = picture.astype(dtype)
    for order in "<>":
        for predictor in (None, 2):
            file = f"{len(described)}.tif"
            tifffile.imwrite(file, picture, byteorder=order, compression="zlib", predictor=predictor, metadata=None)
            assert (tifffile.imread(file) == picture).all()
            described[file] = {"type": dtype, "order": {"<": "little-endian", ">": "big-endian"}[order], "predictor": predictor or 1,
                               "pixels": picture.ravel().tolist()}
json.dump(described, open("pictures.json", "w"))
END
"$T/root/usr/bin/python3.11" -E -s write.py

cat >read.mjs <<'END'
import fs from 'node:fs';
import {fromArrayBuffer} from 'geotiff';
import {decode} from 'tiff';

let seen = true;
for (const [file, {type, order, predictor, pixels}] of Object.entries(JSON.parse(fs.readFileSync('pictures.json')))) {
  const bytes = Uint8Array.from(fs.readFileSync(file));
  const image = await (await fromArrayBuffer(bytes.buffer)).getImage();
  const [got] = await image.readRasters();
  const wrong = numbers => pixels.filter((v, i) => v !== numbers[i]).length;
  const other = type === 'uint16' ? `, with tiff ${wrong(decode(bytes)[0].data)}` : '';
  const fails = type !== 'uint8' && order === 'big-endian' && predictor === 2;
  console.log(`${type}, ${order}, predictor ${predictor}: ${wrong(got)} wrong${other}; ` +
              `row ${Array.from(got.slice(36, 41)).join(' ')}, right ${pixels.slice(36, 41).join(' ')}`);
  seen &&= got.length === pixels.length && (wrong(got) > 1000) === fails && (wrong(got) === 0) === !fails;
}
process.exit(seen ? 0 : 1);
END
node read.mjs
