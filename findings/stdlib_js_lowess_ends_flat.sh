#!/usr/bin/env bash
# stdlib's LOWESS of a short straight line ends flat: 1 to 8 become 1 2 3 4 5 5 5 5.
# Library: @stdlib/stats-lowess 0.2.2 (npm).
# Behaviour: LOWESS smooths points by lines through their neighbours, so that points on a line were expected to stay there; and after
# that, three times by default, points that lie far off get less weight, as measured by the residuals' median. Of few points (up to 8) the first
# fit goes through them but for rounding errors of 1e-16. Those errors are then taken for residuals, some of them for outliers with
# no weight, and where no neighbour is left the value of the point before is repeated. (Cleveland's program, and R's, stop where residuals
# are as good as zero.) So a loss curve over eight epochs, or accuracies by the size of a network, level off where they don't. Which
# points do so changes with the unit of x. No error. With nsteps 0, without weights, it is right, and so is a longer line.
# Seen, 2026-12-01:
#   line of 1 2 3 4 5: 1 2 3 4 4; nsteps 0: 1 2 3 4 5
#   line of 1 2 3 4 5 6 7 8: 1 2 3 4 5 5 5 5; nsteps 0: 1 2 3 4 5 6 7 8
#   line of 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8: 0.1 0.2 0.3 0.4 0.5 0.5 0.5 0.5; nsteps 0: 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8
#   line of 1 2 3 4 5 6 7 8 9 10 11 12: 1 2 3 4 5 6 7 8 9 10 11 12; nsteps 0: 1 2 3 4 5 6 7 8 9 10 11 12
#   accuracies of 0.1 0.4 0.6 0.7 0.9: 0.1 0.4 0.6 0.7 0.7; nsteps 0: 0.1 0.4 0.6 0.7 0.9
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund @stdlib/stats-lowess@0.2.2

cat >lines.cjs <<'END'
const lowess = require('@stdlib/stats-lowess');

const text = values => Array.from(values, v => +v.toFixed(3)).join(' ');
let seen = true;
for (const [count, unit] of [[5, 1], [8, 1], [8, 0.1], [12, 1]]) {
  const line = Array.from({length: count}, (_, i) => unit * (i + 1));
  const got = lowess(line, line).y, once = lowess(line, line, {nsteps: 0}).y;
  console.log(`line of ${text(line)}: ${text(got)}; nsteps 0: ${text(once)}`);
  seen &&= (text(got) === text(line)) === (count > 8) && text(once) === text(line);
}
const epochs = [1, 2, 3, 4, 5], accuracies = [0.1, 0.4, 0.6, 0.7, 0.9];
const got = lowess(epochs, accuracies).y, once = lowess(epochs, accuracies, {nsteps: 0}).y;
console.log(`accuracies of ${text(accuracies)}: ${text(got)}; nsteps 0: ${text(once)}`);
process.exit(seen ? 0 : 1);
END
node lines.cjs
