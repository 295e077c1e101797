#!/usr/bin/env bash
# TensorFlow.js' alpha dropout sets dropped units to the opposite of what it should: the mean of all activations is no longer 0.
# Library: @tensorflow/tfjs 4.22.0 (npm), tf.layers.alphaDropout, the CPU backend.
# Behaviour: documented is that "Alpha Dropout is a Dropout that keeps mean and variance of inputs to their original values, in
# order to ensure the self-normalizing property even after this dropout", for networks of SELU. Dropped units are set to SELU's
# lowest value, -1.758, and then all are scaled and moved. Here they are set to +1.758 and moved as if it were the lowest: with
# half of the units dropped numbers of mean 0 come out with a mean of 1.56, already with a tenth of them of about 0.3. The variance is as
# it should be, which is what one looks at. In prediction the layer does nothing, so that each layer sees other numbers there than
# in training, and averages over several passes with dropout are off as well. Dropout and GaussianDropout are right. No warning.
# Seen, 2026-12-01, 200000 normal numbers, mean and variance:
#   of ones: Dropout 1.00, GaussianDropout 1.00
#   AlphaDropout 0.1: 0.33 and 1.00, right 0 and 1; with the wrong sign 0.32
#   AlphaDropout 0.3: 0.91 and 1.00, right 0 and 1; with the wrong sign 0.91
#   AlphaDropout 0.5: 1.56 and 1.00, right 0 and 1; with the wrong sign 1.56
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >dropout.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const numbers = 200000;
function statistics(layer, x) {
  const {mean, variance} = tf.moments(layer.apply(x, {training: true}));
  return [mean, variance].map(v => v.dataSync()[0]);
}

(async () => {
  await tf.setBackend('cpu');
  const normal = tf.randomNormal([numbers], 0, 1, 'float32', 1), far = v => Math.abs(v) > 0.02;
  let seen = true;
  const [dropped] = statistics(tf.layers.dropout({rate: 0.5}), tf.ones([numbers]));
  const [noisy] = statistics(tf.layers.gaussianDropout({rate: 0.5}), tf.ones([numbers]));
  console.log(`of ones: Dropout ${dropped.toFixed(2)}, GaussianDropout ${noisy.toFixed(2)}`);
  seen &&= !far(dropped - 1) && !far(noisy - 1);
  for (const rate of [0.1, 0.3, 0.5]) {
    const [mean, variance] = statistics(tf.layers.alphaDropout({rate}), normal);
    const alpha = 1.0507009873554805 * 1.6732632423543772, scale = 1 / Math.sqrt((1 - rate) * (1 + rate * alpha * alpha));
    const moved = 2 * scale * alpha * rate;  // what the wrong sign adds to the mean
    console.log(`AlphaDropout ${rate}: ${mean.toFixed(2)} and ${variance.toFixed(2)}, right 0 and 1; with the wrong sign ${moved.toFixed(2)}`);
    seen &&= !far(variance - 1) && far(mean) && !far(mean - moved);
  }
  process.exit(seen ? 0 : 1);
})();
END
node dropout.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
