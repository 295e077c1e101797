#!/usr/bin/env bash
# TensorFlow.js on WebAssembly: strided convolutions whose kernel is shorter than the stride give zeros.
# Library: @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0 (npm).
# Behaviour: with padding "same" and a kernel that is shorter in some direction than the stride, the last window may end before
# the map does: nothing is padded there and pixels are left over. The half of a factorised convolution, 1 x 3 or 3 x 1, with
# stride 2 on a map of even size is such a one, and a stem of 3 x 3 with stride 4 on 224 x 224. The WebAssembly backend
# then gives zeros: conv2d and depthwiseConv2d a tensor of the right shape without anything else in it, conv2d with bias and
# activation the bias alone. No error, and the network gives a class all the same. The CPU backend of the same version is
# right. A 1 x 1 kernel is an exception, which works, and so does a map of as many pixels more that padding is needed.
# Seen, 2026-11-30, maps and kernels of ones, the first row's first three sums:
#   1 x 1, stride 2, 8 x 8:     conv2d cpu 1 1 1, wasm 1 1 1, depthwise wasm 1 1 1, with a bias of 5 wasm 6 6 6
#   3 x 3, stride 2, 8 x 8:     conv2d cpu 9 9 9, wasm 9 9 9, depthwise wasm 9 9 9, with a bias of 5 wasm 14 14 14
#   1 x 3, stride 2, 9 x 9:     conv2d cpu 2 3 3, wasm 2 3 3, depthwise wasm 2 3 3, with a bias of 5 wasm 7 8 8
#   1 x 3, stride 2, 8 x 8:     conv2d cpu 3 3 3, wasm 0 0 0, depthwise wasm 0 0 0, with a bias of 5 wasm 5 5 5
#   3 x 1, stride 2, 8 x 8:     conv2d cpu 3 3 3, wasm 0 0 0, depthwise wasm 0 0 0, with a bias of 5 wasm 5 5 5
#   2 x 2, stride 3, 9 x 9:     conv2d cpu 4 4 4, wasm 0 0 0, depthwise wasm 0 0 0, with a bias of 5 wasm 5 5 5
#   3 x 3, stride 4, 224 x 224: conv2d cpu 9 9 9, wasm 0 0 0, depthwise wasm 0 0 0, with a bias of 5 wasm 5 5 5
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0

cat >strides.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${__dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);

const cases = [  // height and width of the kernel, stride, size of the map, whether WebAssembly is right
  [1, 1, 2, 8, true], [3, 3, 2, 8, true], [1, 3, 2, 9, true],
  [1, 3, 2, 8, false], [3, 1, 2, 8, false], [2, 2, 3, 9, false], [3, 3, 4, 224, false],
];

async function maps(backend, height, width, stride, size) {
  await tf.setBackend(backend);
  const x = tf.ones([1, size, size, 1]), filter = tf.ones([height, width, 1, 1]);
  const results = [
    tf.conv2d(x, filter, stride, 'same'), tf.depthwiseConv2d(x, filter, stride, 'same'),
    tf.fused.conv2d({x, filter, strides: stride, pad: 'same', bias: tf.tensor1d([5]), activation: 'relu'}),
  ];
  return Promise.all(results.map(async y => Array.from(await y.data())));
}

(async () => {
  let seen = true;
  for (const [height, width, stride, size, right] of cases) {
    const cpu = await maps('cpu', height, width, stride, size), web = await maps('wasm', height, width, stride, size);
    const start = map => map.slice(0, 3).join(' ');
    const name = `${height} x ${width}, stride ${stride}, ${size} x ${size}:`;
    console.log(`${name.padEnd(27)} conv2d cpu ${start(cpu[0])}, wasm ${start(web[0])}, depthwise wasm ${start(web[1])}, ` +
                `with a bias of 5 wasm ${start(web[2])}`);
    const same = (a, b) => a.length === b.length && a.every((v, i) => v === b[i]);
    seen &&= same(cpu[0], cpu[1]) && same(cpu[2], cpu[0].map(v => v + 5)) && cpu[0][1] === height * width;
    seen &&= cpu.every((map, i) => map.length === web[i].length && same(map, web[i]) === right);
    if (!right) seen &&= !web[0].includes(height * width);
  }
  process.exit(seen ? 0 : 1);
})();
END
node strides.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
