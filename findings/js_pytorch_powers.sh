#!/usr/bin/env bash
# JS-PyTorch takes every root and every reciprocal power for the number itself, and differentiates each power as the square.
# Library: js-pytorch 0.7.2 (npm).
# Behaviour: torch.pow(x, n) is documented to give the "tensor to element-wise power of n", and backward() its gradient, n * x^(n - 1) times the
# one from above, as in PyTorch. It multiplies x by itself n - 1 times, and not at all where n is below 2: x^0.5, x^-1 and x^0 are x, x^2.5 is
# x^3. What is passed back is 2 * x whatever n is. So a norm or a generalised mean (GeM pooling) that is written with a root is
# the sum of powers, and saliency through a cube has other numbers. No error. The square is right, and so are sqrt, exp and the quotient.
# Seen, 2026-12-01, of x = 0.5 1 2 4; the derivative's expected values are n * x^(n - 1):
#   sqrt(x): 0.71 1.00 1.41 2.00, right 0.71 1.00 1.41 2.00; derivative 0.71 0.50 0.35 0.25, right 0.71 0.50 0.35 0.25
#   exp(x): 1.65 2.72 7.39 54.60, right 1.65 2.72 7.39 54.60; derivative 1.65 2.72 7.39 54.60, right 1.65 2.72 7.39 54.60
#   1 / x: 2.00 1.00 0.50 0.25, right 2.00 1.00 0.50 0.25; derivative -4.00 -1.00 -0.25 -0.06, right -4.00 -1.00 -0.25 -0.06
#   pow(x, 2): 0.25 1.00 4.00 16.00, right 0.25 1.00 4.00 16.00; derivative 1.00 2.00 4.00 8.00, right 1.00 2.00 4.00 8.00
#   pow(x, 3): 0.13 1.00 8.00 64.00, right 0.13 1.00 8.00 64.00; derivative 1.00 2.00 4.00 8.00, right 0.75 3.00 12.00 48.00
#   pow(x, 2.5): 0.13 1.00 8.00 64.00, right 0.18 1.00 5.66 32.00; derivative 1.00 2.00 4.00 8.00, right 0.88 2.50 7.07 20.00
#   pow(x, 0.5): 0.50 1.00 2.00 4.00, right 0.71 1.00 1.41 2.00; derivative 1.00 2.00 4.00 8.00, right 0.71 0.50 0.35 0.25
#   pow(x, -1): 0.50 1.00 2.00 4.00, right 2.00 1.00 0.50 0.25; derivative 1.00 2.00 4.00 8.00, right -4.00 -1.00 -0.25 -0.06
#   pow(x, 0): 0.50 1.00 2.00 4.00, right 1.00 1.00 1.00 1.00; derivative 1.00 2.00 4.00 8.00, right 0.00 0.00 0.00 0.00
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund js-pytorch@0.7.2

cat >powers.cjs <<'END'
const {torch} = require('js-pytorch');

const numbers = [0.5, 1, 2, 4], ones = [1, 1, 1, 1];
const power = n => [x => torch.pow(x, n), v => v ** n, v => n * v ** (n - 1)];
const cases = [  // name, function, its value and derivative, whether these are right
  ['sqrt(x)', x => torch.sqrt(x), v => Math.sqrt(v), v => 0.5 / Math.sqrt(v), true, true],
  ['exp(x)', x => torch.exp(x), v => Math.exp(v), v => Math.exp(v), true, true],
  ['1 / x', x => torch.div(torch.tensor(ones), x), v => 1 / v, v => -1 / (v * v), true, true],
  ['pow(x, 2)', ...power(2), true, true],
  ['pow(x, 3)', ...power(3), true, false],
  ['pow(x, 2.5)', ...power(2.5), false, false],
  ['pow(x, 0.5)', ...power(0.5), false, false],
  ['pow(x, -1)', ...power(-1), false, false],
  ['pow(x, 0)', ...power(0), false, false],
];
const told = values => Array.from(values, v => v.toFixed(2)).join(' ');
let seen = true;
for (const [name, f, value, derivative, valueIsRight, derivativeIsRight] of cases) {
  const x = torch.tensor([...numbers], true), y = f(x);
  y.sum().backward();
  const [got, right] = [told(y.data), told(numbers.map(value))], [slope, rightSlope] = [told(x.grad), told(numbers.map(derivative))];
  console.log(`${name}: ${got}, right ${right}; derivative ${slope}, right ${rightSlope}`);
  seen &&= (got === right) === valueIsRight && (slope === rightSlope) === derivativeIsRight;
}
process.exit(seen ? 0 : 1);
END
node powers.cjs
