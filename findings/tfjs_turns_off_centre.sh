#!/usr/bin/env bash
# TensorFlow.js turns a picture about a point half a pixel off its middle: half a turn loses a row and a column.
# Library: @tensorflow/tfjs 4.22.0 (npm), image.rotateWithOffset, the CPU backend.
# Behaviour: documented is that it rotates an image "counter-clockwise with an optional offset center of rotation", and of the centre, (0.5, 0.5)
# unless told otherwise, that it is the centre of rotation as a part of width and height. Turned by a half about its middle, a picture was expected
# to be its pixels in reverse, and turned by a quarter to be the transposed one mirrored, without loss. The middle of n
# pixels 0..n-1 is (n - 1) / 2; here it is n / 2, so that each turn moves what is in the picture, by up to a pixel in both directions: the first row and
# column of a half turn are the fill value, the last row and column are lost, and two half turns don't give the picture back.
# Boxes and masks of augmented pictures that are turned about the middle no longer fit. With a centre of (n - 1) / (2 n) it is right.
# Seen, 2026-12-01, 3 x 3 pixels 1 to 9, 0 for the fill value:
#   half a turn: 0 0 0 0 9 8 0 6 5, right 9 8 7 6 5 4 3 2 1
#   half a turn, centre 1/3: 9 8 7 6 5 4 3 2 1
#   a quarter: 0 0 0 3 6 9 2 5 8, right 3 6 9 2 5 8 1 4 7
#   a quarter, centre 1/3: 3 6 9 2 5 8 1 4 7
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >turns.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const turned = (angle, centre) => tf.image.rotateWithOffset(tf.range(1, 10).reshape([1, 3, 3, 1]), angle, 0, centre).dataSync().join(' ');

(async () => {
  await tf.setBackend('cpu');
  let seen = true;
  for (const [name, angle, right] of [['half a turn', Math.PI, '9 8 7 6 5 4 3 2 1'], ['a quarter', Math.PI / 2, '3 6 9 2 5 8 1 4 7']]) {
    const middle = turned(angle, 0.5), moved = turned(angle, 1 / 3);
    console.log(`${name}: ${middle}, right ${right}`);
    console.log(`${name}, centre 1/3: ${moved}`);
    seen &&= middle !== right && middle.startsWith('0 0 0 ') && moved === right && middle === turned(angle);
  }
  process.exit(seen ? 0 : 1);
})();
END
node turns.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
