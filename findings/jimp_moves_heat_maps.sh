#!/usr/bin/env bash
# Jimp moves a heat map that it brings to the picture's size, and its Gaussian blur is lopsided.
# Library: jimp 1.6.1 (npm).
# Behaviour: a heat map of 7 x 7 cells, as of Grad-CAM, is brought to 224 x 224 to lie over the photograph: the middle cell's centre was
# expected in the middle of the picture, and the mirrored map to give the mirrored picture. With the nearest neighbour it is so.
#   bilinearInterpolation   half a cell up and left, 16 pixels, in the middle; the last cell is stretched over two
#   no mode                 5 pixels up and left in the middle, which is a seventh of a cell
#   bicubic-, hermite-, bezierInterpolation   right in the middle, stretched towards the edges, where a cell is 4 pixels off
# gaussian is documented as "a true Gaussian blur"; of a line of one pixel it makes more on one side than on the other,
# and its highest is beside the line. blur, "similar effect", is symmetric. What is seen under the heat isn't what the network looked at.
# Seen, 2026-12-01, the centre of mass where the first, the middle or the last cell of seven is hot; a line between 10 and 10 pixels:
#   nearestNeighbor: 15.5 (right 15.5), 111.5 (right 111.5), 207.5 (right 207.5)
#   bilinearInterpolation: 10.3 (right 15.5), 96.0 (right 111.5), 198.8 (right 207.5)
#   bicubicInterpolation: 11.5 (right 15.5), 112.0 (right 111.5), 211.7 (right 207.5)
#   hermiteInterpolation: 11.2 (right 15.5), 112.0 (right 111.5), 212.1 (right 207.5)
#   bezierInterpolation: 11.4 (right 15.5), 112.0 (right 111.5), 211.9 (right 207.5)
#   no mode: 14.7 (right 15.5), 106.7 (right 111.5), 203.9 (right 207.5)
#   blur: 0 10 20 30 40 51 40 30 20 10 0
#   gaussian: 0 2 7 25 70 64 47 22 10 4 2
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund jimp@1.6.1

cat >maps.mjs <<'END'
import {Jimp, ResizeStrategy} from 'jimp';

/** A grey square picture, every row the same. */
function picture(row) {
  const made = new Jimp({width: row.length, height: row.length});
  made.scan((x, y, at) => made.bitmap.data.set([row[x], row[x], row[x], 255], at));
  return made;
}

function middleRow({bitmap: {data, width, height}}) {
  return Array.from({length: width}, (_, x) => data[4 * (width * (height >> 1) + x)]);
}

const one = (count, at) => Array.from({length: count}, (_, i) => i === at ? 255 : 0);
const sum = values => values.reduce((a, b) => a + b);
const middle = values => sum(values.map((v, i) => v * i)) / sum(values);
let seen = true;

for (const mode of [...Object.values(ResizeStrategy), undefined]) {
  const places = [0, 3, 6].map(cell => [middle(middleRow(picture(one(7, cell)).resize({w: 224, h: 224, mode}))), 32 * cell + 15.5]);
  console.log(`${mode ?? 'no mode'}: ${places.map(([got, right]) => `${got.toFixed(1)} (right ${right})`).join(', ')}`);
  seen &&= places.some(([got, right]) => Math.abs(got - right) > 3) === (mode !== 'nearestNeighbor');
}
for (const [name, blurred] of [['blur', picture(one(21, 10)).blur(2)], ['gaussian', picture(one(21, 10)).gaussian(1)]]) {
  const row = middleRow(blurred);
  console.log(`${name}: ${row.slice(5, 16).join(' ')}`);
  const left = row.slice(0, 10), right = row.slice(11).reverse();
  seen &&= left.every((v, i) => Math.abs(v - right[i]) < 2) === (name === 'blur');
}
process.exit(seen ? 0 : 1);
END
node maps.mjs
