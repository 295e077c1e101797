#!/usr/bin/env bash
# otsu makes background of a mask of 0 and 255: its threshold lies one level too high for the comparison that it documents.
# Library: otsu 0.0.5 (npm).
# Behaviour: Otsu's threshold divides a picture's numbers into two classes, whose means differ most for their sizes. The package finds
# the right division and gives the lowest number of the upper class; its README then says
#   const thresholded = intensity.map(e => (e > t ? 1 : 0));
# which puts that number into the lower class. Of a picture of few levels, which a mask, an upsampled 7 x 7 heat map in bytes or a label map
# is, it's not a level's breadth but all of its pixels: a mask of 0 and 255 has the threshold 255, and no pixel is above it;
# of three levels the middle one is on the wrong side. No error. With >= it is right.
# Seen, 2026-12-01:
#   mask, 0 0 0 255 255: threshold 255; above it 0, right 2
#   heat map of levels, 10 10 10 10 170 170 170 240: threshold 170; above it 1, right 4
#   two bright pixels, 3 4 5 200 210: threshold 200; above it 1, right 2
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund otsu@0.0.5

cat >threshold.cjs <<'END'
const otsu = require('otsu').default ?? require('otsu');

/** The division of greatest variance between the classes, as the smallest number of the upper one. */
function division(numbers) {
  const mean = values => values.reduce((a, b) => a + b, 0) / values.length;
  const score = low => {
    const below = numbers.filter(v => v < low), above = numbers.filter(v => v >= low);
    return below.length && above.length ? below.length * above.length * (mean(above) - mean(below)) ** 2 : -1;
  };
  return [...new Set(numbers)].reduce((best, low) => score(low) > score(best) ? low : best);
}

let seen = true;
for (const [name, numbers] of [['mask', [0, 0, 0, 255, 255]], ['heat map of levels', [10, 10, 10, 10, 170, 170, 170, 240]], ['two bright pixels', [3, 4, 5, 200, 210]]]) {
  const t = otsu(numbers), right = division(numbers);
  const count = test => numbers.filter(test).length;
  console.log(`${name}, ${numbers.join(' ')}: threshold ${t}; above it ${count(e => e > t)}, right ${count(e => e >= right)}`);
  seen &&= count(e => e >= t) === count(e => e >= right) && count(e => e > t) < count(e => e >= right);
}
process.exit(seen ? 0 : 1);
END
node threshold.cjs
