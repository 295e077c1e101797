// Scores of an ONNX file by ONNX Runtime: run.mjs MODEL.onnx INPUT.f32 OUT.f32 DIM... Optimised away are no features.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
const ort = createRequire(process.cwd() + '/')('onnxruntime-node');
const [model, input, output, ...dims] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, {graphOptimizationLevel: 'disabled', logSeverityLevel: 3});
const bytes = readFileSync(input);
const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const name = session.inputNames[0];
const answer = await session.run({[name]: new ort.Tensor('float32', values, dims.map(Number))});
writeFileSync(output, Buffer.from(answer[session.outputNames[0]].data.buffer));
