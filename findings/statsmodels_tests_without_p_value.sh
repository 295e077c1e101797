#!/usr/bin/env bash
# statsmodels' Holm correction rejects a hypothesis whose p-value is NaN, and Benjamini-Hochberg's corrected p-values are then all NaN.
# Library: statsmodels 0.13.5 (Debian 12: python3-statsmodels 0.13.5+dfsg-7), stats.multitest.multipletests.
# Behaviour: documented are "reject: true for hypothesis that can be rejected for given alpha" and "p-values corrected for multiple tests", which
# "can also be compared with a different alpha". A test without a result (a constant channel, a layer with no pixel in it) has NaN for its p-value.
# It was expected to be rejected by no method, and to leave the others alone, or to be an error. With an
# alpha of 0.05 and p-values of 0.001, 0.002 and NaN, to be compared with the rule corrected p <= alpha:
#   holm, holm-sidak                the NaN is significant, as soon as all others are; its corrected p-value is NaN
#   fdr_bh, fdr_by, simes-hochberg  two hypotheses are rejected, but every corrected p-value is NaN, so that whoever
#                                   compares those finds nothing significant at all
#   hommel                          nothing is rejected, and everything is NaN
#   bonferroni, sidak               as expected, with 3 for the number of tests
# No warning.
# Seen, 2026-12-01, rejected and corrected p-values:
#   bonferroni      yes yes no, 0.003 0.006 nan
#   sidak           yes yes no, 0.003 0.00599 nan
#   holm            yes yes YES, 0.003 0.004 nan
#   holm-sidak      yes yes YES, 0.003 0.004 nan
#   simes-hochberg  yes yes no, nan nan nan
#   hommel          no no no, nan nan nan
#   fdr_bh          yes yes no, nan nan nan
#   fdr_by          yes yes no, nan nan nan
#   without the NaN: holm yes yes, 0.002 0.002; fdr_bh yes yes, 0.002 0.002
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack; }
debs python3-statsmodels=0.13.5+dfsg-7

cat >tests.py <<'PY'
import sys

import numpy as np
from statsmodels.stats.multitest import multipletests


def told(p_values, method):
    rejected, corrected, *_ = multipletests(p_values, 0.05, method)
    words = ["no" if not r else "YES" if np.isnan(p) else "yes" for r, p in zip(rejected, p_values)]
    return " ".join(words) + ", " + " ".join(f"{p:.3g}" for p in corrected)


nothing = "nan nan nan"
cases = {"bonferroni": "yes yes no, 0.003 0.006 nan", "sidak": "yes yes no, 0.003 0.00599 nan",
         "holm": "yes yes YES, 0.003 0.004 nan", "holm-sidak": "yes yes YES, 0.003 0.004 nan",
         "simes-hochberg": f"yes yes no, {nothing}", "hommel": f"no no no, {nothing}", "fdr_bh": f"yes yes no, {nothing}",
         "fdr_by": f"yes yes no, {nothing}"}
seen = True
for method, expected in cases.items():
    got = told([0.001, 0.002, np.nan], method)
    print(f"{method:15s} {got}")
    seen = seen and got == expected
holm, bh = told([0.001, 0.002], "holm"), told([0.001, 0.002], "fdr_bh")
print(f"without the NaN: holm {holm}; fdr_bh {bh}")
sys.exit(0 if seen and holm == bh == "yes yes, 0.002 0.002" else 1)
PY
"$T/root/usr/bin/python3.11" -E -s -W ignore tests.py
