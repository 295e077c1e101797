#!/usr/bin/env bash
# TensorFlow.js runs a graph of channels first as one of channels last, but for its convolutions.
# Library: @tensorflow/tfjs 4.22.0 (npm), loadGraphModel, the CPU backend.
# Behaviour: a TensorFlow graph says of each node where the channels are, data_format "NHWC" or "NCHW", as graphs made of PyTorch's or
# Caffe's networks have it. Conv2D with "NCHW" is right, and so the others were expected to be, or to be refused, as DepthToSpace
# is. They don't read it, and take the last axis, the columns, for the channels:
#   BiasAdd            each column has a channel's bias, where a map is as wide as it has channels; other widths raise an error
#   FusedBatchNormV3   the channels' numbers are taken in turn from column to column, at every width
#   MaxPool, AvgPool   a window of 2 x 2 goes over two rows alone: another result, of another shape
# The same nodes with NHWC are the controls. The expected values are sums of loops by TensorFlow's documentation.
# Seen, 2026-12-01, of 4 channels of 4 x 4 numbers, the first eight:
#   Conv2D, NHWC: 2 34 66 98 4 36 68 100 (1 x 4 x 4 x 4), right 2 34 66 98 4 36 68 100
#   Conv2D, NCHW: 2 4 6 8 10 12 14 16 (1 x 4 x 4 x 4), right 2 4 6 8 10 12 14 16
#   BiasAdd, NHWC: 101 217 333 449 102 218 334 450 (1 x 4 x 4 x 4), right 101 217 333 449 102 218 334 450
#   BiasAdd, NCHW: 101 202 303 404 105 206 307 408 (1 x 4 x 4 x 4), right 101 102 103 104 105 106 107 108
#   FusedBatchNormV3, NHWC: 101 217 333 449 102 218 334 450 (1 x 4 x 4 x 4), right 101 217 333 449 102 218 334 450
#   FusedBatchNormV3, NCHW: 101 202 303 404 105 206 307 408 (1 x 4 x 4 x 4), right 101 102 103 104 105 106 107 108
#   MaxPool, NHWC: 6 22 38 54 8 24 40 56 (1 x 2 x 2 x 4), right 6 22 38 54 8 24 40 56
#   MaxPool, NCHW: 5 6 7 8 13 14 15 16 (1 x 4 x 2 x 4), right 6 8 14 16 22 24 30 32
#   AvgPool, NHWC: 3.5 19.5 35.5 51.5 5.5 21.5 37.5 53.5 (1 x 2 x 2 x 4), right 3.5 19.5 35.5 51.5 5.5 21.5 37.5 53.5
#   AvgPool, NCHW: 3 4 5 6 11 12 13 14 (1 x 4 x 2 x 4), right 3.5 5.5 11.5 13.5 19.5 21.5 27.5 29.5
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >graphs.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const text = s => ({s: Buffer.from(s).toString('base64')}), list = i => ({list: {i: i.map(String)}});
const floats = {type: 'DT_FLOAT'}, dims = shape => shape.map(size => ({size: String(size)}));

/** A graph of one node behind an input; constants are [numbers, shape]. */
async function computed(op, attr, x, shape, constants) {
  const node = [{name: 'x', op: 'Placeholder', attr: {dtype: floats, shape: {shape: {dim: dims(shape)}}}}];
  constants.forEach(([, s], i) => node.push({name: `c${i}`, op: 'Const', attr: {
    dtype: floats, value: {tensor: {dtype: 'DT_FLOAT', tensorShape: {dim: dims(s)}}}}}));
  node.push({name: 'y', op, input: node.map(n => n.name), attr: {T: floats, ...attr}});
  const model = await tf.loadGraphModel(tf.io.fromMemory({
    modelTopology: {node, library: {}, versions: {}}, format: 'graph-model',
    weightSpecs: constants.map(([, shape], i) => ({name: `c${i}`, shape, dtype: 'float32'})),
    weightData: Float32Array.from(constants.flatMap(([numbers]) => numbers)).buffer}));
  const y = await model.executeAsync({x: tf.tensor(x, shape)}, 'y');
  return {shape: y.shape, numbers: Array.from(y.dataSync())};
}

// 4 channels of 4 x 4: map(c, y, x), and what each op makes of it at (c, y, x).
const size = 4, axis = [0, 1, 2, 3], map = (c, y, x) => 16 * c + 4 * y + x + 1;
const flat = (f, first, n = size, channels = size) => {
  const at = Array.from({length: n}, (_, i) => i), all = Array.from({length: channels}, (_, i) => i);
  return first ? all.flatMap(c => at.flatMap(y => at.map(x => f(c, y, x)))) : at.flatMap(y => at.flatMap(x => all.map(c => f(c, y, x))));
};
const four = (y, x) => [[2 * y, 2 * x], [2 * y, 2 * x + 1], [2 * y + 1, 2 * x], [2 * y + 1, 2 * x + 1]];
const window = (c, y, x) => four(y, x).map(([r, k]) => map(c, r, k));
const bias = [100, 200, 300, 400], ones = Array(4).fill(1), zeros = Array(4).fill(0);
const kernel = [axis.flatMap(i => axis.map(o => i === o ? 2 : 0)), [1, 1, 4, 4]];
const strided = (first, by) => list(first ? [1, 1, by, by] : [1, by, by, 1]);
const cases = [  // op, attributes by layout, constants, what is right at (c, y, x), extent and channels of the result
  ['Conv2D', f => ({strides: strided(f, 1), padding: text('VALID'), dilations: list([1, 1, 1, 1])}), [kernel], (c, y, x) => 2 * map(c, y, x), 4, 4],
  ['BiasAdd', () => ({}), [[bias, [4]]], (c, y, x) => map(c, y, x) + bias[c], 4, 4],
  ['FusedBatchNormV3', () => ({epsilon: {f: 0}, is_training: {b: false}}), [[ones, [4]], [bias, [4]], [zeros, [4]], [ones, [4]]],
   (c, y, x) => map(c, y, x) + bias[c], 4, 4],
  ['MaxPool', f => ({ksize: strided(f, 2), strides: strided(f, 2), padding: text('VALID')}), [], (c, y, x) => Math.max(...window(c, y, x)), 2, 4],
  ['AvgPool', f => ({ksize: strided(f, 2), strides: strided(f, 2), padding: text('VALID')}), [],
   (c, y, x) => window(c, y, x).reduce((a, b) => a + b) / 4, 2, 4],
];
(async () => {
  await tf.setBackend('cpu');
  let seen = true;
  for (const [op, attributes, constants, value, extent, channels] of cases) {
    for (const first of [false, true]) {
      const attr = {...attributes(first), data_format: text(first ? 'NCHW' : 'NHWC')};
      const {shape, numbers} = await computed(op, attr, flat(map, first), [1, 4, 4, 4], constants);
      const right = flat(value, first, extent, channels);
      const same = numbers.length === right.length && numbers.every((v, i) => Math.abs(v - right[i]) < 0.1);
      const told = values => values.slice(0, 8).map(v => +v.toFixed(1)).join(' ');
      console.log(`${op}, ${first ? 'NCHW' : 'NHWC'}: ${told(numbers)} (${shape.join(' x ')}), right ${told(right)}`);
      seen &&= same === (!first || op === 'Conv2D');
    }
  }
  process.exit(seen ? 0 : 1);
})();
END
node graphs.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
