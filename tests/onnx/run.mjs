// Scores of an ONNX file by ONNX Runtime: run.mjs MODEL.onnx INPUT OUT DIM... reads INPUT.float32 or INPUT.float16, as the
// model's input is, and writes OUT.float32 or OUT.float16.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
const ort = createRequire(process.cwd() + '/')('onnxruntime-node');
const [model, input, output, ...dims] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, {graphOptimizationLevel: 'disabled', logSeverityLevel: 3});
const {name, type} = session.inputMetadata[0];
const bytes = readFileSync(`${input}.${type}`);
const List = type === 'float16' ? Uint16Array : Float32Array;  // Node 20 has no list of halves
const values = new List(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const answer = await session.run({[name]: new ort.Tensor(type, values, dims.map(Number))});
const scores = answer[session.outputNames[0]];
const {buffer, byteOffset, byteLength} = scores.data;
writeFileSync(`${output}.${scores.type}`, Buffer.from(buffer, byteOffset, byteLength));
