#!/usr/bin/env bash
# TensorFlow.js' initial weights (heNormal, glorotNormal, leCunNormal) are an eighth smaller than they say: each layer loses a quarter.
# Library: @tensorflow/tfjs 4.22.0 (npm), tf.initializers, the CPU backend.
# Behaviour: documented is that heNormal "draws samples from a truncated normal distribution centered at 0 with stddev = sqrt(2 / fanIn)",
# which keeps activations as large as they are through layers of ReLU; likewise glorotNormal with 2 / (fanIn + fanOut), leCunNormal with
# 1 / fanIn. What is cut off at two deviations leaves a deviation of 0.88 of the one before. Keras, whose names these are, divides
# by 0.8796 first, so that what is drawn has the deviation that is said. Here nothing does: of the variance 77 % are
# left in each layer, so 0.6 % after 20. The uniform ones, heUniform and the others, have the deviation that they say.
# Seen, 2026-12-01, 1000 x 1000 weights:
#   heNormal: deviation 0.879 of what is said
#   glorotNormal: deviation 0.879 of what is said
#   leCunNormal: deviation 0.879 of what is said
#   heUniform: deviation 1.000 of what is said
#   glorotUniform: deviation 1.000 of what is said
#   leCunUniform: deviation 1.000 of what is said
#   mean square behind a layer with ReLU, of 1: heNormal 0.77, heUniform 1.00
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat >weights.cjs <<'END'
console.warn = () => {};
const tf = require('@tensorflow/tfjs');

const meanSquare = x => x.square().mean().dataSync()[0];

/** How much of an input's mean square is left behind a layer of such weights and a ReLU. */
function kept(kind) {
  const x = tf.randomNormal([400, 1000], 0, 1, 'float32', 7);
  return meanSquare(tf.relu(tf.matMul(x, tf.initializers[kind]({seed: 1}).apply([1000, 1000])))) / meanSquare(x);
}

(async () => {
  await tf.setBackend('cpu');
  let seen = true;
  for (const end of ['Normal', 'Uniform'])
    for (const [start, variance] of [['he', 2 / 1000], ['glorot', 2 / 2000], ['leCun', 1 / 1000]]) {
      const share = Math.sqrt(meanSquare(tf.initializers[start + end]({seed: 1}).apply([1000, 1000])) / variance);
      console.log(`${start}${end}: deviation ${share.toFixed(3)} of what is said`);
      seen &&= Math.abs(share - (end === 'Normal' ? 0.88 : 1)) < 0.005;
    }
  const [normal, uniform] = ['heNormal', 'heUniform'].map(kept);
  console.log(`mean square behind a layer with ReLU, of 1: heNormal ${normal.toFixed(2)}, heUniform ${uniform.toFixed(2)}`);
  process.exit(seen && Math.abs(normal - 0.77) < 0.04 && Math.abs(uniform - 1) < 0.04 ? 0 : 1);
})();
END
node weights.cjs | grep -v '^=\|^Hi, looks\|^$'; exit "${PIPESTATUS[0]}"
