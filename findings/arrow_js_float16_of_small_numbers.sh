#!/usr/bin/env bash
# Apache Arrow for JavaScript stores small probabilities as minus infinity in float16, and scores from 65536 on as 2 to 4.
# Library: apache-arrow 21.2.0 (npm), vectorFromArray and Float16; beside NumPy 1.24.2 (Debian 12: python3-numpy 1:1.24.2-1+deb12u1).
# Behaviour: a vector of type Float16 takes JavaScript's numbers and stores the nearest half, as IEEE 754 has it and, as the source says, as
# NumPy does: infinity for what is too large, 0 for what is too small, numbers below 6.1e-5 in steps of 6e-8. Between those limits it is
# right, but for the last bit. What is less than half the smallest step is wrong as a rule: minus infinity, or a number that is far
# larger, also of a number above 0. A softmax has many of them: 1e-8 becomes minus infinity, and so does a sum or a mean over the map.
# From 65536 on, infinity itself excepted, all become numbers of 2 to 4. No error. What helps: Float32, or to clip before.
# Seen, 2026-12-01:
#   1.5: 1.5, NumPy 1.5
#   0.25: 0.25, NumPy 0.25
#   65504: 65504, NumPy 65500.0
#   65536: 2, NumPy inf
#   70000: 2.134765625, NumPy inf
#   -70000: -2.134765625, NumPy -inf
#   1000000: 3.814453125, NumPy inf
#   1000000000: 3.724609375, NumPy inf
#   0.0001: 0.00010001659393310547, NumPy 0.0001
#   0.00001: 0.000010013580322265625, NumPy 1e-05
#   6e-8: 5.960464477539063e-8, NumPy 6e-08
#   1e-8: -Infinity, NumPy 0.0
#   1e-9: 0.000041961669921875, NumPy 0.0
#   1e-12: 0.000022530555725097656, NumPy 0.0
#   1e-30: 0.000004470348358154297, NumPy 0.0
#   -1e-8: -Infinity, NumPy -0.0
#   -1e-12: -0.000022530555725097656, NumPy -0.0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-numpy=1:1.24.2-1+deb12u1
npm i --ignore-scripts --silent --no-audit --no-fund apache-arrow@21.2.0

"$T/root/usr/bin/python3.11" -E -s -W ignore - <<'PY'
import json

import numpy as np

numbers = [1.5, 0.25, 65504, 65536, 70000, -70000, 1e6, 1e9, 1e-4, 1e-5, 6e-8, 1e-8, 1e-9, 1e-12, 1e-30, -1e-8, -1e-12]
json.dump([[v, str(np.float16(v)), str(float(np.float16(v)))] for v in numbers], open("right.json", "w"))
PY

cat >halves.mjs <<'END'
import fs from 'node:fs';
import {Float16, vectorFromArray} from 'apache-arrow';

const numbers = JSON.parse(fs.readFileSync('right.json')), got = [...vectorFromArray(numbers.map(n => n[0]), new Float16())];
let seen = true;
numbers.forEach(([value, name, right], i) => {
  const half = right === 'inf' ? Infinity : right === '-inf' ? -Infinity : Number(right);
  console.log(`${value}: ${got[i] + 0}, NumPy ${name}`);
  const near = got[i] === half || Number.isFinite(half) && Math.abs(got[i] - half) <= 1e-3 * Math.abs(half) + 6e-8;
  const inside = Math.abs(value) < 65520 && Math.abs(value) > 3e-8;
  seen = seen && near === inside;
});
process.exit(seen && got[11] === -Infinity && got[4] < 4 ? 0 : 1);
END
node halves.mjs
