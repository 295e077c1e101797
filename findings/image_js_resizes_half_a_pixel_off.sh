#!/usr/bin/env bash
# image-js moves a heat map by half a pixel when it resizes it, even to the size that it has, and white of 8 bits is no white of 16.
# Library: image-js 1.7.0 (npm), Image.resize and convertBitDepth.
# Behaviour: resize takes interpolationType "nearest", "bilinear" or "bicubic". A ramp of 0 10 20 ... was expected to stay a ramp about the
# same middle, and a map brought to its own size to stay as it is. With "nearest" it is. With the two others each pixel is read half a
# pixel of the old map too far to the left and above, behind what its centre maps to: to its own size, the first pixel stays, all
# others are means of two neighbours, so that a mask or an activation map is blurred and moved; made twice as large, the left edge is repeated
# and the right one is missing. A region that is cut out by the resized map lies elsewhere. convertBitDepth from 8 to 16 bits,
# used before a PNG or TIFF is written, multiplies by 256, so that 255, white, becomes 65280 and not 65535; back, the numbers
# are right. No error.
# Seen, 2026-12-01, one row of a map of 8 x 8; the right ones by the pixels' centres:
#   8 to 8, nearest: 0 10 20 30 40 50 60 70
#   8 to 8, bilinear: 0 5 15 25 35 45 55 65, right 0 10 20 30 40 50 60 70
#   8 to 8, bicubic: 0 4 15 25 35 45 55 66, right 0 10 20 30 40 50 60 70
#   8 to 16, nearest: 0 0 10 10 20 20 30 30 40 40 50 50 60 60 70 70
#   8 to 16, bilinear: 0 0 5 10 15 20 25 30 35 40 45 50 55 60 65 70, right 0 2.5 7.5 12.5 17.5 22.5 27.5 32.5 37.5 42.5 47.5 52.5 57.5 62.5 67.5 70
#   8 to 16, bicubic: 0 0 4 10 15 20 25 30 35 40 45 50 55 60 66 70, right 0 2.5 7.5 12.5 17.5 22.5 27.5 32.5 37.5 42.5 47.5 52.5 57.5 62.5 67.5 70
#   8 to 4, nearest: 0 20 40 60
#   8 to 4, bilinear: 0 15 35 55, right 5 25 45 65
#   8 to 4, bicubic: 0 15 35 55, right 5 25 45 65
#   0 128 255 in 16 bits: 0 32768 65280 and back 0 128 255
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund image-js@1.7.0

cat >resize.mjs <<'END'
import {Image} from 'image-js';

const map = new Image(8, 8, {data: Uint8Array.from({length: 64}, (_, i) => i % 8 * 10), colorModel: 'GREY'});
const row = image => Array.from({length: image.width}, (_, x) => image.getPixel(x, 3)[0]);
let seen = true;
for (const size of [8, 16, 4])
  for (const interpolationType of ['nearest', 'bilinear', 'bicubic']) {
    const got = row(map.resize({width: size, height: size, interpolationType}));
    const right = Array.from({length: size}, (_, x) => Math.min(Math.max((x + 0.5) * 8 / size - 0.5, 0), 7) * 10);
    const off = got.slice(1, -1).map((v, x) => v - right[x + 1]);
    const mean = off.reduce((sum, v) => sum + v, 0) / off.length;
    console.log(`8 to ${size}, ${interpolationType}: ${got.join(' ')}${interpolationType === 'nearest' ? '' : `, right ${right.join(' ')}`}`);
    if (interpolationType !== 'nearest')
      seen = seen && off.every(v => v < 0);
    else if (size === 8)
      seen = seen && mean === 0;
  }
const white = new Image(3, 1, {data: Uint8Array.of(0, 128, 255), colorModel: 'GREY'}).convertBitDepth(16);
console.log('0 128 255 in 16 bits:', ...white.getRawImage().data, 'and back', ...white.convertBitDepth(8).getRawImage().data);
seen = seen && white.getRawImage().data[2] === 65280;
process.exit(seen ? 0 : 1);
END
node resize.mjs
