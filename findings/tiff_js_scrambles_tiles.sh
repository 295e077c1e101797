#!/usr/bin/env bash
# tiff, the TIFF reader of image-js, scrambles colours in tiles and takes signed numbers and halves for others.
# Library: tiff 7.1.3 (npm, its decode), beside geotiff 3.0.5 (npm); the files are written, and read back rightly, by tifffile
# 2023.2.3 (Debian 12: python3-tifffile 20230203-1).
# Behaviour: a TIFF is stored in strips of rows or in tiles, as whole slides and satellite pictures are; SampleFormat says whether
# its numbers are unsigned, signed or floats. tiff reads strips and tiles of grey, strips of colours and float32 rightly, and
# raises an error for what it does not know (integers of 1 or 32 bits). Of these it says nothing:
#   tiles of colours              a tile's samples are put down as if there were one for each pixel: nearly all are wrong
#   tiles stored as differences   (Predictor 2) are added up beyond the tile's edge
#   signed integers               are taken for unsigned ones: -1 is 255, or 65535
#   float16                       is taken for integers of the same bits: 1.5 is 15872
# Seen, 2026-11-30, of pictures of 40 x 48 pixels, tiles of 16 x 32:
#   grey, strips:        0 of 1920 wrong (geotiff 0); 0 1 2 3 4 5, right 0 1 2 3 4 5
#   grey, tiles:         0 of 1920 wrong (geotiff 0); 0 1 2 3 4 5, right 0 1 2 3 4 5
#   colours, strips:     0 of 5760 wrong (geotiff 0); 0 1 2 3 4 5, right 0 1 2 3 4 5
#   colours, tiles:      5735 of 5760 wrong (geotiff 0); 0 0 0 1 0 0, right 0 1 2 3 4 5
#   differences, strips: 0 of 1920 wrong (geotiff 0); 0 7 14 21 28 35, right 0 7 14 21 28 35
#   differences, tiles:  640 of 1920 wrong (geotiff 0); 0 7 14 21 28 35, right 0 7 14 21 28 35
#   float32:             0 of 1920 wrong (geotiff 0); -100 -99.75 -99.5 -99.25 -99 -98.75, right -100 -99.75 -99.5 -99.25 -99 -98.75
#   int8:                1000 of 1920 wrong (geotiff 0); 131 132 133 134 135 136, right -125 -124 -123 -122 -121 -120
#   int16:               715 of 1920 wrong (geotiff 0); 60536 60543 60550 60557 60564 60571, right -5000 -4993 -4986 -4979 -4972 -4965
#   float16:             1919 of 1920 wrong (geotiff 0); 54848 54844 54840 54836 54832 54828, right -100 -99.75 -99.5 -99.25 -99 -98.75
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-tifffile=20230203-1
npm i --ignore-scripts --silent --no-audit --no-fund tiff@7.1.3 geotiff@3.0.5

cat >write.py <<'END'
import json

import numpy as np
import tifffile

grey = np.arange(40 * 48).reshape(40, 48)
colours = np.arange(40 * 48 * 3).reshape(40, 48, 3)
tile, differences = {"tile": (16, 32)}, {"compression": "zlib", "predictor": 2}
pictures = {
    "grey, strips": (grey % 251, "uint8", {}),
    "grey, tiles": (grey % 251, "uint8", tile),
    "colours, strips": (colours % 251, "uint8", {}),
    "colours, tiles": (colours % 251, "uint8", tile),
    "differences, strips": (grey * 7, "uint16", differences),
    "differences, tiles": (grey * 7, "uint16", {**differences, **tile}),
    "float32": (grey / 4 - 100, "float32", {}),
    "int8": (grey % 251 - 125, "int8", {}),
    "int16": (grey * 7 - 5000, "int16", {}),
    "float16": (grey / 4 - 100, "float16", {}),
}
described = {}
for name, (picture, dtype, options) in pictures.items():
    picture, file = picture.astype(dtype), f"{len(described)}.tif"
    tifffile.imwrite(file, picture, metadata=None, **options)
    assert (tifffile.imread(file) == picture).all()
    described[name] = {"file": file, "numbers": picture.ravel().tolist()}
json.dump(described, open("pictures.json", "w"))
END
"$T/root/usr/bin/python3.11" -E -s write.py

cat >read.mjs <<'END'
import fs from 'node:fs';
import {fromArrayBuffer} from 'geotiff';
import {decode} from 'tiff';

let seen = true;
for (const [name, {file, numbers}] of Object.entries(JSON.parse(fs.readFileSync('pictures.json')))) {
  const bytes = Uint8Array.from(fs.readFileSync(file));
  const [{data}] = decode(bytes);
  const image = await (await fromArrayBuffer(bytes.buffer)).getImage(), control = await image.readRasters({interleave: true});
  const wrong = values => numbers.filter((v, i) => v !== values[i]).length;
  const some = values => Array.from(values.slice(0, 6)).join(' ');
  console.log(`${(name + ':').padEnd(20)} ${wrong(data)} of ${data.length} wrong (geotiff ${wrong(control)}); ${some(data)}, right ${some(numbers)}`);
  const right = !['colours, tiles', 'differences, tiles', 'int8', 'int16', 'float16'].includes(name);
  seen &&= data.length === numbers.length && wrong(control) === 0 && (wrong(data) === 0) === right;
}
process.exit(seen ? 0 : 1);
END
node read.mjs
