#!/usr/bin/env bash
# TensorFlow.js' derivatives of reductions: running sums are transposed, and a maximum passes its gradient back as often as it occurs.
# Library: @tensorflow/tfjs 4.22.0 (npm), the CPU backend, tf.grad.
# Behaviour: tf.grad(f) is documented to give the derivative of f. What these compute is right, what they pass back isn't:
#   cumsum                  along any axis but the last (integral images, curves over channels) the gradient has its axes
#                           exchanged: where both sizes are equal another pixel gets it, in silence; elsewhere it is an error
#   max, min, the layer GlobalMaxPooling2D   every number that equals the maximum gets the whole gradient. All of a
#                           channel that a ReLU switched off are 0: a map of 7 x 7 passes 49 back for 1. Whatever
#                           is raised by 1 everywhere has a maximum that is higher by 1, so that the parts should add up to 1, as
#                           they do of maxPool over the same window (the first one gets it) and of maximum of two tensors
#   floorDiv                that of div, 1 / divisor, of a function of steps; floor and round have 0
# No warning. Beside each are difference quotients of the very same function, or what the parts should add up to.
# Seen, 2026-12-01:
#   cumsum along the last axis: 11 10 1100 1000, quotients 11 10 1100 1000
#   cumsum along the first axis: 101 100 1010 1000, quotients 101 1010 100 1000
#   floor: 0 0 0 0, quotients 0 0 0 0
#   floorDiv by 4: 0.25 0.25 0.25 0.25, quotients 0 0 0 0
#   max, one highest: 0 0 0 1, quotients 0 0 0 1
#   maxPool of 7 x 7 zeros: all parts 1, right 1
#   maximum of two of 7 x 7 zeros: all parts 1, right 1
#   max of 7 x 7 zeros: all parts 49, right 1
#   min of 7 x 7 zeros: all parts 49, right 1
#   layer GlobalMaxPooling2D of 7 x 7 zeros: all parts 49, right 1
#   cumsum of 2 x 3: Error in gradient for op Cumsum. The gradient of input 'x' has shape '3,2', which does not match the shape of the input '2,3'
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >reductions.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const told = numbers => Array.from(numbers, v => `${+v.toFixed(2)}`).join(' ');
const weights = tf.tensor([1, 10, 100, 1000], [2, 2]);
const smooth = [  // name, pixels, what is computed of them, whether the derivative is right
  ['cumsum along the last axis', [1, 2, 3, 4], x => tf.cumsum(x, 1).mul(weights), true],
  ['cumsum along the first axis', [1, 2, 3, 4], x => tf.cumsum(x, 0).mul(weights), false],
  ['floor', [1.5, 2.5, 3.5, 4.5], x => tf.floor(x), true],
  ['floorDiv by 4', [1.5, 2.5, 3.5, 5.5], x => tf.floorDiv(x, tf.scalar(4)), false],
  ['max, one highest', [1, 2, 3, 4], x => tf.max(x), true],
];
const tied = [  // name, what is computed of a map of zeros, whether the parts add up to 1
  ['maxPool', x => tf.maxPool(x, 7, 7, 'valid'), true],
  ['maximum of two', x => tf.maximum(x, x).mean(), true],
  ['max', x => tf.max(x), false],
  ['min', x => tf.min(x), false],
  ['layer GlobalMaxPooling2D', x => tf.layers.globalMaxPooling2d({}).apply(x), false],
];

/** By how much the sum of all outputs grows with each of four pixels. */
function quotients(f, pixels) {
  const h = 0.25;
  return pixels.map((_, i) => {
    const moved = by => f(tf.tensor(pixels.map((v, j) => i === j ? v + by : v), [2, 2])).sum().dataSync()[0];
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

(async () => {
  await tf.setBackend('cpu');
  let seen = true;
  for (const [name, pixels, f, right] of smooth) {
    const derivative = told(tf.grad(x => f(x).sum())(tf.tensor(pixels, [2, 2])).dataSync()), expected = told(quotients(f, pixels));
    console.log(`${name}: ${derivative}, quotients ${expected}`);
    seen &&= (derivative === expected) === right;
  }
  for (const [name, f, right] of tied) {
    const [sum] = tf.grad(x => f(x).sum())(tf.zeros([1, 7, 7, 1])).sum().dataSync();
    console.log(`${name} of 7 x 7 zeros: all parts ${told([sum])}, right 1`);
    seen &&= (Math.abs(sum - 1) < 1e-4) === right;
  }
  let error = '';
  try {
    tf.grad(x => tf.cumsum(x, 0).sum())(tf.ones([2, 3]));
  } catch ({message}) {
    error = message;
  }
  console.log(`cumsum of 2 x 3: ${error || 'no error'}`);
  process.exit(seen && error.includes("shape '3,2'") ? 0 : 1);
})();
END
node reductions.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
