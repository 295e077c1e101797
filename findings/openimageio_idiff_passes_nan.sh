#!/usr/bin/env bash
# OpenImageIO's idiff finds a heat map and one that is NaN everywhere to be the same: PASS.
# Library: OpenImageIO 2.4.7.1 (Debian 12: openimageio-tools 2.4.7.1+dfsg-2), idiff; the files are written by tifffile 2023.2.3
# (python3-tifffile 20230203-1).
# Behaviour: idiff is documented to compare two images, to print FAILURE and to exit with 2 where pixels differ by more than a threshold,
# 1e-6 unless told otherwise; test suites of renderers and pipelines rest on it. A NaN beside a number, and infinity beside a number, were
# expected to differ. No difference with a NaN is above the threshold, so each such pixel counts as equal, and infinity, too. A
# network that has diverged, or a region that became NaN, passes any test; a pixel that is off by 0.5 fails. -fail 0 and -a don't
# help. No warning.
# Seen, 2026-12-01, maps of 4 x 4 of 0.1 to 0.4, beside the same with other pixels:
#   same: PASS, exit code 0
#   same with -fail 0 -a: PASS, exit code 0
#   off: FAILURE, exit code 2
#   off with -fail 0 -a: FAILURE, exit code 2
#   one_nan: PASS, exit code 0
#   one_nan with -fail 0 -a: PASS, exit code 0
#   one_infinity: PASS, exit code 0
#   one_infinity with -fail 0 -a: PASS, exit code 0
#   all_nan: PASS, exit code 0
#   all_nan with -fail 0 -a: PASS, exit code 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs openimageio-tools=2.4.7.1+dfsg-2 python3-tifffile=20230203-1

cat >maps.py <<'PY'
import numpy as np
import tifffile

heat = np.tile(np.float32([0.1, 0.2, 0.3, 0.4]), (4, 1))
others = {"same": heat, "off": heat.copy(), "one_nan": heat.copy(), "one_infinity": heat.copy(), "all_nan": np.full_like(heat, np.nan)}
others["off"][1, 1], others["one_nan"][1, 1], others["one_infinity"][1, 1] = 0.7, np.nan, np.inf
for name, array in others.items():
    tifffile.imwrite(f"{name}.tif", array)
PY
"$T/root/usr/bin/python3.11" -E -s maps.py
for other in same off one_nan one_infinity all_nan; do
  for options in "" "-fail 0 -a"; do
    code=0
    "$T/root/usr/bin/idiff" $options same.tif "$other.tif" >out || code=$?
    echo "$other${options:+ with $options}: $(grep -oE 'PASS|FAILURE' out), exit code $code"
  done
done | tee seen
cat >expected <<'END'
same: PASS, exit code 0
same with -fail 0 -a: PASS, exit code 0
off: FAILURE, exit code 2
off with -fail 0 -a: FAILURE, exit code 2
one_nan: PASS, exit code 0
one_nan with -fail 0 -a: PASS, exit code 0
one_infinity: PASS, exit code 0
one_infinity with -fail 0 -a: PASS, exit code 0
all_nan: PASS, exit code 0
all_nan with -fail 0 -a: PASS, exit code 0
END
cmp -s seen expected
