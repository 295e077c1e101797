// Scores of Keras's description and weights, as nets.mjs writes them, by TensorFlow.js: run.mjs NAME INPUT OUT
// HEIGHT WIDTH CHANNELS.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
if (process.argv.length < 7 || process.argv[2].startsWith('-')) {
  console.error('usage: run.mjs NAME INPUT OUT HEIGHT WIDTH CHANNELS');
  process.exit(2);
}
const tf = createRequire(process.cwd() + '/')('@tensorflow/tfjs');
const [name, input, output, ...dims] = process.argv.slice(2);
const read = path => { const b = readFileSync(path); return b.buffer.slice(b.byteOffset, b.byteOffset + b.length); };
const {model, weights} = JSON.parse(readFileSync(`${name}.json`, 'utf8'));
const net = await tf.loadLayersModel(tf.io.fromMemory({
  modelTopology: model, weightSpecs: weights.map(w => ({...w, dtype: 'float32'})), weightData: read(`${name}.bin`)}));
const images = tf.tensor(new Float32Array(read(input))).reshape([-1, ...dims.map(Number)]);
const scores = net.predict(images);
writeFileSync(output, Buffer.from((Array.isArray(scores) ? scores[0] : scores).dataSync().buffer));
