// Milliseconds of ONNX Runtime's forward pass: time_onnx.mjs MODEL.onnx INPUT.f32 THREADS RUNS DIM... prints a list as JSON.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
if (process.argv.length < 7 || process.argv[2].startsWith('-')) {
  console.error('usage: time_onnx.mjs MODEL.onnx INPUT.f32 THREADS RUNS DIM...');
  process.exit(2);
}
const ort = createRequire(process.cwd() + '/')('onnxruntime-node');
const [model, input, threads, runs, ...dims] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, {
  graphOptimizationLevel: 'all', intraOpNumThreads: Number(threads), interOpNumThreads: 1, logSeverityLevel: 3});
const bytes = readFileSync(input);
const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const feeds = {[session.inputNames[0]]: new ort.Tensor('float32', values, dims.map(Number))};
const pass = async () => {
  const begin = performance.now();
  await session.run(feeds);
  return performance.now() - begin;
};
const begun = performance.now();
for (let i = 0; i < 2 || performance.now() - begun < 500; ++i) await pass();  // as ours, see time_tree.cpp
const times = [];
for (let i = 0; i < Number(runs); ++i) times.push(await pass());
console.log(JSON.stringify(times));
