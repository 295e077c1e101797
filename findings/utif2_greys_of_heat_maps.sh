#!/usr/bin/env bash
# utif2 makes black of a TIFF's grey of 4 bits, and other numbers of heat maps: 2 becomes 254, a double or a half what its bits are.
# Library: utif2 4.1.0 (npm), beside geotiff 3.0.5 (npm), which reads the same files' numbers rightly.
# Behaviour: toRGBA8 is documented to give the image of a file in RGBA, 8 bits per channel. Grey of 1, 2, 8 and 16 bits is right, and so is
# float32 of 0..1, as 0..255. An error is what it gives for 32-bit integers. Of these it says nothing:
#   4 bits, 0 is black   every pixel is 0 (where 0 is white, it is right)
#   float32 beyond 0..1  goes round: 2 is 254, 5 is 251 and -1 about as dark as 0, where white and black were expected: logits, z-scores, depths
#   float64, float16     one byte of the number is taken for the grey: 1 is black, or darker than a quarter of white
#   int16                what is below 0 is white
# Size and number of pixels are as they should be.
# Seen, 2026-12-01, of pictures of one row:
#   2 bits: 0 1 2 3 as 0 85 170 255, right 0 85 170 255
#   4 bits: 0 15 8 4 as 0 0 0 0, right 0 255 136 68
#   8 bits: 0 255 136 68 as 0 255 136 68, right 0 255 136 68
#   16 bits: 0 65535 30000 17000 as 0 255 117 66, right 0 255 117 66
#   int16: -100 32767 15000 0 as 255 127 58 0, right 0 255 117 0
#   float32 of 0..1: 0 1 0.5 0.25 as 0 255 128 64, right 0 255 128 64
#   float32: -1 2 5 0.25 as 2 254 251 64, right 0 255 255 64
#   float64: 0 1 0.5 0.25 as 0 0 0 222, right 0 255 128 64
#   float16: 0 1 0.5 0.25 as 0 60 56 52, right 0 255 128 64
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund utif2@4.1.0 geotiff@3.0.5

cat >greys.mjs <<'END'
import {fromArrayBuffer} from 'geotiff';
import {createRequire} from 'node:module';
const UTIF = createRequire(import.meta.url)('utif2');

/** A TIFF of one row, one strip, no compression, grey where 0 is black. */
function file(width, bits, format, numbers) {
  const pixels = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength), tags = 11, start = 8 + 2 + 12 * tags + 4;
  const made = Buffer.alloc(start + pixels.length);
  made.write('II*\0');
  made.writeUInt32LE(8, 4);
  made.writeUInt16LE(tags, 8);
  const values = [[256, width], [257, 1], [258, bits], [259, 1], [262, 1], [273, start], [277, 1], [278, 1], [279, pixels.length], [284, 1], [339, format]];
  values.forEach(([tag, value], i) => {
    made.writeUInt16LE(tag, 10 + 12 * i);
    made.writeUInt16LE(4, 12 + 12 * i);
    made.writeUInt32LE(1, 14 + 12 * i);
    made.writeUInt32LE(value, 18 + 12 * i);
  });
  pixels.copy(made, start);
  return made.buffer.slice(made.byteOffset, made.byteOffset + made.length);
}

const cut = v => Math.max(0, Math.min(255, Math.round(v)));
const cases = [  // name, bits, SampleFormat, numbers, grey of a number, whether it is right
  ['2 bits', 2, 1, Uint8Array.of(0b00011011), v => 85 * v, true],
  ['4 bits', 4, 1, Uint8Array.of(0x0f, 0x84), v => 17 * v, false],
  ['8 bits', 8, 1, Uint8Array.of(0, 255, 136, 68), v => v, true],
  ['16 bits', 16, 1, Uint16Array.of(0, 65535, 30000, 17000), v => v / 257, true],
  ['int16', 16, 2, Int16Array.of(-100, 32767, 15000, 0), v => v / 128, false],
  ['float32 of 0..1', 32, 3, Float32Array.of(0, 1, 0.5, 0.25), v => 255 * v, true],
  ['float32', 32, 3, Float32Array.of(-1, 2, 5, 0.25), v => 255 * v, false],
  ['float64', 64, 3, Float64Array.of(0, 1, 0.5, 0.25), v => 255 * v, false],
  ['float16', 16, 3, Uint16Array.of(0, 0x3c00, 0x3800, 0x3400), v => 255 * v, false],
];
let seen = true;
for (const [name, bits, format, numbers, grey, isRight] of cases) {
  const tiff = file(4, bits, format, numbers), [ifd] = UTIF.decode(tiff);
  UTIF.decodeImage(tiff, ifd);
  const got = Array.from(UTIF.toRGBA8(ifd)).filter((_, i) => i % 4 === 0);
  const read = Array.from((await (await (await fromArrayBuffer(tiff)).getImage()).readRasters())[0]), right = read.map(v => cut(grey(v)));
  console.log(`${name}: ${read.join(' ')} as ${got.join(' ')}, right ${right.join(' ')}`);
  seen &&= got.every((v, i) => Math.abs(v - right[i]) < 2) === isRight;
}
process.exit(seen ? 0 : 1);
END
node greys.mjs
