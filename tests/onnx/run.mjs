// All outputs of an ONNX file by ONNX Runtime: run.mjs MODEL.onnx INPUT FOLDER DIM... reads INPUT.float32 or INPUT.float16,
// as the model's input is, writes FOLDER/I.bin for each output I and prints their names, types and extents as JSON.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
if (process.argv.length < 6 || process.argv[2].startsWith('-')) {
  console.error('usage: run.mjs MODEL.onnx INPUT FOLDER DIM...');
  process.exit(2);
}
const ort = createRequire(process.cwd() + '/')('onnxruntime-node');
const [model, input, folder, ...dims] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, {graphOptimizationLevel: 'disabled', logSeverityLevel: 3});
const {name, type} = session.inputMetadata[0];
const bytes = readFileSync(`${input}.${type}`);
const List = type === 'float16' ? Uint16Array : Float32Array;  // Node 20 has no list of halves
const values = new List(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const answer = await session.run({[name]: new ort.Tensor(type, values, dims.map(Number))});
const outputs = session.outputNames.map((output, i) => {
  const {data: {buffer, byteOffset, byteLength}, type, dims} = answer[output];
  writeFileSync(`${folder}/${i}.bin`, Buffer.from(buffer, byteOffset, byteLength));
  return {name: output, type, dims};
});
console.log(JSON.stringify(outputs));
