#!/usr/bin/env bash
# math.js' largest of small numbers isn't the largest, its eigenvalues of a small covariance are the diagonal, its solutions are zeros.
# Library: mathjs 15.2.0 (npm), max, sort, median, eigs, pinv, lusolve and inv.
# Behaviour: doubles have 16 digits at any size. math.js documents that comparisons (equal, smaller, larger) take numbers for equal that
# differ by less than relTol 1e-12 of themselves, or by less than absTol 1e-15. That is also so where nothing is said of it, and the
# second limit makes one of all that is below 1e-15, as gradients behind saturated units and products of probabilities are:
#   max, sort, median   of 3e-16 9e-16 1e-16 the maximum is 3e-16, the first, and sorted they stay as they are
#   eigs                a symmetric matrix's eigenvalues are its diagonal as soon as what is beside it is small, whatever the diagonal's
#                       size: for the covariance of numbers of about 1e-7 already, no message
#   pinv                of a small matrix is that matrix
#   lusolve             gives zeros where the solution is 0.8 and 1.4, or where one of the scaled equations is small; inv is right
# Scaling everything to about 1 beforehand helps.
# Seen, 2026-12-01:
#   max, numbers of about 1: 9, right 9
#   sort, numbers of about 1: 1 3 9, right 1 3 9
#   median, numbers of about 1: 3, right 3
#   eigs, numbers of about 1: 1 3, right 1 3
#   pinv, numbers of about 1: 1 0 0 0.5, right 1 0 0 0.5
#   lusolve, numbers of about 1: 0.8 1.4, right 0.8 1.4
#   inv, numbers of about 1: 0.8 1.4, right 0.8 1.4
#   max, numbers of about 1e-10: 9e-10, right 9e-10
#   sort, numbers of about 1e-10: 1e-10 3e-10 9e-10, right 1e-10 3e-10 9e-10
#   median, numbers of about 1e-10: 3e-10, right 3e-10
#   eigs, numbers of about 1e-10: 1e-10 3e-10, right 1e-10 3e-10
#   pinv, numbers of about 1e-10: 1 0 0 0.5, right 1 0 0 0.5
#   lusolve, numbers of about 1e-10: 0.8 1.4, right 0.8 1.4
#   inv, numbers of about 1e-10: 0.8 1.4, right 0.8 1.4
#   max, numbers of about 1e-13: 9e-13, right 9e-13
#   sort, numbers of about 1e-13: 1e-13 3e-13 9e-13, right 1e-13 3e-13 9e-13
#   median, numbers of about 1e-13: 3e-13, right 3e-13
#   eigs, numbers of about 1e-13: 2e-13 2e-13, right 1e-13 3e-13
#   pinv, numbers of about 1e-13: 1e-26 0 0 2e-26, right 1 0 0 0.5
#   lusolve, numbers of about 1e-13: 0.8 1.4, right 0.8 1.4
#   inv, numbers of about 1e-13: 0.8 1.4, right 0.8 1.4
#   max, numbers of about 1e-16: 3e-16, right 9e-16
#   sort, numbers of about 1e-16: 3e-16 9e-16 1e-16, right 1e-16 3e-16 9e-16
#   median, numbers of about 1e-16: 9e-16, right 3e-16
#   eigs, numbers of about 1e-16: 2e-16 2e-16, right 1e-16 3e-16
#   pinv, numbers of about 1e-16: 1e-32 0 0 2e-32, right 1 0 0 0.5
#   lusolve, numbers of about 1e-16: 0 0, right 0.8 1.4
#   inv, numbers of about 1e-16: 0.8 1.4, right 0.8 1.4
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund mathjs@15.2.0

cat >small.mjs <<'END'
import * as math from 'mathjs';

const text = values => math.flatten(values).map(v => +v.toPrecision(4)).join(' ');
let seen = true;
for (const scale of [1, 1e-10, 1e-13, 1e-16]) {
  const times = values => Array.isArray(values) ? values.map(times) : values * scale;
  const cases = [  // name, what it gives, what is right, up to which scale it is
    ['max', [math.max(times([3, 9, 1]))], times([9]), 1e-13],
    ['sort', math.sort(times([3, 9, 1])), times([1, 3, 9]), 1e-13],
    ['median', [math.median(times([9, 8, 1, 2, 3]))], times([3]), 1e-13],
    ['eigs', math.eigs(times([[2, 1], [1, 2]])).values, times([1, 3]), 1e-10],
    ['pinv', times(math.pinv(times([[1, 0], [0, 2]]))), [[1, 0], [0, 0.5]], 1e-10],
    ['lusolve', math.lusolve(times([[2, 1], [1, 3]]), times([3, 5])), [[0.8], [1.4]], 1e-13],
    ['inv', math.multiply(math.inv(times([[2, 1], [1, 3]])), times([3, 5])), [[0.8], [1.4]], 0],
  ];
  for (const [name, got, right, until] of cases) {
    console.log(`${name}, numbers of about ${scale}: ${text(got)}, right ${text(right)}`);
    seen &&= (text(got) === text(right)) === (scale >= until);
  }
}
process.exit(seen ? 0 : 1);
END
node small.mjs
