#!/usr/bin/env bash
# d3-hierarchy packs a tree whose values are all 0 into circles that have no place and no size, not even the outermost.
# Library: d3-hierarchy 3.1.3 (npm), pack, beside its treemap and partition.
# Behaviour: pack is documented to lay a tree out as circles in circles whose areas are the values, in a given size, and values are to be
# non-negative. A tree of evidence of a class that nothing speaks for has 0 everywhere, and was expected to be the outermost circle with points
# in it: so it is where one leaf is above 0, and where all leaves of a branch are 0, and treemap and partition give a 0 wide rectangle
# for each node. The outermost radius is then divided by itself, 0 / 0: it is NaN, and each circle's place as well. What is drawn
# is nothing.
# Seen, 2026-12-01, of two leaves in a size of 10 x 10, the root and the leaves:
#   pack of 1 4: 5.00,5.00,5.00 1.67,5.00,1.67 6.67,5.00,3.33
#   pack of 0 4: 5.00,5.00,5.00 0.00,5.00,0.00 5.00,5.00,5.00
#   pack of 0 0: 5.00,5.00,NaN NaN,NaN,NaN NaN,NaN,NaN
#   treemap of 0 0: 0.00,0.00,10.00,10.00 0.00,0.00,10.00,0.00 0.00,0.00,10.00,0.00
#   partition of 0 0: 0.00,0.00,10.00,5.00 0.00,5.00,0.00,10.00 0.00,5.00,0.00,10.00
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund d3-hierarchy@3.1.3

cat >trees.mjs <<'END'
import * as d3 from 'd3-hierarchy';

let seen = true;
for (const [layout, values, right] of [['pack', [1, 4], true], ['pack', [0, 4], true], ['pack', [0, 0], false], ['treemap', [0, 0], true],
                                       ['partition', [0, 0], true]]) {
  const root = d3.hierarchy({children: values.map(value => ({value}))}).sum(node => node.value ?? 0);
  d3[layout]().size([10, 10])(root);
  const places = root.descendants().map(node => layout === 'pack' ? [node.x, node.y, node.r] : [node.x0, node.y0, node.x1, node.y1]);
  console.log(`${layout} of ${values.join(' ')}: ${places.map(place => place.map(v => v.toFixed(2))).join(' ')}`);
  seen &&= places.flat().every(Number.isFinite) === right && (right || Number.isNaN(root.r));
}
process.exit(seen ? 0 : 1);
END
node trees.mjs
