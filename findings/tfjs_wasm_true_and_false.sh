#!/usr/bin/env bash
# TensorFlow.js on WebAssembly: a mask made of numbers is false for fractions and for class 256.
# Library: @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0 (npm).
# Behaviour: cast(x, 'bool') is documented to make a tensor of booleans, as in TensorFlow: false for 0, true for everything
# else. The WebAssembly backend stores each number as a byte: 0.5 and 256 become 0, which is false, 2 stays 2, and
# -1 becomes 255. So masks of probabilities and heat maps lose all that is below 1, masks of labels the classes 256, 512 and
# so on; any() and all() of them are wrong, where() chooses the other side, and logicalNot() of a true 2 is 3, which is
# true, too. No error. The CPU backend of the same version is right. What helps: notEqual(x, 0).
# Seen, 2026-11-30, of the numbers 0 0.25 0.75 1 2 -1 256 300:
#   cpu:  cast 0 1 1 1 1 1 1 1, where 0 1 1 1 1 1 1 1, logicalNot 1 0 0 0 0 0 0 0, any of 0.25 0.75 1, notEqual 0 1 1 1 1 1 1 1
#   wasm: cast 0 0 0 1 2 255 0 44, where 0 0 0 1 1 1 0 1, logicalNot 1 1 1 0 3 254 1 45, any of 0.25 0.75 0, notEqual 0 1 1 1 1 1 1 1
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0

cat >masks.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${__dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);

async function masks(backend) {
  await tf.setBackend(backend);
  const x = tf.tensor1d([0, 0.25, 0.75, 1, 2, -1, 256, 300]);
  const mask = x.cast('bool');
  const results = {
    cast: mask, where: tf.where(mask, tf.onesLike(x), tf.zerosLike(x)), logicalNot: tf.logicalNot(mask),
    'any of 0.25 0.75': tf.any(mask.slice(1, 2)), notEqual: tf.notEqual(x, 0),
  };
  for (const name in results) results[name] = Array.from(await results[name].data(), Number).join(' ');
  console.log(`${(backend + ':').padEnd(5)} ${Object.entries(results).map(([name, values]) => `${name} ${values}`).join(', ')}`);
  return results;
}

(async () => {
  const cpu = await masks('cpu'), web = await masks('wasm');
  const right = '0 1 1 1 1 1 1 1';
  const control = cpu.cast === right && cpu.where === right && cpu['any of 0.25 0.75'] === '1' && web.notEqual === right;
  const wrong = web.where === '0 0 0 1 1 1 0 1' && web['any of 0.25 0.75'] === '0' && web.cast.startsWith('0 0 0 1 2 ');
  process.exit(control && wrong ? 0 : 1);
})();
END
node masks.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
