#!/usr/bin/env bash
# sobel finds an edge along the left border of a photograph where its right border is bright, and none along the top and bottom rows.
# Library: sobel 0.0.11 (npm).
# Behaviour: a Sobel filter gives the change of brightness about each pixel; of a picture of columns that are the same in every row, each row
# was expected to have the same edges, and no other. A pixel at x - 1 of the first column is taken from the list of all
# pixels, where it is the last one of the row above: the left border is compared with the right one, and the right border with the left one of
# the next row. In the first and last row a pixel is missing, the sum is NaN, which becomes 0, so that edges end a pixel
# before the picture does; so does the last column in the row before the last. Baselines of saliency maps by edges, and masks made of edges, have
# a frame that isn't in the picture. No error.
# Seen, 2026-12-01:
#   left half 10, right half 40, rows 0, 1, 4, 6 and 7: 0 0 0 0 0 0 0 0 / 0 0 0 120 120 0 0 120 / 120 0 0 120 120 0 0 120 / 120 0 0 120 120 0 0 0 / 0 0 0 0 0 0 0 0
#   expected in each row: 0 0 0 120 120 0 0 0
#   all 40, rows 0 and 4: 0 0 0 0 0 0 0 0 / 0 0 0 0 0 0 0 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund sobel@0.0.11

cat >edges.cjs <<'END'
const Sobel = require('sobel');

const size = 8;
const made = column => {
  const data = new Uint8ClampedArray(4 * size * size);
  for (let i = 0; i < size * size; i++) data.set([column(i % size), column(i % size), column(i % size), 255], 4 * i);
  const edges = Sobel({width: size, height: size, data});
  return Array.from({length: size}, (_, y) => Array.from({length: size}, (_, x) => edges[4 * (size * y + x)]).join(' '));
};
const half = made(x => x < 4 ? 10 : 40), grey = made(() => 40);
console.log(`left half 10, right half 40, rows 0, 1, 4, 6 and 7: ${[0, 1, 4, 6, 7].map(y => half[y]).join(' / ')}`);
console.log(`expected in each row: 0 0 0 120 120 0 0 0`);
console.log(`all 40, rows 0 and 4: ${grey[0]} / ${grey[4]}`);
process.exit(half[4] === '120 0 0 120 120 0 0 120' && half[0] === '0 0 0 0 0 0 0 0' && grey[4] === '0 0 0 0 0 0 0 0' ? 0 : 1);
END
node edges.cjs
