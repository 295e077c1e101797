#!/usr/bin/env bash
# TensorFlow.js on WebAssembly: convolutions and max-pools with dimRoundingMode 'ceil' give scrambled maps.
# Library: @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0 (npm).
# Behaviour: conv2d and maxPool take dimRoundingMode, "ceil", "round" or "floor": how the size of
# the output is rounded, as PyTorch's ceil_mode (SqueezeNet, GoogLeNet). With 'ceil' where it matters, the WebAssembly backend
# gives a tensor of the larger shape, but computes the smaller map and leaves it in the first cells: the second row begins in
# the first one's last column, and the cells at the end hold what lay in that memory. No error, no warning. The CPU backend of
# the same version is right: the last windows reach over the edge.
# Seen, 2026-11-29, a 6 x 6 map of 1 to 36, 3 x 3 windows with stride 2, no padding:
#   maxPool cpu:  15 17 18 / 27 29 30 / 33 35 36
#   maxPool wasm: 15 17 27 / 29 ...
#   conv2d  cpu:  72 90 69 / 180 198 141 / 174 186 130
#   conv2d  wasm: 72 90 180 / 198 ...
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0

cat >ceil.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${__dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);

const right = {
  maxPool: [15, 17, 18, 27, 29, 30, 33, 35, 36],
  conv2d: [72, 90, 69, 180, 198, 141, 174, 186, 130],  // sums over the windows
};

async function maps(backend) {
  await tf.setBackend(backend);
  const x = tf.tensor4d(Array.from({length: 36}, (_, i) => i + 1), [1, 6, 6, 1]);
  const results = {
    maxPool: tf.maxPool(x, 3, 2, 0, 'ceil'),
    conv2d: tf.conv2d(x, tf.ones([3, 3, 1, 1]), 2, 0, 'NHWC', 1, 'ceil'),
  };
  for (const name in results) {
    if (results[name].shape.join() !== '1,3,3,1') throw new Error(`shape ${results[name].shape}`);
    results[name] = Array.from(await results[name].data());
  }
  return results;
}

(async () => {
  const cpu = await maps('cpu'), web = await maps('wasm');
  let seen = true;
  for (const name in right) {
    const [a, b, c, d, e, f, ...rest] = cpu[name], shifted = [a, b, d, e];  // the 2 x 2 map, without its third column
    console.log(`${name.padEnd(7)} cpu:  ${a} ${b} ${c} / ${d} ${e} ${f} / ${rest.join(' ')}`);
    console.log(`${name.padEnd(7)} wasm: ${web[name].slice(0, 3).join(' ')} / ${web[name][3]} ...`);
    seen &&= cpu[name].every((v, i) => v === right[name][i]) && shifted.every((v, i) => v === web[name][i]);
  }
  process.exit(seen ? 0 : 1);
})();
END
node ceil.cjs | grep -v '^=\|^Hi, looks\|^$' ; exit "${PIPESTATUS[0]}"
