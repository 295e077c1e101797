#!/usr/bin/env bash
# ndarray-ops' place of a maximum lies outside the array where all scores are masked out.
# Library: ndarray-ops 1.2.2 (npm; ndarray 1.0.19), argmax and argmin.
# Behaviour: argmax is documented to give the index of the largest element, NumPy's counterpart. Scores that shall take no part are set to
# minus infinity, also in a row or map of which nothing is left (a picture without an object, a padded step). Every one of them is the
# largest, and the first or any was expected. It begins at minus infinity, looks for more than that, finds none, and
# gives the array's size: a place behind the last row and column, of which ndarray's get gives undefined, or another pixel's number if
# the array is a view of a larger one. argmin does so of infinity, and both of NaN. sup, of the same numbers, is right. No error.
# Seen, 2026-12-01:
#   scores, 1 5 2 3: maximum 5 at 0,1, where there is 5
#   one left, -Infinity -Infinity -7 -Infinity: maximum -7 at 1,0, where there is -7
#   none left, -Infinity -Infinity -Infinity -Infinity: maximum -Infinity at 2,2, where there is undefined
#   first of three samples of two classes: class 2, score 0.9
#   argmin of two infinities: 2
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ndarray-ops@1.2.2 ndarray@1.0.19

cat >places.cjs <<'END'
const ndarray = require('ndarray');
const ops = require('ndarray-ops');

let seen = true;
for (const [name, values, outside] of [['scores', [1, 5, 2, 3], false], ['one left', [-Infinity, -Infinity, -7, -Infinity], false],
                                       ['none left', [-Infinity, -Infinity, -Infinity, -Infinity], true]]) {
  const map = ndarray(Float32Array.from(values), [2, 2]), at = ops.argmax(map);
  console.log(`${name}, ${values.join(' ')}: maximum ${ops.sup(map)} at ${at.join(',')}, where there is ${map.get(...at)}`);
  seen &&= at.some(i => i > 1) === outside;
}
// Two classes of a batch of three, of which the first is masked out: its place is the next sample's first score.
const batch = ndarray(Float32Array.from([-Infinity, -Infinity, 0.9, 0.1, 0.2, 0.8]), [3, 2]);
const classes = [0, 1, 2].map(i => ops.argmax(batch.pick(i)))[0];
console.log(`first of three samples of two classes: class ${classes[0]}, score ${batch.pick(0).get(classes[0]).toFixed(1)}`);
const least = ops.argmin(ndarray(Float32Array.from([Infinity, Infinity])));
console.log(`argmin of two infinities: ${least[0]}`);
process.exit(seen && classes[0] === 2 && least[0] === 2 ? 0 : 1);
END
node places.cjs
