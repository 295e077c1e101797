#!/usr/bin/env bash
# UPNG.js shears grey PNGs of 1, 2 or 4 bits: a mask's upright edge comes out slanted.
# Library: upng-js 2.1.0 (npm), beside pngjs 7.0.0.
# Behaviour: in a PNG each row begins with a new byte, as its specification says: of 11 pixels of 1 bit the second byte has five
# bits that are nothing. toRGBA8 of a grey picture of fewer than 8 bits takes all bits from the first row's to the last's as
# pixels, so that every row begins with what is left of the one above, and the last pixels are never read. Such files are what
# Pillow's mode "1" and ImageMagick make of masks and labels. With a palette of the same bits it is right, and where a
# row fills its bytes. The width and height are as they should be; nothing is said.
# Seen, 2026-11-30, a mask of 11 x 4, white from column 5 on, white as 1:
#   8 bits, grey:    00000111111 / 00000111111 / 00000111111 / 00000111111, 44 of 44 right
#   4 bits, grey:    00000111111 / 00000011111 / 10000001111 / 11000000111, 35 of 44 right
#   2 bits, grey:    00000111111 / 00000011111 / 10000001111 / 11000000111, 35 of 44 right
#   1 bit, grey:     00000111111 / 00000000001 / 11111000000 / 00001111110, 26 of 44 right
#   1 bit, palette:  00000111111 / 00000111111 / 00000111111 / 00000111111, 44 of 44 right
#   pngjs, 1 bit:    00000111111 / 00000111111 / 00000111111 / 00000111111, 44 of 44 right
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund upng-js@2.1.0 pngjs@7.0.0

cat >masks.cjs <<'END'
const zlib = require('node:zlib');
const UPNG = require('upng-js');
const {PNG} = require('pngjs');

const width = 11, height = 4;
const mask = Array.from({length: width * height}, (_, i) => i % width < 5 ? 0 : 1);

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]), whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc(body), body.length + 4);
  return whole;
}

function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; ++bit) sum = sum & 1 ? 0xedb88320 ^ (sum >>> 1) : sum >>> 1;
  }
  return ~sum >>> 0;
}

/** The mask as a PNG: grey (colour type 0) of `bits` with its largest value as white, or with a palette (3) of black and white. */
function written(bits, type) {
  const rows = [];
  for (let y = 0; y < height; ++y) {
    const row = Buffer.alloc(1 + Math.ceil(width * bits / 8));  // its first byte: no filter
    for (let x = 0; x < width; ++x) {
      const value = mask[width * y + x] * (type === 3 ? 1 : 2 ** bits - 1);
      row[1 + (x * bits >> 3)] |= value << 8 - bits - x * bits % 8;
    }
    rows.push(row);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([bits, type], 8);
  const palette = type === 3 ? [chunk('PLTE', Buffer.from([0, 0, 0, 255, 255, 255]))] : [];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), ...palette,
                        chunk('IDAT', zlib.deflateSync(Buffer.concat(rows))), chunk('IEND', Buffer.alloc(0))]);
}

function upng(file) {
  const picture = UPNG.decode(Uint8Array.from(file).buffer);
  return new Uint8Array(UPNG.toRGBA8(picture)[0]);
}

let seen = true;
function told(name, rgba, right) {
  const red = Array.from({length: width * height}, (_, i) => rgba[4 * i] / 255);
  const count = red.filter((v, i) => v === mask[i]).length;
  const rows = Array.from({length: height}, (_, y) => red.slice(width * y, width * y + width).join(''));
  console.log(`${name.padEnd(16)} ${rows.join(' / ')}, ${count} of ${mask.length} right`);
  seen &&= rgba.length === 4 * mask.length && (count === mask.length) === right;
}

told('8 bits, grey:', upng(written(8, 0)), true);
told('4 bits, grey:', upng(written(4, 0)), false);
told('2 bits, grey:', upng(written(2, 0)), false);
told('1 bit, grey:', upng(written(1, 0)), false);
told('1 bit, palette:', upng(written(1, 3)), true);
told('pngjs, 1 bit:', PNG.sync.read(written(1, 0)).data, true);
process.exit(seen ? 0 : 1);
END
node masks.cjs
