#!/usr/bin/env bash
# simple-statistics' density of a map that is mostly 0 is NaN everywhere, and jStat's histogram of one value counts no pixel.
# Library: simple-statistics 7.12.1 (npm), kernelDensityEstimation, and jstat 1.9.6 (npm), histogram.
# Behaviour: a density estimate is documented as "an estimated probability density function for the given sample", whose integral is 1, and a
# histogram's counts add up to how many numbers there are. The first takes its width from the smaller one of the deviation and the distance
# of the quartiles, which is 0 as soon as three quarters of the numbers are one, as of any map behind a ReLU: the width is 0, and
# the density is NaN at every place; with a few zeros less it is right. (R's density takes the deviation then.) jStat divides by the
# range of the numbers: of a map of one value all are counted at NaN, and the bins hold 0. No error. What helps: a width given as a number, and bins of one's own.
# Seen, 2026-12-01:
#   50 of 100 pixels 0: at 0 1.219, at 0.3 0.345, integral 1.00
#   74 of 100 pixels 0: at 0 2.515, at 0.3 0.144, integral 1.00
#   80 of 100 pixels 0: at 0 NaN, at 0.3 NaN, integral NaN
#   95 of 100 pixels 0: at 0 NaN, at 0.3 NaN, integral NaN
#   95 of 100 pixels 0, width 0.2: at 0 1.898, at 0.3 0.670, integral 1.00
#   histogram of 0 0 1 1: 2 0 0 2
#   histogram of four ones: 0 0 0 0
#   histogram of four zeros: 0 0 0 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund simple-statistics@7.12.1 jstat@1.9.6

cat >densities.mjs <<'END'
import {kernelDensityEstimation} from 'simple-statistics';
import jstat from 'jstat';

const step = 0.01, places = Array.from({length: 1200}, (_, i) => -4 + step * i);
const map = zeros => Array.from({length: 100}, (_, i) => i < zeros ? 0 : 0.5 + (i - zeros) / 100);
let seen = true;
for (const [zeros, width] of [[50, undefined], [74, undefined], [80, undefined], [95, undefined], [95, 0.2]]) {
  const density = kernelDensityEstimation(map(zeros), 'gaussian', width);
  const integral = places.reduce((sum, x) => sum + step * density(x), 0);
  console.log(`${zeros} of 100 pixels 0${width ? `, width ${width}` : ''}: at 0 ${density(0).toFixed(3)}, at 0.3 ${density(0.3).toFixed(3)}, integral ${integral.toFixed(2)}`);
  seen &&= Math.abs(integral - 1) < 0.02 === (zeros < 80 || width > 0) && (zeros < 80 || width > 0 || Number.isNaN(density(0)) && Number.isNaN(density(0.3)));
}
for (const [name, numbers] of [['0 0 1 1', [0, 0, 1, 1]], ['four ones', [1, 1, 1, 1]], ['four zeros', [0, 0, 0, 0]]]) {
  const counts = jstat.jStat.histogram(numbers, 4);
  console.log(`histogram of ${name}: ${Array.from(counts).join(' ')}`);
  seen &&= Array.from(counts).reduce((a, b) => a + b) === (name === '0 0 1 1' ? 4 : 0);
}
process.exit(seen ? 0 : 1);
END
node densities.mjs
