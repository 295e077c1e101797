#!/usr/bin/env bash
# NumJs: the standard deviation of a photograph in bytes is 0.
# Library: numjs 0.16.1 (npm), its class NdArray.
# Behaviour: std() is documented to return "the standard deviation, a measure of the spread of a distribution, of the array elements"; pictures are
# arrays of uint8, as images.read gives them. mean() and sum() take them for numbers, and so std() was expected to, as numpy's does. It
# squares them in the array's own type: of bytes the lowest 8 bits of each square remain, their mean is less than the square of
# the mean, and for the root of a negative number it gives 0. So whoever brings a photograph to mean 0 and deviation 1, as a network
# wants it, divides by 0. Of depths in 16 bits it is another number or 0, too; and of float32, whose squares are
# rounded before the mean's is taken off, what varies little around a large mean is off by tens of per cents. No error. With float64 it
# is right.
# Seen, 2026-12-01:
#   photograph, float64: mean 127.5, deviation 73.900, right 73.900
#   photograph, uint8: mean 127.5, deviation 0.000, right 73.900
#   mask of 0 and 1, uint8: mean 0.375, deviation 0.484, right 0.484
#   mask of 0 and 255, uint8: mean 95.625, deviation 0.000, right 123.451
#   depth map, float64: mean 2550, deviation 1478.005, right 1478.005
#   depth map, uint16: mean 2550, deviation 0.000, right 1478.005
#   around 16000, float64: mean 16001.5, deviation 1.118, right 1.118
#   around 16000, float32: mean 16001.5, deviation 1.323, right 1.118
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund numjs@0.16.1

cat >deviation.cjs <<'END'
const NdArray = require('numjs/src/ndarray');  // without numjs.images, which needs a compiled package

const photograph = Array.from({length: 4096}, (_, i) => (i * 97 + (i >> 4) * 31) % 256);
const cases = [  // name, numbers, type, whether it is right
  ['photograph', photograph, 'float64', true],
  ['photograph', photograph, 'uint8', false],
  ['mask of 0 and 1', [0, 1, 1, 0, 1, 0, 0, 0], 'uint8', true],
  ['mask of 0 and 255', [0, 255, 255, 0, 255, 0, 0, 0], 'uint8', false],
  ['depth map', photograph.map(v => 20 * v), 'float64', true],
  ['depth map', photograph.map(v => 20 * v), 'uint16', false],
  ['around 16000', [16000, 16001, 16002, 16003], 'float64', true],
  ['around 16000', [16000, 16001, 16002, 16003], 'float32', false],
];
let seen = true;
for (const [name, numbers, type, isRight] of cases) {
  const array = NdArray.new(numbers, type), mean = numbers.reduce((a, b) => a + b) / numbers.length;
  const right = Math.sqrt(numbers.reduce((sum, v) => sum + (v - mean) ** 2, 0) / numbers.length);
  console.log(`${name}, ${type}: mean ${array.mean()}, deviation ${array.std().toFixed(3)}, right ${right.toFixed(3)}`);
  seen &&= array.mean() === mean && (Math.abs(array.std() - right) < 1e-3) === isRight;
}
process.exit(seen ? 0 : 1);
END
node deviation.cjs
