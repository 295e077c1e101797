// Milliseconds of ONNX Runtime's forward pass: time_onnx.mjs MODEL.onnx INPUT.f32 THREADS RUNS DIM... prints a list as JSON.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
const ort = createRequire(process.cwd() + '/')('onnxruntime-node');
const [model, input, threads, runs, ...dims] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, {
  graphOptimizationLevel: 'all', intraOpNumThreads: Number(threads), interOpNumThreads: 1, logSeverityLevel: 3});
const bytes = readFileSync(input);
const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const feeds = {[session.inputNames[0]]: new ort.Tensor('float32', values, dims.map(Number))};
const times = [];
const begun = performance.now();
for (let i = -2; i < Number(runs); ++i) {
  if (i === 0 && performance.now() - begun < 500) i = -1;  // as ours, see time_tree.cpp
  const begin = performance.now();
  await session.run(feeds);
  if (i >= 0) times.push(performance.now() - begin);
}
console.log(JSON.stringify(times));
