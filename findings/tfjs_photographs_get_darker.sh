#!/usr/bin/env bash
# TensorFlow.js makes every pixel of a grey photograph in bytes one darker, and black of 1, when it is asked for its greys.
# Library: @tensorflow/tfjs 4.22.0 (npm), image.rgbToGrayscale, the CPU backend.
# Behaviour: rgbToGrayscale converts a picture "from RGB format to grayscale", with the type of the input. A pixel whose red, green and blue
# are equal is that grey already and was expected to stay it. The weights
# 0.2989, 0.587 and 0.114 add up to 0.9999, and an int32 result, the type of tf.browser.fromPixels and of decoded files, is cut, not rounded: white
# becomes 254, 1 becomes 0, and a batch's mean moves by half a step and more. A picture that goes through it again and again gets darker each time. In float32 it
# is right to 4 digits.
# Seen, 2026-12-01:
#   greys 0 1 2 100 200 254 255: int32 0 0 1 99 199 253 254, float32 0.00 1.00 2.00 99.99 199.98 253.97 254.97
#   of all 256 greys 255 are one darker
#   of 100000 random colours, the rounded grey less what is given: mean 0.50
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >greys.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const converted = (colours, type) => Array.from(tf.image.rgbToGrayscale(tf.tensor(colours.flat(), [1, colours.length, 3], type)).dataSync());

(async () => {
  await tf.setBackend('cpu');
  const greys = [0, 1, 2, 100, 200, 254, 255], equal = values => values.map(v => [v, v, v]);
  const whole = converted(equal(greys), 'int32').join(' '), float = converted(equal(greys), 'float32').map(v => v.toFixed(2)).join(' ');
  console.log(`greys ${greys.join(' ')}: int32 ${whole}, float32 ${float}`);
  const all = Array.from({length: 256}, (_, i) => i);
  const darker = converted(equal(all), 'int32').filter((v, i) => v === i - 1).length;
  console.log(`of all 256 greys ${darker} are one darker`);
  const colours = tf.randomUniform([100000, 3], 0, 256, 'int32', 3).arraySync();
  const right = colours.map(([r, g, b]) => Math.round(0.2989 * r + 0.587 * g + 0.114 * b));
  const mean = converted(colours, 'int32').reduce((sum, v, i) => sum + right[i] - v, 0) / colours.length;
  console.log(`of ${colours.length} random colours, the rounded grey less what is given: mean ${mean.toFixed(2)}`);
  process.exit(whole === '0 0 1 99 199 253 254' && float === '0.00 1.00 2.00 99.99 199.98 253.97 254.97' && darker === 255 && mean > 0.4 ? 0 : 1);
})();
END
node greys.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
