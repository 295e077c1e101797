#!/usr/bin/env bash
# ndarray-convolve's cross correlation is its convolution: the filter is turned round.
# Library: ndarray-convolve 2.0.0 (npm; ndarray 1.0.19).
# Behaviour: convolve(out, a, b) is documented as a convolution with zeros around, and convolve.correlate as cross correlation with the "same
# convention". A convolution turns the kernel round, a correlation, which is what networks call a convolution, doesn't. Both
# give the convolution: an edge filter gives the opposite sign, the filters of a network other maps,
# and of a template that is looked for its mirror image is found. Kernels that are the same both ways show no difference. No error.
# Seen, 2026-12-01:
#   edge, convolve: -13 4 9 0 -16 8, right -13 4 9 0 -16 8
#   edge, correlate: -13 4 9 0 -16 8, right 13 -4 -9 0 16 -8
#   corner, convolve: 56 109 105 93 108 105, right 56 109 105 93 108 105
#   corner, correlate: 56 109 105 93 108 105, right 114 121 65 57 132 105
#   blur, convolve: 37 46 33 24 40 48, right 37 46 33 24 40 48
#   blur, correlate: 37 46 33 24 40 48, right 37 46 33 24 40 48
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ndarray-convolve@2.0.0 ndarray@1.0.19

cat >correlation.cjs <<'END'
const ndarray = require('ndarray');
const convolve = require('ndarray-convolve');

/** Sums over the kernel about its centre, zeros around, turned round or not. */
function sums(map, kernel, turned) {
  const reach = kernel.length >> 1;
  return map.map((line, y) => line.map((_, x) => kernel.reduce((sum, row, v) => row.reduce((partial, weight, u) => {
    const [i, j] = turned ? [y + reach - v, x + reach - u] : [y + v - reach, x + u - reach];
    return partial + weight * (map[i]?.[j] ?? 0);
  }, sum), 0))).flat();
}

const array = rows => ndarray(Float64Array.from(rows.flat()), [rows.length, rows.length]);
const map = Array.from({length: 6}, (_, y) => Array.from({length: 6}, (_, x) => (x * x + 3 * y + x * y) % 7));
let seen = true;
for (const [name, kernel] of [['edge', [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]], ['corner', [[1, 2, 3], [4, 5, 6], [7, 8, 9]]], ['blur', [[1, 2, 1], [2, 4, 2], [1, 2, 1]]]]) {
  for (const [kind, run, turned] of [['convolve', convolve, true], ['correlate', convolve.correlate, false]]) {
    const out = array(map);
    run(out, array(map), array(kernel));
    const got = Array.from(out.data, v => Math.round(v)), right = sums(map, kernel, turned);
    const equal = (a, b) => a.every((v, i) => v === b[i]);
    const convolution = equal(got, sums(map, kernel, true));
    console.log(`${name}, ${kind}: ${got.slice(6, 12).join(' ')}, right ${right.slice(6, 12).join(' ')}`);
    seen &&= convolution && equal(got, right) === (turned || name === 'blur');
  }
}
process.exit(seen ? 0 : 1);
END
node correlation.cjs
