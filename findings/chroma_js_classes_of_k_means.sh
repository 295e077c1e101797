#!/usr/bin/env bash
# chroma.js' k-means classes of a map's values: three groups far apart become two classes, five become three.
# Library: chroma-js 3.2.0 (npm), chroma.limits.
# Behaviour: chroma.limits(data, mode, n) gives the limits of n colour classes, equally wide ("e"), equally full ("q"), or by k-means ("k").
# K-means of n groups that lie far apart was expected to be those groups, with the highest number of each for a limit, as it is
# of two. In its loop a cluster's members are counted again for each centre that they are compared with, so that most
# centres are the clusters' sums divided by too much, far below the members, and lose them to others: the two upper ones of
# three groups are one class. So a heat map in classes of colour shows a weak and a strong region in the same colour, and
# there are fewer limits than colours. No error. "e" and "q" have n classes, as asked for.
# Seen, 2026-12-01:
#   2 groups from 0.1, 0.9 on, "e": limits 0.1 0.505 0.909; the groups are in 2 classes
#   2 groups from 0.1, 0.9 on, "q": limits 0.1 0.505 0.909; the groups are in 2 classes
#   2 groups from 0.1, 0.9 on, "k": limits 0.1 0.109 0.909; the groups are in 2 classes, k-means' limits 0.1 0.109 0.909
#   3 groups from 1, 52, 103 on, "e": limits 1 35.3 69.6 103.9; the groups are in 3 classes
#   3 groups from 1, 52, 103 on, "q": limits 1 35.3 69.6 103.9; the groups are in 3 classes
#   3 groups from 1, 52, 103 on, "k": limits 1 1.9 103.9; the groups are in 2 classes, k-means' limits 1 1.9 52.9 103.9
#   5 groups from 1, 20, 50, 70, 100 on, "e": limits 1 20.98 40.96 60.94 80.92 100.9; the groups are in 4 classes
#   5 groups from 1, 20, 50, 70, 100 on, "q": limits 1 16.38 38.36 58.54 76.72 100.9; the groups are in 5 classes
#   5 groups from 1, 20, 50, 70, 100 on, "k": limits 1 1.9 20.9 100.9; the groups are in 3 classes, k-means' limits 1 1.9 20.9 50.9 70.9 100.9
#   4 groups from 1, 30, 60, 90 on, "e": limits 1 23.475 45.95 68.425 90.9; the groups are in 4 classes
#   4 groups from 1, 30, 60, 90 on, "q": limits 1 22.975 45.45 68.175 90.9; the groups are in 4 classes
#   4 groups from 1, 30, 60, 90 on, "k": limits 1 1.9 30.9 90.9; the groups are in 3 classes, k-means' limits 1 1.9 30.9 60.9 90.9
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund chroma-js@3.2.0

cat >classes.mjs <<'END'
import chroma from 'chroma-js';

let seen = true, merged = 0;
for (const groups of [[0.1, 0.9], [1, 52, 103], [1, 20, 50, 70, 100], [1, 30, 60, 90]]) {
  const width = groups.length === 2 ? 0.001 : 0.1;
  const values = groups.flatMap(start => Array.from({length: 10}, (_, i) => start + width * i));
  const tops = [values[0], ...groups.map(start => start + width * 9)].map(v => +v.toFixed(3));
  for (const mode of ['e', 'q', 'k']) {
    const limits = chroma.limits(values, mode, groups.length).map(v => +v.toFixed(3));
    const apart = new Set(groups.map(start => limits.filter(limit => limit < start + width * 4.5).length)).size;
    console.log(`${groups.length} groups from ${groups.join(', ')} on, "${mode}": limits ${limits.join(' ')}; ` +
                `the groups are in ${apart} classes${mode === 'k' ? `, k-means' limits ${tops.join(' ')}` : ''}`);
    seen &&= limits.length === groups.length + 1 || (mode === 'k' && groups.length > 2);
    if (mode === 'k') merged += apart < groups.length;
  }
}
process.exit(seen && merged === 3 ? 0 : 1);
END
node classes.mjs
