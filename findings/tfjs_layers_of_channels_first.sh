#!/usr/bin/env bash
# TensorFlow.js' layers of channels first: batch norm takes another channel's mean for each pixel, the separable convolution adds biases to columns.
# Library: @tensorflow/tfjs 4.22.0 (npm), tf.layers and tf.batchNorm, the CPU backend.
# Behaviour: a Keras layer says which axis its channels are on: BatchNormalization documents axis 1 for maps of channels first, convolutions
# and pools have dataFormat. The same numbers in the other order were expected to give the same result, as they do
# in Conv2D, Conv2DTranspose, DepthwiseConv2D, both pools, upsampling, padding and cropping.
#   BatchNormalization   axis 1, in prediction and in training: means and deviations are taken in turn from number to number, as if
#                        the channels were last, whatever the map's size. The layer gives them to tf.batchNorm in the shape
#                        (1, channels, 1, 1), which that one doesn't document, and doesn't refuse
#   SeparableConv2D      channelsFirst: where the map is as wide as it has filters, each column gets a filter's bias; elsewhere
#                        it is an error
# So a network that was trained in that order gives other classes. No warning.
# Seen, 2026-12-01, of two channels of 2 x 2 numbers; means 10 and 20, deviations 1; biases 100 and 200:
#   Conv2D: channels last 100 101 102 103 204 205 206 207, channels first 100 101 102 103 204 205 206 207
#   SeparableConv2D: channels last 100 101 102 103 204 205 206 207, channels first 100 101 202 203 104 105 206 207
#   BatchNormalization: channels last -10 -9 -8 -7 -16 -15 -14 -13, channels first -10 -19 -8 -17 -6 -15 -4 -13
#   BatchNormalization, training: channels last -1.34 -0.45 0.45 1.34 -1.34 -0.45 0.45 1.34, channels first -1.34 -4.02 0.45 -2.24 2.24 -0.45 4.02 1.34
#   tf.batchNorm: -10 -19 -8 -17 -6 -15 -4 -13, right -10 -9 -8 -7 -16 -15 -14 -13
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >order.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const maps = tf.tensor([0, 1, 2, 3, 4, 5, 6, 7], [1, 2, 2, 2]);  // channels, rows, columns
const told = tensor => Array.from(tensor.dataSync(), v => `${+v.toFixed(2)}`).join(' ');

/** What a layer with these weights makes of the maps, channels last or first, told channel by channel. */
function apply(make, last, weights, settings) {
  const x = last ? maps.transpose([0, 2, 3, 1]) : maps, layer = make(last);
  layer.build(x.shape);
  layer.setWeights(weights.map(w => tf.tensor(...w)));
  const y = layer.apply(x, settings);
  return told(last ? y.transpose([0, 3, 1, 2]) : y);
}

const format = last => last ? 'channelsLast' : 'channelsFirst';
const norm = last => tf.layers.batchNormalization({axis: last ? -1 : 1, epsilon: 0});
const statistics = [[[1, 1]], [[0, 0]], [[10, 20]], [[1, 1]]];  // scale, offset, mean, variance
const unit = [[1, 0, 0, 1], [1, 1, 2, 2]];
const cases = [  // name, layer, weights, settings, whether both orders give the same
  ['Conv2D', last => tf.layers.conv2d({filters: 2, kernelSize: 1, dataFormat: format(last)}), [unit, [[100, 200]]], {}, true],
  ['SeparableConv2D', last => tf.layers.separableConv2d({filters: 2, kernelSize: 1, dataFormat: format(last)}),
   [[[1, 1], [1, 1, 2, 1]], unit, [[100, 200]]], {}, false],
  ['BatchNormalization', norm, statistics, {}, false],
  ['BatchNormalization, training', norm, statistics, {training: true}, false],
];

(async () => {
  await tf.setBackend('cpu');
  let seen = true;
  for (const [name, make, weights, settings, same] of cases) {
    const last = apply(make, true, weights, settings), first = apply(make, false, weights, settings);
    console.log(`${name}: channels last ${last}, channels first ${first}`);
    seen &&= (last === first) === same;
  }
  const shape = [1, 2, 1, 1];
  const direct = told(tf.batchNorm(maps, tf.tensor([10, 20], shape), tf.ones(shape), undefined, undefined, 0));
  const right = told(maps.sub(tf.tensor([10, 20], shape)));
  console.log(`tf.batchNorm: ${direct}, right ${right}`);
  process.exit(seen && direct === '-10 -19 -8 -17 -6 -15 -4 -13' && direct !== right ? 0 : 1);
})();
END
node order.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
