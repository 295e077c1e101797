#!/usr/bin/env bash
# jsfive reads valid HDF5 data sets with other values: bfloat16 as float16, and nothing where the fill value stands.
# Library: jsfive 0.4.2 (npm); the file is written, and read back rightly, by h5py 3.7.0 (Debian 12: python3-h5py-serial
# 3.7.0-8).
# Behaviour: a data set's type says where sign, exponent and mantissa of its floats are, and its fill value what is read where
# nothing was written. jsfive takes every float of two bytes for IEEE's half: weights stored as bfloat16 (8 bits of exponent,
# 7 of mantissa) come out as numbers of the same signs and of an innocent size, 1.5 as 1.9375. In place of the fill value it
# gives undefined where a chunk or a contiguous data set was never allocated, and an empty array where no chunk was. There is
# no error in any of these; it does raise errors for filters and layouts that it does not know.
# Seen, 2026-11-29:
#   float16: 1.5 -0.25 0.015625 3, h5py: 1.5 -0.25 0.015625 3
#   bfloat16: 1.9375 -1.625 1.125 2.125, h5py: 1.5 -0.25 0.015625 3
#   chunked: undefined undefined 5 5 undefined undefined, h5py: 1 1 5 5 1 1
#   one_chunk: (nothing), h5py: 1 1 1 1
#   contiguous: undefined undefined undefined undefined, h5py: 1 1 1 1
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-h5py-serial=3.7.0-8
npm i --ignore-scripts --silent --no-audit --no-fund jsfive@0.4.2

cat >write.py <<'END'
import json

import h5py
import numpy as np

weights = np.float32([1.5, -0.25, 0.015625, 3])
with h5py.File("net.h5", "w") as file:
    bfloat16 = h5py.h5t.IEEE_F32LE.copy()
    bfloat16.set_fields(15, 7, 8, 0, 7)
    bfloat16.set_size(2)
    bfloat16.set_ebias(127)
    space = h5py.h5s.create_simple(weights.shape)
    h5py.h5d.create(file.id, b"bfloat16", bfloat16, space).write(h5py.h5s.ALL, h5py.h5s.ALL, weights)
    file["float16"] = weights.astype(np.float16)
    chunked = file.create_dataset("chunked", (6,), "f4", chunks=(2,), fillvalue=1)
    chunked[2:4] = 5
    file.create_dataset("one_chunk", (4,), "f4", chunks=(4,), fillvalue=1)
    file.create_dataset("contiguous", (4,), "f4", fillvalue=1)
with h5py.File("net.h5", "r") as file:
    json.dump({name: file[name][()].tolist() for name in file}, open("right.json", "w"))
END
"$T/root/usr/bin/python3.11" -E -s write.py

cat >read.mjs <<'END'
import fs from 'node:fs';
import {File} from 'jsfive';

const bytes = fs.readFileSync('net.h5'), right = JSON.parse(fs.readFileSync('right.json'));
const file = new File(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), 'net.h5');
const differs = {};
for (const name of ['float16', 'bfloat16', 'chunked', 'one_chunk', 'contiguous']) {
  const got = Array.from(file.get(name).value);
  differs[name] = got.length !== right[name].length || got.some((v, i) => v !== right[name][i]);
  console.log(`${name}: ${got.map(String).join(' ') || '(nothing)'}, h5py: ${right[name].join(' ')}`);
}
process.exit(!differs.float16 && differs.bfloat16 && differs.chunked && differs.one_chunk && differs.contiguous ? 0 : 1);
END
node read.mjs
