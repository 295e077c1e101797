#!/usr/bin/env bash
# ConvNetJS scales by the wrong probability behind a dropout, and differentiates another normalisation than it computes.
# Library: convnetjs 0.3.0 (npm).
# Behaviour: in training a dropout layer sets activations to zero with probability drop_prob; in prediction its comment says
# "scale the activations during prediction", that is to their mean in training, 1 - drop_prob of them. It multiplies by drop_prob: with
# the usual 0.2 a layer gives a quarter of what the next one was trained on, and with 0.5 alone nothing is wrong. And the local
# response normalisation (AlexNet's, "lrn") has a derivative of its own: of neighbours a and b it takes b * b for a * b, so that a
# saliency map through it has other numbers. Convolution, pool and maxout are right. Difference quotients of the very same layers
# are the expected values. No warning.
# Seen, 2026-12-01:
#   drop_prob 0.2: mean in training 0.8, in prediction 0.2
#   drop_prob 0.5: mean in training 0.5, in prediction 0.5
#   drop_prob 0.8: mean in training 0.2, in prediction 0.8
#   conv: -0.145 1.081 -0.947 -0.125 1.073 -0.958, quotients -0.145 1.081 -0.947 -0.125 1.073 -0.958
#   pool: 0.000 -0.990 0.000 0.000 -0.416 0.000, quotients 0.000 -0.990 0.000 0.000 -0.416 0.000
#   maxout: -0.416 0.000 0.000 -0.990 -0.654 0.000, quotients -0.416 0.000 0.000 -0.990 -0.654 0.000
#   lrn: -0.095 -0.598 -0.228 0.235 0.329 0.515, quotients -0.171 -0.685 -0.449 0.261 0.496 0.541
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund convnetjs@0.3.0

cat >layers.cjs <<'END'
const convnet = require('convnetjs');

let seen = true;

/** The mean of 100,000 ones behind a dropout, in training and in prediction. */
function dropped(probability) {
  const count = 100000;
  const layer = new convnet.DropoutLayer({in_sx: 1, in_sy: 1, in_depth: count, drop_prob: probability});
  const mean = training => layer.forward(new convnet.Vol(1, 1, count, 1), training).w.reduce((a, b) => a + b) / count;
  const [train, predict] = [mean(true), mean(false)];
  console.log(`drop_prob ${probability}: mean in training ${train.toFixed(1)}, in prediction ${predict.toFixed(1)}`);
  seen &&= Math.abs(train - (1 - probability)) < 0.01 && Math.abs(predict - probability) < 0.01;
}

/** The derivative of a weighted sum of a layer's outputs by its inputs, and difference quotients. */
function differentiated(name, layer, right) {
  const x = new convnet.Vol(2, 2, 4, 0);
  for (let i = 0; i < x.w.length; ++i) x.w[i] = Math.sin(1 + 1.7 * i);
  const weight = i => Math.cos(2 + i);
  const sum = v => layer.forward(v, false).w.reduce((total, y, i) => total + weight(i) * y, 0);
  const quotients = Array.from(x.w, (_, i) => {
    const [above, below] = [x.clone(), x.clone()];
    above.w[i] += 1e-4;
    below.w[i] -= 1e-4;
    return (sum(above) - sum(below)) / 2e-4;
  });
  const y = layer.forward(x, false);
  for (let i = 0; i < y.w.length; ++i) y.dw[i] = weight(i);
  layer.backward();
  const told = values => Array.from(values).slice(0, 6).map(v => v.toFixed(3)).join(' ');
  console.log(`${name}: ${told(x.dw)}, quotients ${told(quotients)}`);
  seen &&= quotients.every((v, i) => Math.abs(v - x.dw[i]) < 1e-4) === right;
}

for (const probability of [0.2, 0.5, 0.8]) dropped(probability);
const of = {in_sx: 2, in_sy: 2, in_depth: 4};
const convolution = new convnet.ConvLayer({...of, sx: 3, filters: 2, stride: 1, pad: 1});
convolution.filters.forEach((filter, f) => filter.w.forEach((_, i) => { filter.w[i] = Math.sin(3 + 2.1 * i + f); }));
differentiated('conv', convolution, true);
differentiated('pool', new convnet.PoolLayer({...of, sx: 2, stride: 2}), true);
differentiated('maxout', new convnet.MaxoutLayer({...of, group_size: 2}), true);
differentiated('lrn', new convnet.LocalResponseNormalizationLayer({...of, k: 1, n: 3, alpha: 1, beta: 0.75}), false);
process.exit(seen ? 0 : 1);
END
node layers.cjs
