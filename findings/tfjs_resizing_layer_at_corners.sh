#!/usr/bin/env bash
# TensorFlow.js' Resizing layer takes "crop to the aspect ratio" for a setting of the coordinates: nothing is cropped, and pixels are others.
# Library: @tensorflow/tfjs 4.22.0 (npm), tf.layers.resizing, the CPU backend.
# Behaviour: the layer is Keras's Resizing, as networks for photographs begin with, and documents cropToAspectRatio as "whether to
# keep image aspect ratio": with it, the largest part of the picture of the new shape is cut out of the middle and resized. It is
# passed on as "not aligned at the corners", so that
#   true   the whole picture is squeezed, as without it, and lies half a pixel off
#   false  which is the setting unless told otherwise, has the corners aligned: Keras's pixels have their centres at halves
#          (TensorFlow 2's tf.image.resize), and so every pixel is another: of a picture made half as large the second
#          and third column are gone
# A network gets other pixels than in Keras, and gives other probabilities. No error, no warning. The expected values are by Keras's
# documentation, by hand.
# Seen, 2026-12-01:
#   4 to 4: 0 10 20 30, right 0 10 20 30
#   nearest, 4 to 8: 0 0 10 10 20 20 30 30, right 0 0 10 10 20 20 30 30
#   bilinear, 4 to 2: 0 30, right 5 25
#   bilinear, 4 to 8: 0 4.29 8.57 12.86 17.14 21.43 25.71 30, right 0 2.5 7.5 12.5 17.5 22.5 27.5 30
#   nearest, 4 to 2: 0 30, right 10 30
#   bilinear, 2 x 4 to 2 x 2, cropToAspectRatio: 0 20, right 10 20
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >resizing.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const row = [0, 10, 20, 30];
const cases = [  // name, rows of the picture, new height and width, settings, a row by Keras, whether it is so here
  ['4 to 4', 1, 1, 4, {}, '0 10 20 30', true],
  ['nearest, 4 to 8', 1, 1, 8, {interpolation: 'nearest'}, '0 0 10 10 20 20 30 30', true],
  ['bilinear, 4 to 2', 1, 1, 2, {}, '5 25', false],
  ['bilinear, 4 to 8', 1, 1, 8, {}, '0 2.5 7.5 12.5 17.5 22.5 27.5 30', false],
  ['nearest, 4 to 2', 1, 1, 2, {interpolation: 'nearest'}, '10 30', false],
  ['bilinear, 2 x 4 to 2 x 2, cropToAspectRatio', 2, 2, 2, {cropToAspectRatio: true}, '10 20', false],
];

(async () => {
  await tf.setBackend('cpu');
  let seen = true;
  for (const [name, rows, height, width, settings, right, isRight] of cases) {
    const picture = tf.tensor(Array(rows).fill(row), [rows, 4]).reshape([1, rows, 4, 1]);
    const resized = tf.layers.resizing({height, width, ...settings}).apply(picture).dataSync();
    const got = Array.from(resized.slice(0, width), v => `${+v.toFixed(2)}`).join(' ');
    console.log(`${name}: ${got}, right ${right}`);
    seen &&= (got === right) === isRight;
  }
  process.exit(seen ? 0 : 1);
})();
END
node resizing.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
