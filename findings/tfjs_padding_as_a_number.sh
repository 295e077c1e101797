#!/usr/bin/env bash
# TensorFlow.js gives maps of the wrong size, with cells of no meaning, where padding is a number and the kernel isn't square.
# Library: @tensorflow/tfjs 4.22.0 (npm), the CPU backend; the sizes are reckoned in tfjs-core, for all backends.
# Behaviour: conv2d, depthwiseConv2d, avgPool and maxPool take as padding "valid", "same", a number for all sides, or four
# pairs of numbers; kernels, strides and dilations may differ between height and width. A number was expected to give
# (size + 2 padding - reach) / stride + 1 cells along each axis, and 0 the same as "valid". The kernel's height, and the stride
# and the dilation along the height, are taken for the width as well. So of 1 x 3 kernels, the half of a factorised
# convolution, the map is too wide and its windows begin behind the picture's edge: averages of nothing (NaN), maxima of
# nothing (minus infinity), zeros; a 3 x 1 kernel's map is too narrow, columns are missing. No error, no warning. What is
# square is right. What helps: pairs.
# Seen, 2026-11-30:
#   conv2d 3 x 3, stride 1,1, dilation 1,1: padding 0 3 x 4, row 72 81 90 99; pairs 3 x 4, row 72 81 90 99
#   conv2d 3 x 3, stride 2,2, dilation 1,1: padding 1 3 x 3, row 18 36 48; pairs 3 x 3, row 18 36 48
#   conv2d 1 x 3, stride 1,1, dilation 1,1: padding 0 5 x 6, row 6 9 12 15 11 6; pairs 5 x 4, row 6 9 12 15
#   conv2d 3 x 1, stride 1,1, dilation 1,1: padding 0 3 x 4, row 21 24 27 30; pairs 3 x 6, row 21 24 27 30 33 36
#   conv2d 3 x 3, stride 1,2, dilation 1,1: padding 1 5 x 6, row 18 36 48 18 0 0; pairs 5 x 3, row 18 36 48
#   conv2d 3 x 3, stride 1,1, dilation 1,2: padding 1 5 x 6, row 24 36 42 28 32 16; pairs 5 x 4, row 24 36 42 28
#   depthwiseConv2d 1 x 3, stride 1,1, dilation 1,1: padding 0 5 x 6, row 6 9 12 15 11 6; pairs 5 x 4, row 6 9 12 15
#   avgPool 1 x 3, stride 1,2, dilation 1,1: padding 0 5 x 6, row 2 4 5.5 NaN NaN NaN; pairs 5 x 2, row 2 4
#   maxPool 1 x 3, stride 1,2, dilation 1,1: padding 0 5 x 6, row 3 5 6 -Infinity -Infinity -Infinity; pairs 5 x 2, row 3 5
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >paddings.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const ops = {
  conv2d: (x, kernel, stride, pad, dilation) => tf.conv2d(x, tf.ones([...kernel, 1, 1]), stride, pad, 'NHWC', dilation),
  depthwiseConv2d: (x, kernel, stride, pad, dilation) => tf.depthwiseConv2d(x, tf.ones([...kernel, 1, 1]), stride, pad, 'NHWC', dilation),
  avgPool: (x, kernel, stride, pad) => tf.avgPool(x, kernel, stride, pad),
  maxPool: (x, kernel, stride, pad) => tf.maxPool(x, kernel, stride, pad),
};
const cases = [  // op, kernel, stride, padding, dilation, whether it is right
  ['conv2d', [3, 3], [1, 1], 0, [1, 1], true],
  ['conv2d', [3, 3], [2, 2], 1, [1, 1], true],
  ['conv2d', [1, 3], [1, 1], 0, [1, 1], false],
  ['conv2d', [3, 1], [1, 1], 0, [1, 1], false],
  ['conv2d', [3, 3], [1, 2], 1, [1, 1], false],
  ['conv2d', [3, 3], [1, 1], 1, [1, 2], false],
  ['depthwiseConv2d', [1, 3], [1, 1], 0, [1, 1], false],
  ['avgPool', [1, 3], [1, 2], 0, [1, 1], false],
  ['maxPool', [1, 3], [1, 2], 0, [1, 1], false],
];

(async () => {
  await tf.setBackend('cpu');
  const picture = tf.range(1, 31).reshape([1, 5, 6, 1]);
  let seen = true;
  for (const [op, kernel, stride, pad, dilation, right] of cases) {
    const number = ops[op](picture, kernel, stride, pad, dilation);
    const pairs = ops[op](picture, kernel, stride, [[0, 0], [pad, pad], [pad, pad], [0, 0]], dilation);
    const [height, width] = [5, 6].map((n, i) => Math.floor((n + 2 * pad - (kernel[i] - 1) * dilation[i] - 1) / stride[i]) + 1);
    const row = map => Array.from(map.dataSync().slice(0, map.shape[2]), v => +v.toFixed(2)).join(' ');
    const size = map => map.shape.slice(1, 3).join(' x ');
    console.log(`${op} ${kernel.join(' x ')}, stride ${stride}, dilation ${dilation}: padding ${pad} ${size(number)}, row ${row(number)}; ` +
                `pairs ${size(pairs)}, row ${row(pairs)}`);
    const same = number.shape.join() === pairs.shape.join() && row(number) === row(pairs);
    seen &&= pairs.shape.join() === [1, height, width, 1].join() && same === right;
  }
  process.exit(seen ? 0 : 1);
})();
END
node paddings.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
