#!/usr/bin/env bash
# TensorFlow.js on WebAssembly: nearly all numbers of a volume's transposed convolution are wrong, and so are conv3d's gradients.
# Library: @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0 (npm).
# Behaviour: conv3dTranspose (the layer of that name, the way up in a U-Net for volumes) adds the kernel to the output at each
# cell's place, times the cell: with stride 2 and a 2 x 2 x 2 kernel of ones each cell stands there eight times. The WebAssembly
# backend gives a tensor of the right shape, with a stride of 2 nearly all of it zeros; with stride 1 it is right where the
# volume is no deeper than the kernel, as in a small test, and scrambled where it is. The gradient of conv3d, the same sum, is
# wrong alike. No error. The CPU backend of the same version is right, and so is conv2dTranspose on WebAssembly.
# Seen, 2026-11-30, kernels of ones; the expected values are sums of a loop in the script:
#   conv2dTranspose, 1 x 4 x 4 by 1 x 2 x 2, stride 2: of 64 numbers wrong on cpu 0, on wasm 0
#   conv3dTranspose, 2 x 4 x 4 by 2 x 2 x 2, stride 1: of 75 numbers wrong on cpu 0, on wasm 0
#   conv3dTranspose, 4 x 4 x 4 by 2 x 2 x 2, stride 1: of 125 numbers wrong on cpu 0, on wasm 75
#   conv3dTranspose, 4 x 4 x 4 by 2 x 2 x 2, stride 2: of 512 numbers wrong on cpu 0, on wasm 496
#   conv3dTranspose, 8 x 8 x 8 by 3 x 3 x 3, stride 2: of 4913 numbers wrong on cpu 0, on wasm 4849
#   layer Conv3DTranspose, 4 x 4 x 4 by 2 x 2 x 2, stride 2: of 512 numbers wrong on cpu 0, on wasm 496
#   gradient of conv3d, 4 x 4 x 4 by 3 x 3 x 3, stride 1: of 216 numbers wrong on cpu 0, on wasm 143
#   gradient of conv3d, 4 x 4 x 4 by 2 x 2 x 2, stride 2: of 512 numbers wrong on cpu 0, on wasm 496
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0

cat >volumes.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${__dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);

/** Each cell of a volume (depth, height, width; 1, 2, 3, ...) added to the kernel's places of the output. */
function spread(from, stride, kernel) {
  const to = from.map((n, i) => (n - 1) * stride + kernel[i]), out = Array(to[0] * to[1] * to[2]).fill(0);
  const cells = sizes => sizes[0] * sizes[1] * sizes[2], at = (i, [, h, w]) => [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w];
  for (let i = 0; i < cells(from); ++i) {
    for (let j = 0; j < cells(kernel); ++j) {
      const [z, y, x] = at(i, from).map((v, axis) => v * stride + at(j, kernel)[axis]);
      out[(z * to[1] + y) * to[2] + x] += 1 + i;
    }
  }
  return {to, out};
}

const numbers = sizes => tf.range(1, 1 + sizes[0] * sizes[1] * sizes[2]).reshape([1, ...sizes, 1]);
const ones = sizes => tf.ones([...sizes, 1, 1]);
const transposed = (from, stride, kernel, to) =>
    tf.conv3dTranspose(numbers(from), ones(kernel), [1, ...to, 1], stride, 'valid');
const flat = (from, stride, kernel, to) =>
    tf.conv2dTranspose(numbers(from).squeeze([1]), ones(kernel).squeeze([0]), [1, ...to.slice(1), 1], stride, 'valid');
const layer = (from, stride, kernel) =>
    tf.layers.conv3dTranspose({filters: 1, kernelSize: kernel, strides: stride, kernelInitializer: 'ones'}).apply(numbers(from));
const gradient = (from, stride, kernel, to) =>
    tf.grad(x => tf.conv3d(x, ones(kernel), stride, 'valid').mul(numbers(from)))(tf.ones([1, ...to, 1]));
const cases = [  // name, function, size of the volume, stride, kernel, whether WebAssembly is right
  ['conv2dTranspose', flat, [1, 4, 4], 2, [1, 2, 2], true],
  ['conv3dTranspose', transposed, [2, 4, 4], 1, [2, 2, 2], true],
  ['conv3dTranspose', transposed, [4, 4, 4], 1, [2, 2, 2], false],
  ['conv3dTranspose', transposed, [4, 4, 4], 2, [2, 2, 2], false],
  ['conv3dTranspose', transposed, [8, 8, 8], 2, [3, 3, 3], false],
  ['layer Conv3DTranspose', layer, [4, 4, 4], 2, [2, 2, 2], false],
  ['gradient of conv3d', gradient, [4, 4, 4], 1, [3, 3, 3], false],
  ['gradient of conv3d', gradient, [4, 4, 4], 2, [2, 2, 2], false],
];

(async () => {
  let seen = true;
  for (const [name, f, from, stride, kernel, right] of cases) {
    const {to, out} = spread(from, stride, kernel);
    const of = async backend => {
      await tf.setBackend(backend);
      const values = await f(from, stride, kernel, to).data();
      return out.filter((v, i) => v !== values[i]).length;
    };
    const cpu = await of('cpu'), other = await of('wasm');
    const what = `${name}, ${from.join(' x ')} by ${kernel.join(' x ')}, stride ${stride}:`;
    console.log(`${what} of ${out.length} numbers wrong on cpu ${cpu}, on wasm ${other}`);
    seen &&= cpu === 0 && (other === 0) === right;
  }
  process.exit(seen ? 0 : 1);
})();
END
node volumes.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
