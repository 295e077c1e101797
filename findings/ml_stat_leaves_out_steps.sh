#!/usr/bin/env bash
# ml-stat leaves out a step of its names: standardising doesn't centre, centring gives nothing back, weighted means don't divide by weights.
# Library: ml-stat 1.3.3 (npm), its functions for arrays, beside those for matrices.
# Behaviour: "weighted mean", "standardize", "center" and "truncated mean" have their definitions, and the functions for arrays were expected
# to agree with those of the same names for matrices of one column. What they give is
#   standardize     divided by the deviation, but the mean isn't taken off, of a matrix neither: a photograph around 128 stays far above 0
#   center          of an array nothing: a copy is centred, and lost
#   weightedMean    of an array the sum of value times weight, not divided by the sum of the weights, so that of a map of 10 everywhere with
#                   weights of 0..1 (areas, confidences) it grows with the pixels; weightedVariance of an array is around that
#   truncatedMean   documented is "percent: the percentage of values to keep", and that share is cut off at each end: to keep all is
#                   0, half NaN
#   entropy         NaN for a distribution with a zero, where p log p is 0: any map behind a ReLU
# No error.
# Seen, 2026-12-01:
#   standardize: array 3.873 4.648 5.422 6.197, matrix 3.873 4.648 5.422 6.197, right -1.162 -0.387 0.387 1.162
#   center: array undefined, matrix -30 -10 10 30, right -30 -10 10 30
#   weightedMean by 0.5: array 260, matrix 130, right 130
#   truncatedMean, keeping all: array 0, matrix undefined, right 130
#   truncatedMean, keeping half: array NaN, matrix undefined, right 130
#   entropy of 0.5 0.5 0: array NaN, matrix NaN, right 0.693
#   entropy of 0.5 0.25 0.25: array 1.04, matrix 1.04, right 1.04
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ml-stat@1.3.3

cat >steps.cjs <<'END'
const {array, matrix} = require('ml-stat');

const pixels = [100, 120, 140, 160], column = pixels.map(v => [v]), half = [0.5, 0.5, 0.5, 0.5];
const mean = values => values.reduce((a, b) => a + b) / values.length;
const spread = Math.sqrt(pixels.reduce((sum, v) => sum + (v - mean(pixels)) ** 2, 0) / 3);
const text = values => Array.isArray(values) ? values.flat().map(v => +v.toFixed(3)).join(' ') : typeof values === 'number' ? +values.toFixed(3) : values;
const cases = [  // name, for arrays, for a matrix of one column, the definition
  ['standardize', array.standardize(pixels), matrix.standardize(column), pixels.map(v => (v - 130) / spread)],
  ['center', array.center(pixels), matrix.center(column), pixels.map(v => v - 130)],
  ['weightedMean by 0.5', array.weightedMean(pixels, half), matrix.weightedMean(column, half), 130],
  ['truncatedMean, keeping all', array.truncatedMean(pixels, 1), undefined, 130],
  ['truncatedMean, keeping half', array.truncatedMean(pixels, 0.5), undefined, 130],
  ['entropy of 0.5 0.5 0', array.entropy([0.5, 0.5, 0]), matrix.entropy([[0.5, 0.5, 0]]), Math.log(2)],
  ['entropy of 0.5 0.25 0.25', array.entropy([0.5, 0.25, 0.25]), matrix.entropy([[0.5, 0.25, 0.25]]), 1.5 * Math.log(2)],
];
let seen = true;
for (const [name, got, ofMatrix, right] of cases) {
  console.log(`${name}: array ${text(got)}, matrix ${text(ofMatrix)}, right ${text(right)}`);
  seen &&= (text(got) === text(right)) === name.startsWith('entropy of 0.5 0.25');
}
process.exit(seen ? 0 : 1);
END
node steps.cjs
