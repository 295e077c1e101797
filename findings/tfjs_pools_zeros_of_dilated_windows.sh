#!/usr/bin/env bash
# TensorFlow.js' dilated pools put zeros around a map and count them: the maximum of negative numbers is 0, the mean of ones a quarter.
# Library: @tensorflow/tfjs 4.22.0 (npm), tf.pool, the CPU backend.
# Behaviour: tf.pool "performs an N-D pooling operation", max or avg, with dilations and padding "same", the size of the input. Padding never wins
# a maximum and isn't counted in a mean in TensorFlow, and so it is in tf.pool without dilations, tf.maxPool and tf.avgPool. With
# dilations the map is filled up with zeros, cut into as many maps as there are phases, and each of them pooled without padding: the zeros take
# part. Along all borders, as wide as a window reaches, maxima of negative numbers (a bare convolution, a LeakyReLU, minus a distance)
# are 0, and means are too small.
# No error, no warning; with padding "valid" dilated pools are right.
# Seen, 2026-12-01, a map of 4 x 4, windows of 2 x 2:
#   maxima of -1, as they are: -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1
#   maxima of -1, dilated by 2: 0 0 0 0 0 -1 -1 0 0 -1 -1 0 0 0 0 0
#   maxima of -1, dilated by 2, "valid": -1 -1 -1 -1
#   means of 1, as they are: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
#   means of 1, dilated by 2: 0.25 0.5 0.5 0.25 0.5 1 1 0.5 0.5 1 1 0.5 0.25 0.5 0.5 0.25
#   means of 1, dilated by 2, "valid": 1 1 1 1
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >pools.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

(async () => {
  await tf.setBackend('cpu');
  let seen = true;
  for (const [name, kind, value] of [['maxima', 'max', -1], ['means', 'avg', 1]])
    for (const [how, padding, dilation, right] of [['as they are', 'same', 1, true], ['dilated by 2', 'same', 2, false], ['dilated by 2, "valid"', 'valid', 2, true]]) {
      const pooled = Array.from(tf.pool(tf.fill([1, 4, 4, 1], value), [2, 2], kind, padding, [dilation, dilation], 1).dataSync());
      console.log(`${name} of ${value}, ${how}: ${pooled.join(' ')}`);
      seen &&= pooled.every(v => v === value) === right && pooled.length === (padding === 'same' ? 16 : 4);
      if (!right) seen &&= pooled[5] === value && pooled[0] === (kind === 'max' ? 0 : 0.25);
    }
  process.exit(seen ? 0 : 1);
})();
END
node pools.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
