#!/usr/bin/env bash
# density-clustering finds no cluster among a mask's pixels, and names members of a cluster as noise.
# Library: density-clustering 1.3.0 (npm), DBSCAN and OPTICS.
# Behaviour: DBSCAN's neighbourhood of a point, by its authors, is what is no further than epsilon. Here it is what is nearer than
# epsilon: pixels are exactly 1 or 2 or the root of 2 apart, so that epsilon 1 for pixels side by side finds none, and all of a
# mask, of peaks on a grid or of labels is noise; with 1.001 the same regions are clusters. OPTICS does the same. And "noise" is what belongs to
# no cluster: a point that is looked at before the cluster's first inner one is put down as noise, later taken into the
# cluster, and stays in the list of noise, so that one and the same point is in both, by the order of the points. No error.
# Seen, 2026-12-01:
#   two regions of 2 x 2 pixels, epsilon 1: DBSCAN 0 clusters, 8 of 8 pixels noise; OPTICS clusters of 1 1 1 1 1 1 1 1
#   two regions of 2 x 2 pixels, epsilon 1.001: DBSCAN 2 clusters, 0 of 8 pixels noise; OPTICS clusters of 4 4
#   numbers 0 1 2 9: cluster 0 1 2, noise 0 9
#   numbers 1 0 2 9: cluster 0 1 2, noise 9
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund density-clustering@1.3.0

cat >clusters.cjs <<'END'
const {DBSCAN, OPTICS} = require('density-clustering');

const mask = ['0110000', '0110000', '0000000', '0000110', '0000110'];
const pixels = mask.flatMap((row, y) => [...row].flatMap((value, x) => value === '1' ? [[y, x]] : []));
const found = {};
for (const epsilon of [1, 1.001]) {
  const dbscan = new DBSCAN(), clusters = dbscan.run(pixels, epsilon, 3);
  const optics = new OPTICS().run(pixels, epsilon, 3);
  console.log(`two regions of 2 x 2 pixels, epsilon ${epsilon}: DBSCAN ${clusters.length} clusters, ${dbscan.noise.length} of ${pixels.length} ` +
              `pixels noise; OPTICS clusters of ${optics.map(cluster => cluster.length).join(' ')}`);
  found[epsilon] = [clusters.length, optics.length];
}
const both = {};
for (const [name, line] of [['0 1 2 9', [[0], [1], [2], [9]]], ['1 0 2 9', [[1], [0], [2], [9]]]]) {
  const dbscan = new DBSCAN(), clusters = dbscan.run(line, 1.1, 3);
  const at = indices => indices.map(i => line[i][0]).sort().join(' ');
  console.log(`numbers ${name}: cluster ${clusters.map(at).join(' and ')}, noise ${at(dbscan.noise)}`);
  both[name] = dbscan.noise.length;
}
process.exit(found[1][0] === 0 && found[1][1] === 8 && found[1.001].join() === '2,2' && both['0 1 2 9'] === 2 && both['1 0 2 9'] === 1 ? 0 : 1);
END
node clusters.cjs
