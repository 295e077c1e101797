#!/usr/bin/env bash
# R's package tiff reads signed pixels as unsigned ones where its own warning sends its user, and halves as if they were integers.
# Library: R 4.2.2 (Debian 12: r-base-core 4.2.2.20221110-2), tiff 0.1-11 (r-cran-tiff 0.1-11-1+b1); the files are written by tifffile
# 2023.2.3 (python3-tifffile 20230203-1).
# Behaviour: of signed integers readTIFF warns that they "will be treated as unsigned (use as.is=TRUE, native=TRUE or convert=TRUE
# depending on your intent)", and as.is=TRUE is documented to "return original values without re-scaling". With it -1 was expected
# to be -1, as it is of 32 bits. Of 8 and 16 bits it is 255 and 65535, now without any warning: relevance below 0, labels of
# -1, air in a scan are the largest of all. And of floats of 32 bits the numbers are right, while those of 16 bits (SampleFormat IEEEFP, what
# a network computes in) are taken for integers and divided by 65535: 2 becomes 0.25, -2 becomes 0.75, all is within 0..1 and looks
# like a map. No warning; 64 bits are refused.
# Seen, 2026-12-01, -2 -1 0 1 2 and, of integers, what is read with as.is=TRUE:
#   int8: with a warning, then 254 255 0 1 2 without
#   int16: with a warning, then 65534 65535 0 1 2 without
#   int32: with a warning, then -2 -1 0 1 2 without
#   float32: -2 -1 0 1 2 without
#   float16: 0.75 0.73 0 0.23 0.25 without
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
PY="$T/root/usr/bin/python3.11 -E -s"
debs r-base-core=4.2.2.20221110-2 r-cran-tiff=0.1-11-1+b1 python3-tifffile=20230203-1
export R_HOME=$T/root/usr/lib/R R_DEFAULT_PACKAGES=NULL LC_ALL=C.UTF-8
export LD_LIBRARY_PATH=$R_HOME/lib:$LD_LIBRARY_PATH R_LIBS=$R_HOME/site-library:$R_HOME/library

cat >write.py <<'EOF'
import numpy as np
import tifffile

for kind in ("int8", "int16", "int32", "float32", "float16"):
    tifffile.imwrite(kind + ".tif", np.array([[-2, -1, 0, 1, 2]], kind), photometric="minisblack")
    assert (tifffile.imread(kind + ".tif") == [[-2, -1, 0, 1, 2]]).all()
EOF
cat >read.R <<'EOF'
library(tiff)
warned <- FALSE
read <- function(...) {
  warned <<- FALSE
  withCallingHandlers(readTIFF(...), warning = function(w) { warned <<- TRUE; invokeRestart("muffleWarning") })
}
for (kind in c("int8", "int16", "int32", "float32", "float16")) {
  file <- paste0(kind, ".tif")
  numbers <- read(file)
  cat(kind, ": ", sep = "")
  if (substr(kind, 1, 3) == "int") {
    cat(if (warned) "with a warning, then " else "without, then ")
    numbers <- read(file, as.is = TRUE)
  }
  cat(format(round(c(numbers), 2), trim = TRUE, drop0trailing = TRUE), if (warned) "with a warning\n" else "without\n")
}
EOF
$PY write.py
"$R_HOME/bin/exec/R" --vanilla --no-echo -f read.R 2>/dev/null | grep -v Renviron | tee seen
cat >expected <<'EOF'
int8: with a warning, then 254 255 0 1 2 without
int16: with a warning, then 65534 65535 0 1 2 without
int32: with a warning, then -2 -1 0 1 2 without
float32: -2 -1 0 1 2 without
float16: 0.75 0.73 0 0.23 0.25 without
EOF
cmp expected seen
