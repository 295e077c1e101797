#!/usr/bin/env bash
# DruidJS' classical scaling (MDS) of points in a plane gives none of their distances: both axes are equally long, whatever the data.
# Library: @saehrimnir/druidjs 0.9.0 (npm), MDS, beside its PCA and the method by definition.
# Behaviour: classical multidimensional scaling finds coordinates whose distances are those that were given; of points in a plane all
# distances come back, and it is the same as PCA. Coordinates are the eigenvectors of the centred squares, each times the root of its
# eigenvalue. Here the eigenvectors are given as they are, of length 1 each: distances are of another size, and each axis is
# stretched to the same spread. What is 20 times as long as wide becomes as wide as long; where the second axis is only
# noise, the noise is shown as large as the rest, and clusters of embeddings that lie far apart do so no more. No warning. PCA of the same
# points is right.
# Seen, 2026-12-01:
#   as given: spread 19.00 x 1.00; three distances are 1.000, 1.000, 1.000 of what they were
#   PCA: spread 19.00 x 1.09; three distances are 1.000, 1.000, 1.000 of what they were
#   MDS: spread 0.74 x 0.72; three distances are 0.040, 0.267, 0.080 of what they were
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @saehrimnir/druidjs@0.9.0

cat >scaling.mjs <<'END'
import {MDS, PCA} from '@saehrimnir/druidjs';

const points = Array.from({length: 20}, (_, i) => [i, Math.sin(i) / 2]);
const rows = made => Array.from(made, row => Array.from(row));
const away = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const spread = (made, axis) => Math.max(...made.map(p => p[axis])) - Math.min(...made.map(p => p[axis]));
let seen = true;
for (const [name, made] of [['as given', points], ['PCA', rows(new PCA(points, {d: 2, seed: 1}).transform())], ['MDS', rows(new MDS(points, {d: 2, seed: 1}).transform())]]) {
  const ratios = [[0, 19], [3, 4], [7, 12]].map(([i, j]) => away(made[i], made[j]) / away(points[i], points[j]));
  console.log(`${name}: spread ${spread(made, 0).toFixed(2)} x ${spread(made, 1).toFixed(2)}; three distances are ` +
              `${ratios.map(v => v.toFixed(3)).join(', ')} of what they were`);
  seen &&= (Math.max(...ratios) / Math.min(...ratios) > 1.5) === (name === 'MDS');
}
process.exit(seen ? 0 : 1);
END
node scaling.mjs
