#!/usr/bin/env bash
# ml-naivebayes' Gaussian classifier looks at the first two features alone, and gives class -1 for what is far from all classes.
# Library: ml-naivebayes 4.0.0 (npm), GaussianNB.
# Behaviour: a Gaussian naive Bayes classifier multiplies the densities of all features, and takes the class of the largest product. This
# one is trained on all features and, in prediction, counts as many as there are numbers stored for one of them: two. What
# follows is never looked at, so that classes that differ in the third feature are told apart by noise; of an embedding of hundreds
# of numbers, or of a picture, the first two pixels decide. And the products are compared as such, from 0 on: where all are too
# small for a double the class is -1, which doesn't exist, also where one is clearly the largest by its logarithm. No error.
# Seen, 2026-12-01:
#   3 features, classes differ in number 1: 200 of 200 right
#   3 features, classes differ in number 2: 200 of 200 right
#   3 features, classes differ in number 3: 100 of 200 right
#   512 features, classes differ in number 2: 200 of 200 right
#   512 features, classes differ in number 3: 100 of 200 right
#   512 features, classes differ in number 512: 100 of 200 right
#   at 5, 20 and 40, of classes around 0 and 10: 0 1 -1, right 1 for the two last
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ml-naivebayes@4.0.0

cat >classes.cjs <<'END'
const {GaussianNB} = require('ml-naivebayes');

const count = 200;
const noise = (i, j) => Math.sin(12.9898 * i + 78.233 * j);  // between -1 and 1, nothing to do with the class
const labels = Array.from({length: count}, (_, i) => i % 2);
let seen = true;
for (const [features, telling] of [[3, 0], [3, 1], [3, 2], [512, 1], [512, 2], [512, 511]]) {
  // One feature is around 0 or 10 by the class, all others are noise.
  const samples = labels.map((label, i) => Array.from({length: features}, (_, j) => noise(i, j) + (j === telling ? 10 * label : 0)));
  const classifier = new GaussianNB();
  classifier.train(samples, labels);
  const hits = classifier.predict(samples).filter((label, i) => label === labels[i]).length;
  console.log(`${features} features, classes differ in number ${telling + 1}: ${hits} of ${count} right`);
  seen &&= telling < 2 ? hits === count : hits < 0.7 * count;
}
const classifier = new GaussianNB();
classifier.train(labels.map((label, i) => [noise(i, 0) + 10 * label, noise(i, 1), 0.5 * noise(i, 2)]), labels);
const far = [5, 20, 40].map(x => classifier.predict([[x, 0, 0]])[0]);
console.log(`at 5, 20 and 40, of classes around 0 and 10: ${far.join(' ')}, right 1 for the two last`);
process.exit(seen && far[2] === -1 ? 0 : 1);
END
node classes.cjs
