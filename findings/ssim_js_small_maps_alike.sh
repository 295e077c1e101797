#!/usr/bin/env bash
# ssim.js and @blazediff/ssim find any two small maps identical: black and white of 7 x 7 have a likeness of 1.
# Library: ssim.js 3.5.0 and @blazediff/ssim 1.7.1 (npm), beside image-ssim 0.2.0 (npm).
# Behaviour: SSIM compares two pictures window by window, here of 11 x 11 pixels, and is 1 where they are equal, 0 or less where
# they have nothing in common; sanity checks of saliency maps use it. Activation maps of a last stage are 7 x 7. A picture that is
# smaller than the window was expected to be an error, as it is in scikit-image, or to be one window. Without any setting both give
# 1 for all maps of up to 9 x 9: there are -3 x -3 windows, that is an array of nine sums that stay 0 for both pictures, and what is
# 0 in both is alike. At 10 x 10 (0 x 0 places) it is 0, or NaN. From 11 on it is right, and so is windowSize 3 on a small map
# and image-ssim with one window for the whole. (image-ssim as it is has windows of 8 x 8 and smaller ones at the edge. Where one pixel
# is left over in both directions, its variance is 0 / 0 and the likeness NaN: 57 x 57, 225 x 225.)
# Seen, 2026-12-01, likeness of a black and a white map, and of a map to itself:
#   7 x 7: ssim.js 1.00 and 1.00, its map -3 x -3; @blazediff/ssim 1.00 and 1.00; image-ssim 0.00 and 1.00
#   9 x 9: ssim.js 1.00 and 1.00, its map -1 x -1; @blazediff/ssim 1.00 and 1.00; image-ssim 0.00 and 1.00
#   10 x 10: ssim.js 0.00 and 0.00, its map 0 x 0; @blazediff/ssim NaN and NaN; image-ssim 0.00 and 1.00
#   11 x 11: ssim.js 0.00 and 1.00, its map 1 x 1; @blazediff/ssim 0.00 and 1.00; image-ssim 0.00 and 1.00
#   7 x 7 with windowSize 3: ssim.js 0.00 and 1.00
#   image-ssim as it is, a map to itself, 56 x 56: 1.00, 57 x 57: NaN, 58 x 58: 1.00
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ssim.js@3.5.0 @blazediff/ssim@1.7.1 image-ssim@0.2.0

cat >small.mjs <<'END'
import blazediff from '@blazediff/ssim';
import imageSsim from 'image-ssim';
import {ssim} from 'ssim.js';

const grey = (side, value) => {
  const data = new Uint8ClampedArray(side * side * 4).map((_, i) => (i % 4 === 3 ? 255 : value(i >> 2)));
  return {width: side, height: side, data};
};
const two = (n) => n.toFixed(2);
const right = [], seen = [];
for (const side of [7, 9, 10, 11]) {
  const black = grey(side, () => 0), white = grey(side, () => 255);
  const js = ssim(black, white), same = ssim(black, black);
  const blaze = [white, black].map((other) => blazediff(black.data, other.data, undefined, side, side));
  const window = [white, black].map((other) => imageSsim.compare({...black, channels: 4}, {...other, channels: 4}, side).ssim);
  console.log(`${side} x ${side}: ssim.js ${two(js.mssim)} and ${two(same.mssim)}, its map ${js.ssim_map.width} x ${js.ssim_map.height};`,
      `@blazediff/ssim ${blaze.map(two).join(' and ')}; image-ssim ${window.map(two).join(' and ')}`);
  const got = [js.mssim, blaze[0]].map(two).join(' ');
  seen.push(got === {7: '1.00 1.00', 9: '1.00 1.00', 10: '0.00 NaN', 11: '0.00 0.00'}[side]);
  right.push(two(window[0]) === '0.00' && two(window[1]) === '1.00');
}
const narrow = [255, 0].map((value) => ssim(grey(7, () => 0), grey(7, () => value), {windowSize: 3}).mssim);
console.log(`7 x 7 with windowSize 3: ssim.js ${narrow.map(two).join(' and ')}`);
const ends = [56, 57, 58].map((side) => {
  const map = {...grey(side, (i) => i % 251), channels: 4};
  return imageSsim.compare(map, map).ssim;
});
console.log(`image-ssim as it is, a map to itself, 56 x 56: ${two(ends[0])}, 57 x 57: ${two(ends[1])}, 58 x 58: ${two(ends[2])}`);
process.exit(seen.every(Boolean) && right.every(Boolean) && two(narrow[0]) === '0.00' && ends.map(two).join(' ') === '1.00 NaN 1.00' ? 0 : 1);
END
node small.mjs
