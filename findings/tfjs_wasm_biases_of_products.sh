#!/usr/bin/env bash
# TensorFlow.js on WebAssembly adds the last unit's bias to all units, for every sample but the first.
# Library: @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0 (npm).
# Behaviour: fused.matMul is documented to multiply two matrices, or batches of them, to add a bias and to apply an activation: each row,
# which is a sample, gets the same bias, one number for each unit. The WebAssembly backend does so for one product of which
# neither side is transposed. With transposeA or transposeB, or where there are several products, the bias is counted on
# from row to row and held at its end: the first row is right, all others get the last unit's bias in every place. So one
# picture at a time is right, a batch of them is not, and classes change. No error. The CPU backend of the same
# version is right. What helps: the bias added in a step of its own.
# Seen, 2026-12-01, three rows of a product of zeros and the bias 1 2 3 4:
#   plain: cpu 1 2 3 4 / 1 2 3 4 / 1 2 3 4, wasm 1 2 3 4 / 1 2 3 4 / 1 2 3 4
#   transposeA: cpu 1 2 3 4 / 1 2 3 4 / 1 2 3 4, wasm 1 2 3 4 / 4 4 4 4 / 4 4 4 4
#   transposeB: cpu 1 2 3 4 / 1 2 3 4 / 1 2 3 4, wasm 1 2 3 4 / 4 4 4 4 / 4 4 4 4
#   transposeB, relu: cpu 1 2 3 4 / 1 2 3 4 / 1 2 3 4, wasm 1 2 3 4 / 4 4 4 4 / 4 4 4 4
#   a batch of two: cpu 1 2 3 4 / 1 2 3 4 / 1 2 3 4, wasm 1 2 3 4 / 4 4 4 4 / 4 4 4 4
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0

cat >biases.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${__dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);

const cases = [  // name, shapes of both sides, settings, whether WebAssembly is right
  ['plain', [3, 2], [2, 4], {}, true],
  ['transposeA', [2, 3], [2, 4], {transposeA: true}, false],
  ['transposeB', [3, 2], [4, 2], {transposeB: true}, false],
  ['transposeB, relu', [3, 2], [4, 2], {transposeB: true, activation: 'relu'}, false],
  ['a batch of two', [2, 3, 2], [2, 2, 4], {}, false],
];

async function rows(backend, left, right, settings) {
  await tf.setBackend(backend);
  const product = tf.fused.matMul({a: tf.zeros(left), b: tf.zeros(right), bias: tf.tensor([1, 2, 3, 4]), ...settings});
  const numbers = Array.from(await product.data());
  return [0, 4, 8].map(at => numbers.slice(at, at + 4).join(' ')).join(' / ');
}

(async () => {
  let seen = true;
  const right = '1 2 3 4 / 1 2 3 4 / 1 2 3 4', wrong = '1 2 3 4 / 4 4 4 4 / 4 4 4 4';
  for (const [name, a, b, settings, isRight] of cases) {
    const cpu = await rows('cpu', a, b, settings), web = await rows('wasm', a, b, settings);
    console.log(`${name}: cpu ${cpu}, wasm ${web}`);
    seen &&= cpu === right && web === (isRight ? right : wrong);
  }
  process.exit(seen ? 0 : 1);
})();
END
node biases.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
