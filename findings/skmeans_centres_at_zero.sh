#!/usr/bin/env bash
# skmeans puts cluster centres at zero where equal vectors make a cluster empty, and everything else into one cluster.
# Library: skmeans 0.11.3 (npm), with given centres, with random ones and with "kmpp".
# Behaviour: k-means gives centres that are means of their members; a cluster without members is left where it is, or started anew
# elsewhere. skmeans gives it the centre 0, wherever the data is: no members make 0 / 0, for which it takes 0. It stops there, with
# fewer clusters than were asked for, and says nothing; what is asked about later may be nearest to that 0. Equal vectors, as of
# channels that a ReLU switched off, of blank patches or of labels, make two of the centres that are drawn equal, so that one of
# them has no members: of five pixels of two levels (100 and 200) a third of all draws gives the centres 0 and 140. With
# "kmpp" that is so where there are more clusters than different numbers. A centre given far away is moved to 0, too.
# Seen, 2026-12-01:
#   centres given as 100 200: 100.5 200.5; as 100 900: 0 150.5, of 1 clusters
#   random, of 100 100 100 200 200: a centre of 0 in 35 of 100 draws, as 0 140
#   kmpp, of 0.5 0.5 0.5 0.9: a centre of 0 in 100 of 100 draws, as 0 0 0.6
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund skmeans@0.11.3

cat >centres.cjs <<'END'
const skmeans = require('skmeans');

let state = 7;
Math.random = () => (state = (state * 16807) % 2147483647) / 2147483647;  // the same draws each time
const text = ({centroids}) => centroids.flat().map(v => +v.toFixed(1)).sort((a, b) => a - b).join(' ');
const good = skmeans([100, 101, 200, 201], 2, [100, 200]), far = skmeans([100, 101, 200, 201], 2, [100, 900]);
console.log(`centres given as 100 200: ${text(good)}; as 100 900: ${text(far)}, of ${new Set(far.idxs).size} clusters`);
let seen = text(good) === '100.5 200.5' && text(far) === '0 150.5';

for (const [name, numbers, method] of [['random', [100, 100, 100, 200, 200], null], ['kmpp', [0.5, 0.5, 0.5, 0.9], 'kmpp']]) {
  const results = Array.from({length: 100}, () => skmeans(numbers, name === 'kmpp' ? 3 : 2, method));
  const zero = results.filter(result => result.centroids.includes(0));
  console.log(`${name}, of ${numbers.join(' ')}: a centre of 0 in ${zero.length} of 100 draws, as ${text(zero[0])}`);
  seen &&= zero.length > 20;
}
process.exit(seen ? 0 : 1);
END
node centres.cjs
