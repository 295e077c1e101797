#!/usr/bin/env bash
# TensorFlow.js on WebAssembly does not clip integers: pixels above 255 stay, and with a lowest class of 1 all classes become 1065353216.
# Library: @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0 (npm).
# Behaviour: clipByValue(x, low, high) is documented for any tensor, and keeps an int32 one int32, as pixels of fromPixels, labels and
# masks are. The WebAssembly backend compares and stores the integers' bits as if they were a float32: positive integers are
# tiny numbers, below any limit, and so
#   nothing is too high   300 stays 300
#   a low limit above 0   becomes the bits of that limit as a float32, 1065353216 for 1, also in place of numbers well within
# and prelu of int32 makes a negative number -1.4e-44. No error; relu6, maximum and minimum of the same integers are right, and so is the
# CPU backend of the same version. What helps: minimum(maximum(x, low), high), or float32.
# Seen, 2026-12-01, of the int32 -5 0 3 100 255 300:
#   clipByValue to 0..255, float32: right 0 0 3 100 255 255, cpu 0 0 3 100 255 255, wasm 0 0 3 100 255 255
#   minimum(maximum(x, 0), 255): right 0 0 3 100 255 255, cpu 0 0 3 100 255 255, wasm 0 0 3 100 255 255
#   relu6: right 0 0 3 6 6 6, cpu 0 0 3 6 6 6, wasm 0 0 3 6 6 6
#   clipByValue to 0..255: right 0 0 3 100 255 255, cpu 0 0 3 100 255 255, wasm 0 0 3 100 255 300
#   clipByValue to 1..200: right 1 1 3 100 200 200, cpu 1 1 3 100 200 200, wasm 1065353216 1065353216 1065353216 1065353216 1065353216 1065353216
#   prelu by 2: right -10 0 3 100 255 300, cpu -10 0 3 100 255 300, wasm -1.401298464324817e-44 0 3 100 255 300
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0

cat >clip.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${__dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);

const numbers = [-5, 0, 3, 100, 255, 300];
const cases = [  // name, what is computed, the expected numbers, whether WebAssembly is right
  ['clipByValue to 0..255, float32', x => tf.clipByValue(x.cast('float32'), 0, 255), numbers.map(v => Math.min(Math.max(v, 0), 255)), true],
  ['minimum(maximum(x, 0), 255)', x => tf.minimum(tf.maximum(x, tf.scalar(0, 'int32')), tf.scalar(255, 'int32')),
   numbers.map(v => Math.min(Math.max(v, 0), 255)), true],
  ['relu6', x => tf.relu6(x), numbers.map(v => Math.min(Math.max(v, 0), 6)), true],
  ['clipByValue to 0..255', x => tf.clipByValue(x, 0, 255), numbers.map(v => Math.min(Math.max(v, 0), 255)), false],
  ['clipByValue to 1..200', x => tf.clipByValue(x, 1, 200), numbers.map(v => Math.min(Math.max(v, 1), 200)), false],
  ['prelu by 2', x => tf.prelu(x, tf.scalar(2, 'int32')), numbers.map(v => v < 0 ? 2 * v : v), false],
];

async function compute(backend, f) {
  await tf.setBackend(backend);
  return Array.from(await f(tf.tensor1d(numbers, 'int32')).data()).join(' ');
}

(async () => {
  let seen = true;
  for (const [name, f, expected, isRight] of cases) {
    const right = expected.join(' '), cpu = await compute('cpu', f), web = await compute('wasm', f);
    console.log(`${name}: right ${right}, cpu ${cpu}, wasm ${web}`);
    seen &&= cpu === right && (web === right) === isRight;
  }
  process.exit(seen ? 0 : 1);
})();
END
node clip.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
