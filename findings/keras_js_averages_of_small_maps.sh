#!/usr/bin/env bash
# keras-js divides averages of small maps by too much, gives one number for a matrix, and leaves a dilation out.
# Library: keras-js 1.0.3 (npm, for Keras 2.1.2), its layers, on the CPU.
# Behaviour: it was expected to compute what Keras 2.1 documents, or to refuse, as it does for softmax of a map. Without a word:
#   AveragePooling2D   "same", stride 1, where the window reaches over two edges of the map at once: Keras divides by the number of
#                      pixels inside. The pixels over the second edge are counted as if they were inside, of a
#                      map of one pixel in a 3 x 3 window 4, as in the last stage of a net for small pictures
#   Dense              of a matrix Keras gives a row of units for each row. Here there is one row, of a product with all of them
#   SeparableConv2D    dilation_rate isn't read: another receptive field and a larger map. Conv2D has it
# The expected values are by Keras's documentation, by hand.
# Seen, 2026-12-01:
#   AveragePooling2D 3 of 3 x 3 ones: 1 1 1 1 1 1 1 1 1, right 1 1 1 1 1 1 1 1 1
#   AveragePooling2D 5 of 3 x 3 ones: 1 0.75 1 0.75 0.5625 0.75 1 0.75 1, right 1 1 1 1 1 1 1 1 1
#   AveragePooling2D 3 of one pixel: 2.25, right 9
#   AveragePooling2D 3 of 1 x 4: 0.75 1 1.5 1.75, right 1.5 2 3 3.5
#   Dense of a vector: 21, right 21
#   Dense of a matrix: 31, right 21 43
#   Conv2D dilation_rate: 101 1010, right 101 1010
#   SeparableConv2D dilation_rate: 11 110 1100, right 101 1010
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund keras-js@1.0.3

cat >layers.cjs <<'END'
const {layers, Tensor} = require('keras-js');

/** All numbers of a view of an array, in the order of its indices. */
function numbers(view, ...at) {
  if (at.length === view.shape.length) return [view.get(...at)];
  return Array.from({length: view.shape[at.length]}, (_, i) => numbers(view, ...at, i)).flat();
}

function computed(name, settings, shape, x, weights) {
  const layer = new layers[name]({name: 'layer', ...settings});
  if (weights.length) layer.setWeights(weights.map(([w, shape]) => new Tensor(w, shape)));
  return numbers(layer.call(new Tensor(x, shape)).tensor);
}

const same = {strides: [1, 1], padding: 'same'}, bare = {use_bias: false}, ones = Array(9).fill(1), row = [1, 10, 100, 1000];
const dilated = {filters: 1, kernel_size: [1, 2], dilation_rate: [1, 2], ...bare}, pair = [[1, 1], [1, 2, 1, 1]];
const product = [[[1, 10], [2, 1]]];
const cases = [  // layer, of what, settings, input (rows x columns x channels), weights, what is right, whether it is
  ['AveragePooling2D', '3 of 3 x 3 ones', {pool_size: [3, 3], ...same}, [3, 3, 1], ones, [], ones, true],
  ['AveragePooling2D', '5 of 3 x 3 ones', {pool_size: [5, 5], ...same}, [3, 3, 1], ones, [], ones, false],
  ['AveragePooling2D', '3 of one pixel', {pool_size: [3, 3], ...same}, [1, 1, 1], [9], [], [9], false],
  ['AveragePooling2D', '3 of 1 x 4', {pool_size: [3, 3], ...same}, [1, 4, 1], [1, 2, 3, 4], [], [1.5, 2, 3, 3.5], false],
  ['Dense', 'of a vector', {units: 1, ...bare}, [2], [1, 2], product, [21], true],
  ['Dense', 'of a matrix', {units: 1, ...bare}, [2, 2], [1, 2, 3, 4], product, [21, 43], false],
  ['Conv2D', 'dilation_rate', dilated, [1, 4, 1], row, [pair], [101, 1010], true],
  ['SeparableConv2D', 'dilation_rate', dilated, [1, 4, 1], row, [pair, [[1], [1, 1, 1, 1]]], [101, 1010], false],
];
let seen = true;
for (const [name, of, settings, shape, x, weights, right, isRight] of cases) {
  const got = computed(name, settings, shape, x, weights);
  console.log(`${name} ${of}: ${got.map(v => +v.toFixed(4)).join(' ')}, right ${right.join(' ')}`);
  seen &&= isRight === (got.length === right.length && got.every((v, i) => Math.abs(v - right[i]) < 1e-3));
}
process.exit(seen ? 0 : 1);
END
node layers.cjs
