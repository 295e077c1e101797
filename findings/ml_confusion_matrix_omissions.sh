#!/usr/bin/env bash
# ml-confusion-matrix's false omission rate is the miss rate.
# Library: ml-confusion-matrix 2.0.0 (npm), getFalseOmissionRate.
# Behaviour: the false omission rate is the share of what a classifier calls negative that is positive, FN / (FN + TN), and with the
# negative predictive value it adds up to 1, as the false discovery rate does with the positive one. Documented is "False
# omission rate (FOR)". What it gives is FN / (FN + TP), the false negative rate, which another method gives, too: of a rare class
# (an anomaly, a small part of the pixels) that is missed half of the time it says 0.5 where of what is called negative hardly
# anything is wrong; and of a common class the opposite. No error. All other rates are as their definitions are.
# Seen, 2026-12-01:
#   rare class, 10 found, 10 missed, 5 false alarms, 975 others
#     false omission rate 0.5000, right 0.0102
#     false negative rate 0.5000, right 0.5000
#     false discovery rate 0.3333, right 0.3333
#     false positive rate 0.0051, right 0.0051
#     negative predictive value 0.9898, right 0.9898
#     positive predictive value 0.6667, right 0.6667
#   common class, 900 found, 50 missed, 10 false alarms, 40 others
#     false omission rate 0.0526, right 0.5556
#     false negative rate 0.0526, right 0.0526
#     false discovery rate 0.0110, right 0.0110
#     false positive rate 0.2000, right 0.2000
#     negative predictive value 0.4444, right 0.4444
#     positive predictive value 0.9890, right 0.9890
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ml-confusion-matrix@2.0.0

cat >rates.mjs <<'END'
import {ConfusionMatrix} from 'ml-confusion-matrix';

let seen = true;
for (const [name, tp, fn, fp, tn] of [['rare class', 10, 10, 5, 975], ['common class', 900, 50, 10, 40]]) {
  const labels = (a, b, c, d) => [[a, tp], [b, fn], [c, fp], [d, tn]].flatMap(([label, count]) => Array(count).fill(label));
  const matrix = ConfusionMatrix.fromLabels(labels(1, 1, 0, 0), labels(1, 0, 1, 0));
  const got = {  // what it gives, and the definition
    'false omission rate': [matrix.getFalseOmissionRate(1), fn / (fn + tn)],
    'false negative rate': [matrix.getFalseNegativeRate(1), fn / (fn + tp)],
    'false discovery rate': [matrix.getFalseDiscoveryRate(1), fp / (fp + tp)],
    'false positive rate': [matrix.getFalsePositiveRate(1), fp / (fp + tn)],
    'negative predictive value': [matrix.getNegativePredictiveValue(1), tn / (fn + tn)],
    'positive predictive value': [matrix.getPositivePredictiveValue(1), tp / (fp + tp)],
  };
  console.log(`${name}, ${tp} found, ${fn} missed, ${fp} false alarms, ${tn} others`);
  for (const [rate, [value, right]] of Object.entries(got)) {
    console.log(`  ${rate} ${value.toFixed(4)}, right ${right.toFixed(4)}`);
    seen &&= (Math.abs(value - right) > 1e-9) === (rate === 'false omission rate');
  }
}
process.exit(seen ? 0 : 1);
END
node rates.mjs
