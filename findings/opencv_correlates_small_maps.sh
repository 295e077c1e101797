#!/usr/bin/env bash
# OpenCV finds a gradient map and its opposite perfectly correlated, and each place a perfect match, as soon as numbers are small.
# Library: OpenCV 4.6.0 (Debian 12: python3-opencv 4.6.0+dfsg-12), compareHist with HISTCMP_CORREL and matchTemplate with TM_CCOEFF_NORMED.
# Behaviour: both are documented by the formula of Pearson's correlation, which doesn't change if a map is multiplied by a number, and is
# how saliency maps are compared with people's gazes and with each other (CC). It was expected at 1e-6 as at 1. Both take a denominator
# below 2.2e-16 for 0, compareHist the product of two sums of squares, matchTemplate the patch's variance, and then answer 1,
# the best there is: gradients of 1e-6 a pixel, as an input of 224 x 224 has them, are one with their opposite; of
# a patch of 1e-8 each place is a match, the first the best. A patch without contrast matches everywhere, too. numpy.corrcoef is
# right. What helps: to divide by the map's maximum.
# Seen, 2026-12-01, a map of 224 x 224 and its opposite; a patch and where it was taken from:
#   OpenCV 4.6.0
#   times 1: compareHist -1.000, numpy -1.000
#   times 0.0001: compareHist -1.000, numpy -1.000
#   times 1e-06: compareHist 1.000, numpy -1.000
#   times 1e-08: compareHist 1.000, numpy -1.000
#   patch at (30, 20), times 1: best at (30, 20), places above 0.99: 1 of 1444
#   patch at (30, 20), times 0.0001: best at (30, 20), places above 0.99: 1 of 1444
#   patch at (30, 20), times 1e-08: best at (0, 0), places above 0.99: 1444 of 1444
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
PY="$T/root/usr/bin/python3.11 -E -s"
debs python3-opencv=4.6.0+dfsg-12

cat >alike.py <<'EOF'
import sys

import cv2
import numpy as np

print("OpenCV", cv2.__version__)
random = np.random.RandomState(0)
heat = random.rand(224, 224).astype(np.float32)
correlations = {}
for scale in (1, 1e-4, 1e-6, 1e-8):
    one, other = heat * np.float32(scale), (1 - heat) * np.float32(scale)
    correlations[scale] = cv2.compareHist(one, other, cv2.HISTCMP_CORREL), np.corrcoef(one.ravel(), other.ravel())[0, 1]
    print("times %g: compareHist %.3f, numpy %.3f" % (scale, *correlations[scale]))

field = random.rand(48, 48).astype(np.float32)
places = {}
for scale in (1, 1e-4, 1e-8):
    scaled = field * np.float32(scale)
    matches = cv2.matchTemplate(scaled, scaled[20:31, 30:41], cv2.TM_CCOEFF_NORMED)
    places[scale] = cv2.minMaxLoc(matches)[3], int((matches > 0.99).sum())
    print("patch at (30, 20), times %g: best at %s, places above 0.99: %d of %d" % (scale, *places[scale], matches.size))

right = correlations[1][0] < -0.999 and correlations[1e-4][0] < -0.999 and all(numpy < -0.999 for _, numpy in correlations.values())
right = right and places[1] == ((30, 20), 1) and places[1e-4] == ((30, 20), 1)
wrong = correlations[1e-6][0] == 1 and correlations[1e-8][0] == 1 and places[1e-8] == ((0, 0), 38 * 38)
sys.exit(0 if right and wrong else 1)
EOF
$PY alike.py
