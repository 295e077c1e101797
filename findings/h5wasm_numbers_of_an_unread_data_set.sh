#!/usr/bin/env bash
# h5wasm gives numbers for a data set that it could not read.
# Library: h5wasm 0.10.3 (npm; HDF5 2.0.0 inside); the file is written by h5py 3.7.0 (Debian 12: python3-h5py-serial 3.7.0-8).
# Behaviour: h5py compresses with compression="lzf" by a filter of its own (number 32000, the HDF Group has it in its list),
# which h5wasm does not have. Dataset.value was expected to throw. H5Dread fails and prints its trace to stderr, which a
# browser has in its console at most, but value is then a Float32Array of the right length whose numbers are what lay in that
# memory. A data set beside it without the filter is read rightly.
# Seen, 2026-11-29:
#   plain: 1 9 17 25 33 41 49 57, every 512th of 4096
#   lzf:   no error, 4096 numbers, 4096 of them wrong; HDF5 itself: "required filter 'lzf' is not registered"
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-h5py-serial=3.7.0-8
npm i --ignore-scripts --silent --no-audit --no-fund h5wasm@0.10.3

cat >write.py <<'END'
import h5py
import numpy as np

weights = np.repeat(np.arange(1, 65, dtype=np.float32), 64)  # what does not shrink is stored as it is, and readable
with h5py.File("net.h5", "w") as file:
    file["plain"] = weights
    file.create_dataset("lzf", data=weights, compression="lzf")
with h5py.File("net.h5", "r") as file:
    assert (file["lzf"][()] == weights).all()
END
"$T/root/usr/bin/python3.11" -E -s write.py

cat >read.mjs <<'END'
import h5wasm from 'h5wasm/node';

await h5wasm.ready;
const file = new h5wasm.File('net.h5', 'r');
const plain = file.get('plain').value;
console.log(`plain: ${plain.filter((v, i) => i % 512 === 0).join(' ')}, every 512th of ${plain.length}`);
let seen = plain.every((v, i) => v === 1 + Math.floor(i / 64));
try {
  const value = file.get('lzf').value;
  const wrong = Array.from(value).filter((v, i) => v !== 1 + Math.floor(i / 64)).length;
  console.log(`lzf:   no error, ${value.length} numbers, ${wrong} of them wrong`);
  seen &&= value.length === 4096 && wrong > 2000;
} catch (error) {
  console.log(`lzf:   ${error.message ?? error}`);
  seen = false;
}
process.exit(seen ? 0 : 1);
END
node read.mjs 2>hdf5.txt; rc=$?
grep -o "required filter '[a-z]*' is not registered" hdf5.txt
exit $rc
