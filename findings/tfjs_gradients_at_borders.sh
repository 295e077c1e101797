#!/usr/bin/env bash
# TensorFlow.js differentiates another function than it computes: padded averages, mirrored borders, half-pixel resizing.
# Library: @tensorflow/tfjs 4.22.0 (npm), the CPU backend, tf.grad.
# Behaviour: tf.grad(f) is documented to give the derivative of f. What these ops compute is right, and as documented; their
# derivatives are of a neighbouring op, so that saliency maps and attacks through them are wrong, and nothing is said:
#   avgPool with padding  at the border it averages the pixels inside, fewer than a window has; the derivative divides by the
#                         window's size all the same (of 2 x 2 windows, in a corner: a quarter of what is right)
#   mirrorPad             what the mirrored copies should pass back is left out, as of a plain crop
#   resizeBilinear, resizeNearestNeighbor with halfPixelCenters  as if it weren't set
#   conv2d, avgPool, maxPool with dimRoundingMode 'ceil'  what the last window, over the edge, should pass back is left out
# Beside each are difference quotients of the very same function, exact here (linear, or a maximum that stays where it is).
# Of a picture that isn't square, resizeBilinear has no derivative at all: height and width are exchanged in it, an error.
# Seen, 2026-11-30, of the sum of all outputs by the pixels of the first row:
#   avgPool without padding: 0.33 0.67 0.67 0.33, quotients 0.33 0.67 0.67 0.33
#   avgPool, "same": 0.67 1.00 1.00 0.67, quotients 0.83 1.17 1.17 0.83
#   pad with zeros: 1.00 1.00 1.00 1.00, quotients 1.00 1.00 1.00 1.00
#   mirrorPad, "reflect": 1.00 1.00 1.00 1.00, quotients 1.00 2.00 2.00 1.00
#   resizeBilinear, corners: 1.00 0.00 1.00 0.00, quotients 1.00 0.00 1.00 0.00
#   resizeBilinear, half pixels: 1.00 0.00 1.00 0.00, quotients 0.50 0.50 0.50 0.50
#   resizeNearestNeighbor, half pixels: 1.00 0.00 1.00 0.00, quotients 0.00 1.00 0.00 1.00
#   conv2d, "floor": 1.00 1.00 2.00 1.00 1.00 0.00, quotients 1.00 1.00 2.00 1.00 1.00 0.00
#   conv2d, "ceil": 1.00 1.00 2.00 1.00 1.00 0.00, quotients 1.00 1.00 2.00 1.00 2.00 1.00
#   maxPool, "ceil": 0.00 0.00 1.00 0.00 1.00 0.00, quotients 0.00 0.00 1.00 0.00 1.00 1.00
#   resizeBilinear of 4 x 6: Error in gradient for op ResizeBilinear. The gradient of input 'images' has shape '1,6,4,1', which does not match the shape of the input '1,4,6,1'
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >borders.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const aside = [[0, 0], [0, 0], [1, 1], [0, 0]];  // one column more to the left and right
const cases = [  // name, rows and columns, what is computed of a picture, whether the derivative is right
  ['avgPool without padding', 4, x => tf.avgPool(x, [1, 3], 1, 'valid'), true],
  ['avgPool, "same"', 4, x => tf.avgPool(x, [1, 3], 1, 'same'), false],
  ['pad with zeros', 4, x => tf.pad(x, aside), true],
  ['mirrorPad, "reflect"', 4, x => tf.mirrorPad(x, aside, 'reflect'), false],
  ['resizeBilinear, corners', 4, x => tf.image.resizeBilinear(x, [4, 2], false, false), true],
  ['resizeBilinear, half pixels', 4, x => tf.image.resizeBilinear(x, [4, 2], false, true), false],
  ['resizeNearestNeighbor, half pixels', 4, x => tf.image.resizeNearestNeighbor(x, [4, 2], false, true), false],
  ['conv2d, "floor"', 6, x => tf.conv2d(x, tf.ones([3, 3, 1, 1]), 2, 0, 'NHWC', 1, 'floor'), true],
  ['conv2d, "ceil"', 6, x => tf.conv2d(x, tf.ones([3, 3, 1, 1]), 2, 0, 'NHWC', 1, 'ceil'), false],
  ['maxPool, "ceil"', 6, x => tf.maxPool(x, 3, 2, 0, 'ceil'), false],
];

/** By how much the sum of all outputs grows with each pixel of the first row. */
function quotients(f, size, pixels) {
  const h = 0.25;
  return Array.from({length: size}, (_, i) => {
    const moved = by => f(tf.tensor(pixels.map((v, j) => i === j ? v + by : v), [1, size, size, 1])).sum().dataSync()[0];
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

(async () => {
  await tf.setBackend('cpu');
  let seen = true;
  for (const [name, size, f, right] of cases) {
    const pixels = Array.from({length: size * size}, (_, i) => i % size - size * Math.floor(i / size));
    const whole = tf.grad(x => f(x).sum())(tf.tensor(pixels, [1, size, size, 1])).dataSync();
    const derivative = Array.from(whole.slice(0, size)), expected = quotients(f, size, pixels);
    const text = numbers => numbers.map(v => v.toFixed(2)).join(' ');
    console.log(`${name}: ${text(derivative)}, quotients ${text(expected)}`);
    seen &&= derivative.every((v, i) => Math.abs(v - expected[i]) < 1e-3) === right;
  }
  let error = '';
  try {
    tf.grad(x => tf.image.resizeBilinear(x, [2, 3]).sum())(tf.ones([1, 4, 6, 1]));
  } catch ({message}) {
    error = message;
  }
  console.log(`resizeBilinear of 4 x 6: ${error || 'no error'}`);
  process.exit(seen && error.includes("shape '1,6,4,1'") ? 0 : 1);
})();
END
node borders.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
