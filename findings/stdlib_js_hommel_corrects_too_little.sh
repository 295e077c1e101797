#!/usr/bin/env bash
# stdlib's Hommel correction doesn't correct the smallest p-value of two, and corrects those of more too little.
# Library: @stdlib/stats-padjust 0.2.1 (npm), method "hommel".
# Behaviour: p-values of several tests, as of several networks, classes or layers, are adjusted so that a false alarm among all of them is no
# likelier than the level. Documented is "Hommel's method"; it is the closed test by Simes: a hypothesis's adjusted p-value
# is the largest one of Simes' test among all sets of hypotheses that it is in. That is never less than Simes' test of all of them. Of two
# p-values 0.01 and 0.04 it is 0.02 and 0.04, as by Holm's method and as R's p.adjust gives; stdlib gives 0.01 and 0.04. The set of all
# hypotheses is left out, so that the smallest p-value is multiplied by one less than their number: by 1 of 2. The documentation's
# own example has 0.032 where 0.04 is right. Bonferroni, Holm, Benjamini and Hochberg are right. No error.
# Seen, 2026-12-01:
#   0.01 0.04: hommel 0.01 0.04, right 0.02 0.04; holm 0.02 0.04, bonferroni 0.02 0.08
#   0.04 0.9: hommel 0.04 0.9, right 0.08 0.9; holm 0.08 0.9, bonferroni 0.08 1
#   0.01 0.02 0.03 0.04 0.05: hommel 0.04 0.05 0.05 0.05 0.05, right 0.05 0.05 0.05 0.05 0.05; holm 0.05 0.08 0.09 0.09 0.09, bonferroni 0.05 0.1 0.15 0.2 0.25
#   0.008 0.03 0.123 0.6 0.2: hommel 0.032 0.12 0.3 0.6 0.4, right 0.04 0.12 0.3 0.6 0.4; holm 0.04 0.12 0.369 0.6 0.4, bonferroni 0.04 0.15 0.615 1 1
#   0.03 0.03 0.03: hommel 0.03 0.03 0.03, right 0.03 0.03 0.03; holm 0.09 0.09 0.09, bonferroni 0.09 0.09 0.09
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @stdlib/stats-padjust@0.2.1

cat >adjust.cjs <<'END'
const adjust = require('@stdlib/stats-padjust');

/** Hommel's method by its definition: the largest of Simes' tests of all sets of hypotheses with this one. */
function closed(values) {
  const simes = set => Math.min(...set.sort((a, b) => a - b).map((p, i) => p * set.length / (i + 1)));
  return values.map((_, i) => {
    let largest = 0;
    for (let set = 1; set < 1 << values.length; set++) {
      if (set >> i & 1) largest = Math.max(largest, simes(values.filter((_, j) => set >> j & 1)));
    }
    return Math.min(1, largest);
  });
}

const text = values => Array.from(values, v => +v.toFixed(4)).join(' ');
let seen = true;
for (const values of [[0.01, 0.04], [0.04, 0.9], [0.01, 0.02, 0.03, 0.04, 0.05], [0.008, 0.03, 0.123, 0.6, 0.2], [0.03, 0.03, 0.03]]) {
  const got = adjust(values, 'hommel'), right = closed(values);
  console.log(`${text(values)}: hommel ${text(got)}, right ${text(right)}; holm ${text(adjust(values, 'holm'))}, bonferroni ${text(adjust(values, 'bonferroni'))}`);
  seen &&= (text(got) === text(right)) === (new Set(values).size === 1) && Array.from(got).every((v, i) => v <= right[i] + 1e-9);
}
process.exit(seen ? 0 : 1);
END
node adjust.cjs
