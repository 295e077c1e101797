// Small Keras models with weights by chance, as Keras's description and weights: nets.mjs FOLDER writes FOLDER/NAME.json
// ({model, weights: [{name, shape}]}) and FOLDER/NAME.bin. Run where @tensorflow/tfjs is installed.
import {writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
if (process.argv.length < 3 || process.argv[2].startsWith('-')) {
  console.error('usage: nets.mjs FOLDER');
  process.exit(2);
}
const tf = createRequire(process.cwd() + '/')('@tensorflow/tfjs');
const L = tf.layers;
const folder = process.argv[2];
let state = 7;
const chance = () => (state = (state * 1664525 + 1013904223) % 4294967296) / 4294967296;

function conv(x, filters, more = {}) {
  x = L.conv2d({filters, kernelSize: 3, padding: 'same', ...more}).apply(x);
  return L.batchNormalization({epsilon: 0.01}).apply(x);
}
const relu = x => L.reLU().apply(x);
const image = (size, channels = 3) => tf.input({shape: [size, size, channels]});
const classes = x => L.dense({units: 4, activation: 'softmax'}).apply(x);
const model = (inputs, outputs, name) => tf.model({inputs, outputs, name});

const nets = {
  // Strides of padding "same" at even and odd sizes; Flatten's order.
  plain() {
    return tf.sequential({layers: [
      L.conv2d({inputShape: [33, 33, 3], filters: 5, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu'}),
      L.maxPooling2d({poolSize: 3, strides: 2, padding: 'same'}),
      L.conv2d({filters: 6, kernelSize: [5, 3], strides: [1, 2], padding: 'same', useBias: false}),
      L.leakyReLU({alpha: 0.1}),
      L.averagePooling2d({poolSize: 2, padding: 'same'}),
      L.dropout({rate: 0.5}),
      L.flatten(),
      L.dense({units: 7, activation: 'tanh'}),
      L.dense({units: 4}),
      L.softmax()]});
  },
  residual() {
    const input = image(32);
    let x = relu(conv(input, 6));
    for (const strides of [1, 2, 2]) {
      let y = conv(relu(conv(x, 6 + strides, {strides})), 6 + strides);
      x = relu(L.add().apply([conv(x, 6 + strides, {kernelSize: 1, strides, useBias: false}), y]));
    }
    x = L.averagePooling2d({poolSize: 8}).apply(x);
    return model(input, classes(L.flatten().apply(x)));
  },
  mobile() {  // ReLU6, depthwise, zero padding of one side, the old head: a Reshape
    const input = image(40);
    let x = L.rescaling({scale: 1 / 127.5, offset: -1}).apply(input);
    x = L.zeroPadding2d({padding: [[0, 1], [0, 1]]}).apply(x);
    x = L.conv2d({filters: 8, kernelSize: 3, strides: 2, useBias: false}).apply(x);
    x = L.reLU({maxValue: 6}).apply(L.batchNormalization({}).apply(x));
    for (const strides of [1, 2]) {
      x = L.depthwiseConv2d({kernelSize: 3, strides, padding: 'same', depthMultiplier: strides}).apply(x);
      x = L.reLU({maxValue: 6}).apply(L.batchNormalization({}).apply(x));
      x = L.reLU({maxValue: 6}).apply(conv(x, 10, {kernelSize: 1}));
    }
    x = L.separableConv2d({filters: 9, kernelSize: 3, padding: 'same', activation: 'elu'}).apply(x);
    x = L.globalAveragePooling2d({}).apply(x);
    x = L.reshape({targetShape: [1, 1, 9]}).apply(x);
    x = L.conv2d({filters: 4, kernelSize: 1}).apply(x);
    return model(input, L.activation({activation: 'softmax'}).apply(L.reshape({targetShape: [4]}).apply(x)));
  },
  dense_blocks() {
    const input = image(24);
    let x = L.conv2d({filters: 4, kernelSize: 3, padding: 'same'}).apply(input);
    for (let i = 0; i < 3; ++i) {
      const y = L.conv2d({filters: 3, kernelSize: 3, padding: 'same'}).apply(relu(L.batchNormalization({}).apply(x)));
      x = L.concatenate().apply([x, y]);
    }
    x = L.average().apply([L.maxPooling2d({poolSize: 2}).apply(x), L.averagePooling2d({poolSize: 2}).apply(x)]);
    x = L.cropping2D({cropping: [[1, 0], [0, 2]]}).apply(x);
    return model(input, classes(L.globalMaxPooling2d({}).apply(x)));
  },
  gates() {  // squeeze and excitation, swish, layer norm, PReLU
    const input = image(20);
    let x = L.activation({activation: 'swish'}).apply(conv(input, 6));
    let s = L.reshape({targetShape: [1, 1, 6]}).apply(L.globalAveragePooling2d({}).apply(x));
    s = L.conv2d({filters: 2, kernelSize: 1, activation: 'relu'}).apply(s);
    s = L.conv2d({filters: 6, kernelSize: 1, activation: 'sigmoid'}).apply(s);
    x = L.multiply().apply([x, s]);
    x = L.layerNormalization({epsilon: 0.001}).apply(L.dense({units: 5}).apply(x));
    x = L.prelu({sharedAxes: [1, 2]}).apply(x);
    x = L.activation({activation: 'tanh'}).apply(L.maxPooling2d({poolSize: 2, strides: 2}).apply(x));
    x = L.batchNormalization({scale: false, center: false}).apply(L.globalAveragePooling2d({}).apply(x));
    return model(input, L.dense({units: 1, activation: 'sigmoid'}).apply(x));
  },
  nested() {  // transfer learning: a model in a Sequential, called once more inside
    const input = image(28);
    const base = model(input, relu(conv(relu(conv(input, 5)), 6, {strides: 2})), 'base');
    return tf.sequential({layers: [base, L.globalAveragePooling2d({}), L.dropout({rate: 0.2}),
                                   L.dense({units: 4, activation: 'softmax'})]});
  },
  shared() {  // one layer twice
    const input = image(16);
    const twice = L.conv2d({filters: 3, kernelSize: 3, padding: 'same', activation: 'relu'});
    const x = twice.apply(twice.apply(L.rescaling({scale: 1 / 255}).apply(input)));
    return model(input, classes(L.flatten().apply(L.maxPooling2d({poolSize: 4}).apply(x))));
  },
  grey() {
    return tf.sequential({layers: [
      L.conv2d({inputShape: [28, 28, 1], filters: 4, kernelSize: 5, activation: 'relu', dilationRate: 2}),
      L.maxPooling2d({poolSize: 2}), L.flatten(), L.dense({units: 4, activation: 'softmax'})]});
  },
};

for (const [name, make] of Object.entries(nets)) {
  const net = make();
  const lists = [], bytes = [];
  let pixels = name === 'mobile' || name === 'shared' ? 1 : 1 / 100;  // the first kernel reads them as they are
  for (const weight of net.weights) {
    const {originalName, shape} = weight;
    const around = /variance|gamma/.test(originalName) ? 0.75 : 0;
    const sums = shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const reach = /kernel/.test(originalName) ? 4 * pixels / Math.sqrt(sums) : 0.5;
    if (/kernel/.test(originalName)) pixels = 1;
    const values = Float32Array.from({length: shape.reduce((a, b) => a * b, 1)}, () => around + reach * (chance() - 0.5));
    lists.push({name: originalName, shape});
    bytes.push(Buffer.from(values.buffer));
  }
  writeFileSync(`${folder}/${name}.json`, JSON.stringify({model: net.toJSON(null, false), weights: lists}));
  writeFileSync(`${folder}/${name}.bin`, Buffer.concat(bytes));
}
