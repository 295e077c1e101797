#!/usr/bin/env bash
# OpenCV's SSIM finds heat maps of 0..1 alike whatever is in them: a map and its opposite, a map and noise.
# Library: OpenCV 4.6.0 (Debian 12: python3-opencv 4.6.0+dfsg-12, with its module quality), beside scikit-image 0.19.3 (python3-skimage
# 0.19.3-8).
# Behaviour: QualitySSIM and QualityGMSD take pictures of any type, and float32 is 0..1 for OpenCV elsewhere (cvtColor, imshow). Both
# have a constant against division by zero that belongs to the range of the pixels; the range was expected to be the type's,
# or to be asked for, as scikit-image and PSNR beside them have it. It is 255 for all: with numbers of 0..1 the constants are
# larger than everything in the map, so that SSIM goes to 1 ("identical") and GMSD to 0 ("no difference"). Likeness of saliency maps,
# as in sanity checks, is then a good one for random ones. No warning. What helps: to multiply by 255.
# Seen, 2026-12-01, a spot on a map of 64 x 64 and another map:
#   OpenCV 4.6.0
#   the same: SSIM of 0..1 1.000, of 0..255 1.000, scikit-image 1.000; GMSD 0.0000 and 0.0000
#   moved by 20: SSIM of 0..1 0.991, of 0..255 0.438, scikit-image 0.274; GMSD 0.0002 and 0.3657
#   its opposite: SSIM of 0..1 0.887, of 0..255 -0.099, scikit-image -0.139; GMSD 0.0019 and 0.3231
#   noise: SSIM of 0..1 0.967, of 0..255 0.001, scikit-image 0.001; GMSD 0.0005 and 0.3349
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-opencv=4.6.0+dfsg-12 python3-skimage=0.19.3-8

cat >likeness.py <<'PY'
import sys

import cv2
import numpy as np
from cv2 import quality
from skimage.metrics import structural_similarity

rows, columns = np.mgrid[:64, :64]
spot = np.exp(-((columns - 20) ** 2 + (rows - 30) ** 2) / 100).astype(np.float32)
others = {"the same": spot, "moved by 20": np.roll(spot, 20, 1), "its opposite": 1 - spot,
          "noise": np.random.default_rng(0).random((64, 64)).astype(np.float32)}
seen = cv2.__version__ == "4.6.0"
print("OpenCV", cv2.__version__)
for name, other in others.items():
    ssim, gmsd = ([compute(spot * scale, other * scale)[0][0] for scale in (1, 255)]
                  for compute in (quality.QualitySSIM_compute, quality.QualityGMSD_compute))
    theirs = structural_similarity(spot, other, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    print(f"{name}: SSIM of 0..1 {ssim[0]:.3f}, of 0..255 {ssim[1]:.3f}, scikit-image {theirs:.3f}; GMSD {gmsd[0]:.4f} and {gmsd[1]:.4f}")
    if other is spot:
        seen &= min(ssim) > 0.999 and max(gmsd) < 1e-6
    else:
        seen &= ssim[0] > 0.85 and ssim[1] < 0.5 and theirs < 0.3 and gmsd[0] < 0.01 and gmsd[1] > 0.3
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s likeness.py
