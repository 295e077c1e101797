#!/usr/bin/env bash
# TensorFlow.js on WebAssembly: the mean of a batch of photographs is wrong by per cents.
# Library: @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0 (npm).
# Behaviour: tf.mean and tf.moments over the images, rows and columns of a batch, the usual way to a data set's mean per
# channel. 100 images of 224 x 224 whose every red pixel is 100, green 150, blue 200 have a mean of 100, 150, 200, which
# float32 holds exactly. The WebAssembly backend adds one pixel after the other to one float32 sum, each addition is rounded,
# and where the sum is in the hundreds of millions it stays behind. The CPU backend of the same version gives the exact
# values. Nothing documented says how many values a backend can average. 20 million ones have a sum of 16777216.
# Seen, 2026-11-29:
#   cpu:  mean 100.00 150.00 200.00, sum of 20000000 ones 20000000
#   wasm: mean 96.53 145.82 193.07, sum of 20000000 ones 16777216
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0

cat >mean.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${__dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);

async function of(backend) {
  await tf.setBackend(backend);
  const photographs = tf.tensor1d([100, 150, 200]).add(tf.zeros([100, 224, 224, 3]));
  const mean = Array.from(await tf.moments(photographs, [0, 1, 2]).mean.data());
  const [ones] = await tf.sum(tf.ones([20000000])).data();
  console.log(`${(backend + ':').padEnd(5)} mean ${mean.map(v => v.toFixed(2)).join(' ')}, sum of 20000000 ones ${ones}`);
  return {mean, ones};
}

(async () => {
  const cpu = await of('cpu'), web = await of('wasm');
  const off = (mean) => Math.max(...mean.map((v, i) => Math.abs(v / [100, 150, 200][i] - 1)));
  process.exit(off(cpu.mean) < 1e-6 && cpu.ones === 20000000 && off(web.mean) > 0.02 && web.ones < 17000000 ? 0 : 1);
})();
END
node mean.cjs | grep -v '^=\|^Hi, looks\|^$' ; exit "${PIPESTATUS[0]}"
