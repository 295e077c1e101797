#!/usr/bin/env bash
# TensorFlow.js on WebAssembly: no gradient goes through a max-pool's window that has only negative numbers.
# Library: @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0 (npm), tf.grad.
# Behaviour: a max-pool's derivative is 1 for the largest number of its window, whatever its sign. The WebAssembly backend
# computes the pooled map rightly, but finds the largest again for the derivative and begins at a number just above 0: what a
# window of negative numbers should pass back is lost, or goes to the map's first pixel if it is in that window. So it vanishes
# wherever a network pools what may be negative: a bare convolution, batch norm, LeakyReLU, ELU, SiLU. A saliency map there is
# another, and weights below learn from a part of the windows. No error. The CPU backend of the same version is right.
# Seen, 2026-11-30, the gradient of the sum of two windows of 2 x 2, side by side:
#   1 2 5 6 / 3 4 7 8:          cpu 0 0 0 0 0 1 0 1, wasm 0 0 0 0 0 1 0 1
#   1 2 -8 -7 / 3 4 -6 -5:      cpu 0 0 0 0 0 1 0 1, wasm 0 0 0 0 0 1 0 0
#   -4 -3 5 6 / -2 -1 7 8:      cpu 0 0 0 0 0 1 0 1, wasm 1 0 0 0 0 0 0 1
#   -8 -7 -4 -3 / -6 -5 -2 -1:  cpu 0 0 0 0 0 1 0 1, wasm 1 0 0 0 0 0 0 0
#   1024 windows, 81 of them negative: gradients through 1024 on cpu, 943 on wasm
#     after a LeakyReLU: 1024 and 943; all made positive: 1024 and 1024; pooled maps the same
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0

cat >pools.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${__dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);

const pictures = [  // two windows each, 2 x 2 side by side, and where the gradient belongs
  [[1, 2, 5, 6, 3, 4, 7, 8], '0 0 0 0 0 1 0 1'],
  [[1, 2, -8, -7, 3, 4, -6, -5], '0 0 0 0 0 1 0 1'],
  [[-4, -3, 5, 6, -2, -1, 7, 8], '0 0 0 0 0 1 0 1'],
  [[-8, -7, -4, -3, -6, -5, -2, -1], '0 0 0 0 0 1 0 1'],
];
const wave = Array.from({length: 32 * 32 * 4}, (_, i) => Math.sin(i * i));

async function through(backend) {
  await tf.setBackend(backend);
  const gradients = [];
  for (const [pixels] of pictures)
    gradients.push((await tf.grad(x => tf.maxPool(x, 2, 2, 'valid'))(tf.tensor(pixels, [1, 2, 4, 1])).data()).join(' '));
  const map = tf.tensor(wave, [1, 32, 32, 4]);
  const sum = async f => (await tf.grad(x => tf.maxPool(f(x), 2, 2, 'valid'))(map).greater(0).sum().data())[0];
  return {gradients, map: await sum(x => x), leaky: await sum(x => tf.leakyRelu(x, 0.1)), raised: await sum(x => x.add(2)),
          pooled: await tf.maxPool(map, 2, 2, 'valid').data()};
}

(async () => {
  const cpu = await through('cpu'), other = await through('wasm');
  pictures.forEach(([p], i) => {
    const text = `${p.slice(0, 4).join(' ')} / ${p.slice(4).join(' ')}:`;
    console.log(`${text.padEnd(27)} cpu ${cpu.gradients[i]}, wasm ${other.gradients[i]}`);
  });
  const negative = cpu.pooled.filter(v => v < 0).length, same = cpu.pooled.every((v, i) => v === other.pooled[i]);
  console.log(`1024 windows, ${negative} of them negative: gradients through ${cpu.map} on cpu, ${other.map} on wasm`);
  console.log(`  after a LeakyReLU: ${cpu.leaky} and ${other.leaky}; all made positive: ${cpu.raised} and ${other.raised}; ` +
              `pooled maps ${same ? 'the same' : 'differ'}`);
  const right = pictures.every(([, gradient], i) => cpu.gradients[i] === gradient) && cpu.map === 1024 && cpu.leaky === 1024;
  const lost = ['0 0 0 0 0 1 0 1', '0 0 0 0 0 1 0 0', '1 0 0 0 0 0 0 1', '1 0 0 0 0 0 0 0'];
  process.exit(same && right && negative > 0 && other.gradients.join() === lost.join() && other.raised === 1024
      && other.map === 1024 - negative && other.leaky === 1024 - negative ? 0 : 1);
})();
END
node pools.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
