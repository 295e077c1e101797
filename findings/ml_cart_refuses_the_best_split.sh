#!/usr/bin/env bash
# ml-cart's regression trees, and ml-random-forest's, don't split where a split would be perfect: a step from -1 to 1 becomes 0.
# Library: ml-cart 2.1.1 (npm), DecisionTreeRegression, and ml-random-forest 2.1.0 (npm), RandomForestRegression.
# Behaviour: a regression tree looks for the split whose two halves differ least from their means, and is documented to grow to maxDepth,
# as long as a node has more samples than minNumSamples. A step was expected to be its first split. What it calls the gain of a split,
# and compares with its threshold of 0, is the sum of squared errors that remain, which is the smaller, the better the split: the
# perfect one has 0, is chosen, and isn't made, at no setting of gainThreshold. So a step is predicted as its mean, of three
# levels the two upper ones are one, and the same step with noise on it is found. Targets that are classes, counts or masks as numbers
# are such, and a forest, which is asked which pixels or features matter, gives one number everywhere. No error.
# Seen, 2026-12-01:
#   step: at 2, 12 and 28 0.00 0.00 0.00, trained on -1.00 -1.00 1.00
#   step, gainThreshold -1: at 2, 12 and 28 0.00 0.00 0.00, trained on -1.00 -1.00 1.00
#   step with noise: at 2, 12 and 28 -0.80 -0.87 1.13, trained on -0.60 -0.60 0.80
#   levels 1 2 3: at 2, 12 and 28 1.00 2.50 2.50, trained on 1.00 2.00 3.00
#   forest, step: at 2 and 28 -0.05 -0.05
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ml-cart@2.1.1 ml-random-forest@2.1.0

cat >trees.mjs <<'END'
import {DecisionTreeRegression} from 'ml-cart';
import {RandomForestRegression} from 'ml-random-forest';

const places = Array.from({length: 30}, (_, i) => [i]);
const step = i => i < 15 ? -1 : 1, noise = i => 0.2 * ((i * 7) % 5 - 2);
const cases = [  // name, targets, options, whether it learns that 18 is less than 28
  ['step', step, {}, false],
  ['step, gainThreshold -1', step, {gainThreshold: -1}, false],
  ['step with noise', i => step(i) + noise(i), {}, true],
  ['levels 1 2 3', i => 1 + Math.floor(i / 10), {}, true],
];
let seen = true;
for (const [name, target, options, learns] of cases) {
  const tree = new DecisionTreeRegression(options);
  tree.train(places, places.map(([i]) => target(i)));
  const [low, middle, high] = tree.predict([[2], [12], [28]]);
  console.log(`${name}: at 2, 12 and 28 ${[low, middle, high].map(v => v.toFixed(2)).join(' ')}, trained on ` +
              [2, 12, 28].map(i => target(i).toFixed(2)).join(' '));
  seen &&= (low < high) === learns;
  if (name.startsWith('levels')) seen &&= low === middle || middle === high;
}
const forest = new RandomForestRegression({seed: 3, maxFeatures: 1, nEstimators: 25, replacement: false});
forest.train(places, places.map(([i]) => step(i)));
const got = forest.predict(places);
console.log(`forest, step: at 2 and 28 ${got[2].toFixed(2)} ${got[28].toFixed(2)}`);
process.exit(seen && got[2] === got[28] ? 0 : 1);
END
node trees.mjs
