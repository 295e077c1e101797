#!/usr/bin/env bash
# ml-distance finds a heat map with a pixel that is 0 in both to be at no distance from itself but NaN.
# Library: ml-distance 5.0.0 (npm).
# Behaviour: distances of distributions are sums over pixels, of which one that is 0 in both maps adds nothing: 0 log 0 is 0 in the
# entropies, and 0 / 0 counts as 0 in the others (the survey of S.-H. Cha, which the README links for them, says so of divisions by zero
# and logarithms of zero). Behind a ReLU most of a map is 0. A map's distance to itself, and to any map that is 0 in one of the same
# pixels, is NaN for jensenShannon, topsoe, jensenDifference, kdivergence, jeffreys, canberra, clark, divergence, squared,
# waveHedges and others, and for the first four as soon as one of the two is 0; Jensen and Shannon's is finite for all maps, that's
# what it is used for. Means over images are NaN, and nothing counts as near. Without zeros all are right. No error.
# Seen, 2026-12-01:
#   euclidean: without a zero 0.4472, with one 0.4243, to itself 0
#   manhattan: without a zero 0.8, with one 0.6, to itself 0
#   sorensen: without a zero 0.4, with one 0.3, to itself 0
#   squaredChord: without a zero 0.2202, with one 0.1351, to itself 0
#   jensenShannon: without a zero 0.1064, with one NaN, to itself NaN
#   topsoe: without a zero 0.2129, with one NaN, to itself NaN
#   jensenDifference: without a zero 0.1064, with one NaN, to itself NaN
#   kdivergence: without a zero 0.1064, with one NaN, to itself NaN
#   jeffreys: without a zero 0.9129, with one NaN, to itself NaN
#   canberra: without a zero 1.6, with one NaN, to itself NaN
#   clark: without a zero 0.8944, with one NaN, to itself NaN
#   divergence: without a zero 1.6, with one NaN, to itself NaN
#   squared: without a zero 0.4, with one NaN, to itself NaN
#   probabilisticSymmetric: without a zero 0.8, with one NaN, to itself NaN
#   additiveSymmetric: without a zero 2.4167, with one NaN, to itself NaN
#   waveHedges: without a zero 2.1667, with one NaN, to itself NaN
#   Jensen and Shannon's by its definition: 0.1064, 0.0664, 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ml-distance@5.0.0

cat >distances.mjs <<'END'
import {distance} from 'ml-distance';

const names = ['euclidean', 'manhattan', 'sorensen', 'squaredChord', 'jensenShannon', 'topsoe', 'jensenDifference', 'kdivergence', 'jeffreys', 'canberra',
               'clark', 'divergence', 'squared', 'probabilisticSymmetric', 'additiveSymmetric', 'waveHedges'];
const full = [[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]];
const zeros = [[0, 0.2, 0.3, 0.5], [0, 0.5, 0.3, 0.2]];  // the first pixel is 0 in both
const entropies = ([p, q]) => p.reduce((sum, v, i) => [v, q[i]].reduce((s, w) => s + (w && w * Math.log(2 * w / (v + q[i]))), sum), 0) / 2;
const text = v => +v.toFixed(4);
let seen = true;
for (const name of names) {
  const got = [distance[name](...full), distance[name](...zeros), distance[name](zeros[0], zeros[0])];
  console.log(`${name}: without a zero ${text(got[0])}, with one ${text(got[1])}, to itself ${text(got[2])}`);
  const isNaN = names.indexOf(name) >= 4;
  seen &&= !Number.isNaN(got[0]) && Number.isNaN(got[1]) === isNaN && Number.isNaN(got[2]) === isNaN;
}
console.log(`Jensen and Shannon's by its definition: ${text(entropies(full))}, ${text(entropies(zeros))}, ${text(entropies([zeros[0], zeros[0]]))}`);
process.exit(seen ? 0 : 1);
END
node distances.mjs
