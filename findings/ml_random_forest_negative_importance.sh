#!/usr/bin/env bash
# ml-random-forest's feature importances are negative for features that decide, and a third of all for one that doesn't matter.
# Library: ml-random-forest 2.1.0 (npm), RandomForestClassifier.featureImportance.
# Behaviour: "Evaluate the feature importances for each tree in the ensemble": a feature's importance is how much less mixed the classes are
# behind the splits by it, added up, which is never negative. The trees store that decrease with each split. It's taken for
# the classes' mixture itself: from each split's decrease its children's decreases are taken off, as if they were what was left. So what
# decides only together with another feature has less than nothing, by "x1 xor x2" x2 has -2.65 where everything adds up to 1; and where x1
# decides alone x3, which has nothing to do with it, has a third. The forest predicts all right, which is what the last columns
# show: how many of 300 samples get another class if a feature's numbers are exchanged among the samples. No error.
# Seen, 2026-12-01:
#   class by x1: 300 of 300 right; importances 0.65 -0.01 0.36; without x1, x2, x3 wrong 150 0 0
#   class by x1 and x2: 300 of 300 right; importances 0.28 0.68 0.05; without x1, x2, x3 wrong 76 84 1
#   class by x1 xor x2: 300 of 300 right; importances 3.44 -2.65 0.21; without x1, x2, x3 wrong 122 150 1
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ml-random-forest@2.1.0

cat >importance.mjs <<'END'
import {RandomForestClassifier} from 'ml-random-forest';

let state = 7;
const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
const samples = Array.from({length: 300}, () => [random(), random(), random()]);
const rules = {'x1': ([a]) => a > 0.5, 'x1 and x2': ([a, b]) => a > 0.5 && b > 0.5, 'x1 xor x2': ([a, b]) => (a > 0.4) !== (b > 0.6)};
let seen = true;
for (const [name, rule] of Object.entries(rules)) {
  const labels = samples.map(sample => Number(rule(sample)));
  const forest = new RandomForestClassifier({seed: 1, maxFeatures: 3, replacement: true, nEstimators: 20, useSampleBagging: true});
  forest.train(samples, labels);
  const hits = forest.predict(samples).filter((label, i) => label === labels[i]).length;
  const importance = forest.featureImportance();
  const changed = [0, 1, 2].map(feature => {
    const exchanged = samples.map((sample, i) => sample.map((v, j) => j === feature ? samples[(i + 101) % samples.length][j] : v));
    return forest.predict(exchanged).filter((label, i) => label !== labels[i]).length;
  });
  console.log(`class by ${name}: ${hits} of 300 right; importances ${importance.map(v => v.toFixed(2)).join(' ')}; without x1, x2, x3 wrong ${changed.join(' ')}`);
  seen &&= hits > 290 && (name === 'x1' ? importance[2] > 0.2 && changed[2] === 0 : name !== 'x1 xor x2' || importance[1] < 0 && changed[1] > 100);
}
process.exit(seen ? 0 : 1);
END
node importance.mjs
