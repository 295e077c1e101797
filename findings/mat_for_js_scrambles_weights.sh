#!/usr/bin/env bash
# mat-for-js gives a MATLAB array of three or four dimensions with some numbers repeated and others lost.
# Library: mat-for-js 1.1.0 (npm); the file is written by scipy 1.10.1 (Debian 12: python3-scipy 1.10.1-2) and read back by
# it.
# Behaviour: a MAT-file of level 5 holds an array with its first dimension fastest, and mat-for-js gives nested arrays in
# JavaScript: of a matrix m[row][column], which is right. Of more dimensions a[i][j][k] was expected. The nesting is right,
# the numbers are not: strides are added up where they should be multiplied, so that many places have the same number and
# others appear nowhere. So filters of a network in MatConvNet's form (rows, columns, inputs, outputs) are wrong in most
# places. No error.
# Seen, 2026-11-29:
#   2 x 3: 6 of 6 numbers at their places, 6 different ones
#   2 x 2 x 2: 4 of 8 numbers at their places, 6 different ones
#   3 x 3 x 3 x 2: 9 of 54 numbers at their places, 18 different ones
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-scipy=1.10.1-2
npm i --ignore-scripts --silent --no-audit --no-fund mat-for-js@1.1.0

cat >write.py <<'END'
import numpy as np
import scipy.io

arrays = {"matrix": (2, 3), "cube": (2, 2, 2), "filters": (3, 3, 3, 2)}
arrays = {name: np.arange(np.prod(shape), dtype=np.float32).reshape(shape) for name, shape in arrays.items()}
scipy.io.savemat("arrays.mat", arrays)
back = scipy.io.loadmat("arrays.mat")
assert all((back[name] == array).all() for name, array in arrays.items())
END
"$T/root/usr/bin/python3.11" -E -s write.py

cat >read.cjs <<'END'
const bytes = require('fs').readFileSync('arrays.mat');
const {data} = require('mat-for-js').read(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const right = {};  // by row, the numbers are 0, 1, 2, ...
for (const [name, shape] of [['matrix', [2, 3]], ['cube', [2, 2, 2]], ['filters', [3, 3, 3, 2]]]) {
  const flat = data[name].flat(4);
  right[name] = flat.filter((v, i) => v === i).length === flat.length;
  console.log(`${shape.join(' x ')}: ${flat.filter((v, i) => v === i).length} of ${flat.length} numbers at their places, ` +
              `${new Set(flat).size} different ones`);
}
process.exit(right.matrix && !right.cube && !right.filters ? 0 : 1);
END
node read.cjs
