#!/usr/bin/env bash
# TensorFlow.js reads Keras layers, leaves out what it does not know of them, and computes something else.
# Library: @tensorflow/tfjs 4.22.0 (npm), loadLayersModel, the CPU backend; the layers' configurations are as Keras 2.11 writes
# them, each with one setting that Keras documents.
# Behaviour: loadLayersModel was expected to compute what Keras does or to refuse, as it refuses layers and activations that it
# has no code for (and an ELU with another alpha). Of these it says nothing:
#   ReLU             negative_slope and threshold are not read: a leaky ReLU becomes a plain one
#   UpSampling2D     interpolation "bilinear": Keras takes the pixels' centres (TensorFlow 2's tf.image.resize); here the
#                    map is moved by half an output pixel, its last column repeated
#   DepthwiseConv2D  dilation_rate is not read: another receptive field and a larger map
#   Conv2DTranspose  output_padding is not read: a smaller map
#   LeakyReLU        Keras 3's name for alpha, negative_slope, is not read: 0.3 in its place
# A max-pool with padding "same" is the control. The expected values are by Keras's documentation, by hand.
# Seen, 2026-11-30:
#   MaxPooling2D same: 2 3, right 2 3
#   ReLU negative_slope: 0 0 1 10, right -1 -0.1 1 10
#   ReLU threshold: 0 1 3 10, right 0 0 3 10
#   UpSampling2D bilinear: 0 0.5 1 1.5 2 2.5 3 3, right 0 0.25 0.75 1.25 1.75 2.25 2.75 3
#   DepthwiseConv2D dilation_rate: 11 110 1100, right 101 1010
#   Conv2DTranspose output_padding: 1 1 10 10, right 1 1 10 10 0
#   LeakyReLU negative_slope: -3 -0.3 1 10, right -1 -0.1 1 10
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >layers.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const last = {trainable: true, dtype: 'float32', data_format: 'channels_last'};
const ones = {class_name: 'Ones', config: {}};
const linear = {activation: 'linear', use_bias: false, padding: 'valid', kernel_initializer: ones, depthwise_initializer: ones};
const numbers = [-10, -1, 1, 10], row = [1, 10, 100, 1000];
const cases = [  // layer, the setting that matters, others, input (1 x columns x 1), what is right
  ['MaxPooling2D same', {pool_size: [1, 3], strides: [1, 2], padding: 'same'}, [0, 1, 2, 3], [2, 3]],
  ['ReLU negative_slope', {max_value: null, negative_slope: 0.1, threshold: 0}, numbers, [-1, -0.1, 1, 10]],
  ['ReLU threshold', {max_value: null, negative_slope: 0, threshold: 2}, [-10, 1, 3, 10], [0, 0, 3, 10]],
  ['UpSampling2D bilinear', {size: [1, 2], interpolation: 'bilinear'}, [0, 1, 2, 3], [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]],
  ['DepthwiseConv2D dilation_rate',
   {...linear, kernel_size: [1, 2], strides: [1, 1], dilation_rate: [1, 2], depth_multiplier: 1}, row, [101, 1010]],
  ['Conv2DTranspose output_padding',
   {...linear, filters: 1, kernel_size: [1, 2], strides: [1, 2], dilation_rate: [1, 1], output_padding: [0, 1]}, [1, 10], [1, 1, 10, 10, 0]],
  ['LeakyReLU negative_slope', {negative_slope: 0.1}, numbers, [-1, -0.1, 1, 10]],
];

async function computed(layer, config, x) {
  const input = {class_name: 'InputLayer', config: {batch_input_shape: [null, 1, x.length, 1], dtype: 'float32', sparse: false, name: 'in'}};
  const layers = [input, {class_name: layer, config: {...last, ...config, name: 'layer'}}];
  const modelTopology = {class_name: 'Sequential', keras_version: '2.11.0', backend: 'tensorflow', config: {name: 'net', layers}};
  const model = await tf.loadLayersModel(tf.io.fromMemory({modelTopology}));
  return Array.from(await model.predict(tf.tensor(x, [1, 1, x.length, 1])).data());
}

(async () => {
  await tf.setBackend('cpu');
  let seen = true;
  for (const [name, config, x, right] of cases) {
    const got = await computed(name.split(' ')[0], config, x);
    console.log(`${name}: ${got.map(v => +v.toFixed(4)).join(' ')}, right ${right.join(' ')}`);
    const same = got.length === right.length && got.every((v, i) => Math.abs(v - right[i]) < 1e-4);
    seen &&= same === (name === 'MaxPooling2D same');
  }
  process.exit(seen ? 0 : 1);
})();
END
node layers.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
