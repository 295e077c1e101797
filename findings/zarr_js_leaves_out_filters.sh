#!/usr/bin/env bash
# zarr.js reads an array without its filters, and gives what lies in the file for the numbers.
# Library: zarr 0.6.3 (npm), beside zarrita 0.7.5 (npm); the arrays are written by zarr 2.13.6 and numcodecs 0.11.0 (Debian 12:
# python3-zarr 2.13.6+ds-1).
# Behaviour: an array of Zarr 2 names a compressor and a list of filters, all of which are to be undone when a chunk is read.
# zarr.js raises an error for a compressor that it has no code for, but does not look at the filters: differences (Delta) come out
# as if they were the numbers, and so do bytes in another order (Shuffle). Shape and type are as they should be, nothing is said.
# zarrita undoes these filters, and raises an error for those that it does not know.
# Seen, 2026-11-30:
#   plain: zarr.js 100 102 101 105 5 6 7 8, zarrita 100 102 101 105 5 6 7 8
#   delta: zarr.js 100 2 -1 4 5 1 1 1, zarrita 100 102 101 105 5 6 7 8
#   shuffle: zarr.js 1768253028 0 0 0 134678021 0 0 0, zarrita 100 102 101 105 5 6 7 8
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-zarr=2.13.6+ds-1
npm i --ignore-scripts --silent --no-audit --no-fund zarr@0.6.3 zarrita@0.7.5

cat >write.py <<'END'
import numcodecs
import numpy as np
import zarr

weights = np.array([100, 102, 101, 105, 5, 6, 7, 8], np.int32)
group = zarr.open_group("net.zarr", "w")
for name, filters in {"plain": None, "delta": [numcodecs.Delta("i4")], "shuffle": [numcodecs.Shuffle(4)]}.items():
    group.array(name, weights, chunks=4, compressor=numcodecs.Zlib(), filters=filters)
    assert (zarr.open_group("net.zarr", "r")[name][...] == weights).all()
END
"$T/root/usr/bin/python3.11" -E -s write.py

cat >read.mjs <<'END'
import fs from 'node:fs';
import {openArray} from 'zarr';
import * as zarrita from 'zarrita';

const file = key => fs.existsSync(`net.zarr/${key}`) ? Uint8Array.from(fs.readFileSync(`net.zarr/${key}`)) : undefined;
const store = {getItem: async key => file(key).buffer, containsItem: async key => file(key) !== undefined, keys: async () => []};
const other = zarrita.root({get: async key => file(key.slice(1))});

const right = '100 102 101 105 5 6 7 8';
let seen = true;
for (const name of ['plain', 'delta', 'shuffle']) {
  const numbers = Array.from((await (await openArray({store, path: name, mode: 'r'})).getRaw()).data).join(' ');
  const control = Array.from((await zarrita.get(await zarrita.open.v2(other.resolve(name), {kind: 'array'}))).data).join(' ');
  console.log(`${name}: zarr.js ${numbers}, zarrita ${control}`);
  seen &&= control === right && (numbers === right) === (name === 'plain');
}
process.exit(seen ? 0 : 1);
END
node read.mjs
