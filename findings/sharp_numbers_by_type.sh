#!/usr/bin/env bash
# sharp gives a TIFF's numbers as they are, or cut to 8 bits, or as zeros, by their type, and the limits of a heat map as 0 and 0.
# Library: sharp 0.35.5 (npm; libvips 8.18.7 inside); the files are written by tifffile 2023.2.3 (Debian 12: python3-tifffile
# 20230203-1).
# Behaviour: raw({depth}) is documented to give pixels of the asked type, stats() each channel's min, max and mean. Of grey pictures of
# int8, int32 and float32 all numbers are right. For the following the pixels go through 8 bits on their way, for
# libvips takes the file for a photograph; size and type are as asked for, nothing is said:
#   uint16      asked for "ushort": 65535 is 255, the lower byte is lost. What helps: toColourspace("grey16")
#   int16       as uint16, and what is negative is 0
#   float16     as uint16: a map of 0..1 is all 0
#   float32 of three channels   a map of 0..1 becomes 0..255, bent as sRGB is, what is outside is cut off
# And stats() of float32 cuts min and max to whole numbers: of a map from 0.1 to 0.9 both are 0, of -0.9 to -0.1, too; the mean is
# right. Whoever scales by them divides by 0.
# Seen, 2026-12-01, pictures of one row:
#   int8: -128 -1 0 100 127, sharp -128 -1 0 100 127; min -128, max 127, mean 19.6
#   int32: -70000 -1 0 300 70000, sharp -70000 -1 0 300 70000; min -70000, max 70000, mean 59.8
#   float32: -0.9 -0.5 0.1 0.5 0.9, sharp -0.9 -0.5 0.1 0.5 0.9; min 0, max 0, mean 0.02
#   uint16: 0 255 1000 30000 65535, sharp 0 0 3 117 255; min 0, max 65535, mean 19358
#   int16: -30000 -1 255 1000 30000, sharp 0 0 0 3 117; min -30000, max 30000, mean 250.8
#   float16: 0 0.25 0.5 0.75 1, sharp 0 0 0 0 0; min 0, max 1, mean 0.5
#   float32, colours: -0.5 0 0 0.25 0.5 0.75 1 1 1, sharp 0 0 0 137 188 224 255 255 255; min 0, max 1, mean 0.25
#   float32, 0.1 to 0.9: 0.1 0.5 0.9, sharp 0.1 0.5 0.9; min 0, max 0, mean 0.5
#   float32, -0.9 to -0.1: -0.9 -0.5 -0.1, sharp -0.9 -0.5 -0.1; min 0, max 0, mean -0.5
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-tifffile=20230203-1
npm i --ignore-scripts --silent --no-audit --no-fund sharp@0.35.5

cat >files.py <<'PY'
import json

import numpy as np
import tifffile

pictures = {  # sharp's name for the type, and the numbers
    "int8": ("char", np.array([-128, -1, 0, 100, 127], np.int8)),
    "int32": ("int", np.array([-70000, -1, 0, 300, 70000], np.int32)),
    "float32": ("float", np.array([-0.9, -0.5, 0.1, 0.5, 0.9], np.float32)),
    "uint16": ("ushort", np.array([0, 255, 1000, 30000, 65535], np.uint16)),
    "int16": ("short", np.array([-30000, -1, 255, 1000, 30000], np.int16)),
    "float16": ("float", np.array([0, 0.25, 0.5, 0.75, 1], np.float16)),
    "float32, colours": ("float", np.array([[-0.5, 0, 0], [0.25, 0.5, 0.75], [1, 1, 1]], np.float32)),
    "float32, 0.1 to 0.9": ("float", np.array([0.1, 0.5, 0.9], np.float32)),
    "float32, -0.9 to -0.1": ("float", np.array([-0.9, -0.5, -0.1], np.float32)),
}
for name, (_, numbers) in pictures.items():
    tifffile.imwrite(name + ".tif", numbers[None], photometric="rgb" if numbers.ndim == 2 else "minisblack")
with open("pictures.json", "w") as file:
    json.dump({name: [depth, numbers.ravel().tolist()] for name, (depth, numbers) in pictures.items()}, file)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s files.py

cat >run.mjs <<'JS'
import fs from 'node:fs';
import sharp from 'sharp';

const arrays = {char: Int8Array, short: Int16Array, ushort: Uint16Array, int: Int32Array, float: Float32Array};
const wrong = ['uint16', 'int16', 'float16', 'float32, colours'];
const told = values => values.map(v => +v.toFixed(3)).join(' ');
const near = (a, b) => a.every((v, i) => Math.abs(v - b[i]) < 1e-3);
let seen = true;
for (const [name, [depth, right]] of Object.entries(JSON.parse(fs.readFileSync('pictures.json')))) {
  const pixels = async picture => {
    const {data, info} = await picture.raw({depth}).toBuffer({resolveWithObject: true});
    const all = new arrays[depth](data.buffer.slice(data.byteOffset, data.byteOffset + data.length));
    return Array.from(all).filter((_, i) => right.length % 9 === 0 || i % info.channels === 0);  // grey comes three times
  };
  const got = await pixels(sharp(`${name}.tif`));
  const {channels} = await sharp(`${name}.tif`).stats();
  const {min, max, mean} = channels[0];
  console.log(`${name}: ${told(right)}, sharp ${told(got)}; min ${min}, max ${max}, mean ${told([mean])}`);
  seen &&= near(right, got) === !wrong.includes(name);
  if (name.includes(' to ')) seen &&= min === 0 && max === 0 && Math.abs(mean - right[1]) < 1e-3;
  if (name === 'uint16') seen &&= near(right, await pixels(sharp(`${name}.tif`).toColourspace('grey16')));
}
process.exit(seen ? 0 : 1);
JS
node run.mjs
