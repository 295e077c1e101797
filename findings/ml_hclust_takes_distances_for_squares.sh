#!/usr/bin/env bash
# ml-hclust's centroid, median and Ward trees are of distances where their formulas are of squares: heights are none, and groups are others.
# Library: ml-hclust 4.0.0 (npm), agnes.
# Behaviour: agnes takes points, computes Euclidean distances unless told otherwise, and has methods of the names that R and SciPy have.
# The centroid method joins at the distance of two groups' means, Ward's at the growth of the squared errors. The formula that makes
# a new group's distance of three others (Lance and Williams) holds for the squares of Euclidean distances, in these methods; agnes
# puts the distances themselves into it. Heights are the distance of no two means, already of three points, and
# who is joined next is another, so that a tree of activations or of heat maps cut into groups has other groups than
# elsewhere under the same name, in about half of all cases. Given squares as a distance matrix it is right, and "ward2" squares by itself.
# No warning.
# Seen, 2026-12-01:
#   three points, centroid: height 3.031, of squares 3.500, right 3.500
#   single: four groups of 12 points are others than by squares in 0 of 200 cases
#   complete: four groups of 12 points are others than by squares in 0 of 200 cases
#   centroid: four groups of 12 points are others than by squares in 117 of 200 cases
#   median: four groups of 12 points are others than by squares in 114 of 200 cases
#   ward: four groups of 12 points are others than by squares in 51 of 200 cases
#   ward2: four groups of 12 points are others than by squares in 0 of 200 cases
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ml-hclust@4.0.0

cat >trees.mjs <<'END'
import {agnes} from 'ml-hclust';

const squared = points => points.map(a => points.map(b => a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0)));
const three = [[0, 0], [4, 0], [2, 3.5]];  // the first two are 4 apart, their mean is 3.5 from the third
const ofPoints = agnes(three, {method: 'centroid'}), ofSquares = agnes(squared(three), {method: 'centroid', isDistanceMatrix: true});
console.log(`three points, centroid: height ${ofPoints.height.toFixed(3)}, of squares ${Math.sqrt(ofSquares.height).toFixed(3)}, right 3.500`);
let seen = Math.abs(ofPoints.height - 3.5) > 0.4 && Math.abs(Math.sqrt(ofSquares.height) - 3.5) < 1e-9;

let state = 7;
const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
const sets = Array.from({length: 200}, () => Array.from({length: 12}, () => [random(), random(), random()]));
const groups = (data, options) =>
  agnes(data, options).group(4).children.map(group => group.indices().sort((a, b) => a - b).join()).sort().join(' ');
for (const method of ['single', 'complete', 'centroid', 'median', 'ward', 'ward2']) {
  const other = sets.filter(points => groups(points, {method}) !==
    groups(squared(points), {method: method === 'ward2' ? 'ward' : method, isDistanceMatrix: true})).length;
  console.log(`${method}: four groups of 12 points are others than by squares in ${other} of ${sets.length} cases`);
  seen &&= other > 0 === ['centroid', 'median', 'ward'].includes(method);
}
process.exit(seen ? 0 : 1);
END
node trees.mjs
