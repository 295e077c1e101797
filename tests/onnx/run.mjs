// All outputs of an ONNX file by ONNX Runtime: run.mjs MODEL.onnx INPUT FOLDER DIM... reads INPUT.float32 or INPUT.float16,
// as the model's input is, writes FOLDER/I.bin for each output I and prints their names, types and extents as JSON.
// Without arguments, each line of standard input is such a run.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {createInterface} from 'node:readline';
const ort = createRequire(process.cwd() + '/')('onnxruntime-node');

async function run(model, input, folder, ...dims) {
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
  await session.release();
  console.log(JSON.stringify(outputs));
}

const given = process.argv.slice(2);
if (given.length === 0) {
  for await (const line of createInterface({input: process.stdin})) await run(...line.split(' '));
} else if (given.length < 4 || given[0].startsWith('-')) {
  console.error('usage: run.mjs MODEL.onnx INPUT FOLDER DIM...');
  process.exit(2);
} else {
  await run(...given);
}
