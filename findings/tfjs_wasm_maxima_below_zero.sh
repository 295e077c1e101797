#!/usr/bin/env bash
# TensorFlow.js on WebAssembly: the maximum of negative numbers is 0, as good as, in max-pools of volumes and in dilations.
# Library: @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0 (npm).
# Behaviour: maxPool3d, and the layer MaxPooling3D by it, give the largest number of each window, dilation2d the largest sum of pixel and
# filter, whatever the signs. The WebAssembly backend begins to compare at 0 (at C++'s smallest positive float, which isn't the
# lowest one): a window of negative numbers gives 1.2e-38, which is nowhere in the map. Behind a bare convolution, batch norm,
# LeakyReLU or ELU such a pool is a ReLU as well, and of log probabilities nothing is left. No error. The CPU backend of the
# same version is right, and so are maxPool and avgPool3d on WebAssembly.
# Seen, 2026-12-01, 2 x 2 windows (x 2 in volumes):
#   maxPool, negative: right -1 -3, cpu -1 -3, wasm -1 -3
#   avgPool3d, negative: right -3.5 -5.5, cpu -3.5 -5.5, wasm -3.5 -5.5
#   maxPool3d, positive: right 6 8, cpu 6 8, wasm 6 8
#   maxPool3d, negative: right -1 -3, cpu -1 -3, wasm 1.1754943508222875e-38 1.1754943508222875e-38
#   maxPool3d, both signs: right 1.5 -0.5, cpu 1.5 -0.5, wasm 1.5 1.1754943508222875e-38
#   layer MaxPooling3D, negative: right -1 -3, cpu -1 -3, wasm 1.1754943508222875e-38 1.1754943508222875e-38
#   dilation2d, positive: right 6 8, cpu 6 8, wasm 6 8
#   dilation2d, negative: right -1 -3, cpu -1 -3, wasm 1.1754943508222875e-38 1.1754943508222875e-38
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0

cat >maxima.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${__dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);

const map = [-1, -2, -3, -4, -5, -6, -7, -8];
const lifted = map.map(v => v + 4.5);  // 3.5 to -3.5: the windows on the left have positive numbers
const picture = values => tf.tensor(values, [1, 2, 4, 1]);
const volume = values => tf.tensor([...values, ...values], [1, 2, 2, 4, 1]);  // two such pictures
const cases = [  // name, what is computed, by hand, whether WebAssembly is right
  ['maxPool, negative', () => tf.maxPool(picture(map), 2, 2, 'valid'), '-1 -3', true],
  ['avgPool3d, negative', () => tf.avgPool3d(volume(map), 2, 2, 'valid'), '-3.5 -5.5', true],
  ['maxPool3d, positive', () => tf.maxPool3d(volume(map.map(v => -v)), 2, 2, 'valid'), '6 8', true],
  ['maxPool3d, negative', () => tf.maxPool3d(volume(map), 2, 2, 'valid'), '-1 -3', false],
  ['maxPool3d, both signs', () => tf.maxPool3d(volume(lifted.map(v => v - 2)), 2, 2, 'valid'), '1.5 -0.5', false],
  ['layer MaxPooling3D, negative', () => tf.layers.maxPooling3d({poolSize: 2}).apply(volume(map)), '-1 -3', false],
  ['dilation2d, positive', () => tf.dilation2d(picture(map.map(v => -v)), tf.zeros([2, 2, 1]), 2, 'valid'), '6 8', true],
  ['dilation2d, negative', () => tf.dilation2d(picture(map), tf.zeros([2, 2, 1]), 2, 'valid'), '-1 -3', false],
];

async function compute(backend, f) {
  await tf.setBackend(backend);
  return Array.from(await f().data()).join(' ');
}

(async () => {
  let seen = true;
  for (const [name, f, right, isRight] of cases) {
    const cpu = await compute('cpu', f), web = await compute('wasm', f);
    console.log(`${name}: right ${right}, cpu ${cpu}, wasm ${web}`);
    seen &&= cpu === right && (web === right) === isRight;
  }
  process.exit(seen ? 0 : 1);
})();
END
node maxima.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
