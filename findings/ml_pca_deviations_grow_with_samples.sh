#!/usr/bin/env bash
# ml-pca's standard deviations and eigenvalues by NIPALS are those of the sum, not of the mean: the more samples, the larger.
# Library: ml-pca 4.1.1 (npm), PCA with its three methods.
# Behaviour: PCA takes method "SVD", "covarianceMatrix" or "NIPALS", which are documented as ways to the same principal components;
# getEigenvalues and getStandardDeviations are documented as their eigenvalues and "the standard deviations of the principal components". The
# first two give the standard deviation of the data's coordinates along each component. Of NIPALS the squares are added up and not
# divided by the number of samples less one: of 100 samples each deviation is ten times too large, and who asks for the
# components above a level keeps others, or whitens activations by the wrong scale. Shares (getExplainedVariance) and coordinates (predict)
# are the same in all three. No error.
# Seen, 2026-12-01:
#   5 samples, SVD: deviation 2.733, eigenvalue 7.471, share 0.935; deviation of its coordinates 2.733
#   5 samples, covarianceMatrix: deviation 2.733, eigenvalue 7.471, share 0.935; deviation of its coordinates 2.733
#   5 samples, NIPALS: deviation 5.467, eigenvalue 29.885, share 0.935; deviation of its coordinates 2.733
#   101 samples, SVD: deviation 3.049, eigenvalue 9.299, share 0.961; deviation of its coordinates 3.049
#   101 samples, covarianceMatrix: deviation 3.049, eigenvalue 9.299, share 0.961; deviation of its coordinates 3.049
#   101 samples, NIPALS: deviation 30.494, eigenvalue 929.862, share 0.961; deviation of its coordinates 3.049
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
npm i --ignore-scripts --silent --no-audit --no-fund ml-pca@4.1.1

cat >components.mjs <<'END'
import {PCA} from 'ml-pca';

let seen = true;
for (const samples of [5, 101]) {
  const features = Array.from({length: samples}, (_, i) => [3 * Math.sin(i), 3 * Math.sin(i) + Math.cos(2 * i), Math.cos(3 * i) / 2]);
  for (const method of ['SVD', 'covarianceMatrix', 'NIPALS']) {
    const pca = new PCA(features, {method, nCompNIPALS: 3});
    const along = pca.predict(features).getColumn(0), mean = along.reduce((a, b) => a + b) / samples;
    const right = Math.sqrt(along.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (samples - 1));
    const got = pca.getStandardDeviations()[0];
    console.log(`${samples} samples, ${method}: deviation ${got.toFixed(3)}, eigenvalue ${pca.getEigenvalues()[0].toFixed(3)}, ` +
                `share ${pca.getExplainedVariance()[0].toFixed(3)}; deviation of its coordinates ${right.toFixed(3)}`);
    seen &&= Math.abs(got / right - (method === 'NIPALS' ? Math.sqrt(samples - 1) : 1)) < 1e-3;
  }
}
process.exit(seen ? 0 : 1);
END
node components.mjs
