#!/usr/bin/env bash
# FreeImage makes the hottest pixel of a heat map nearly black, or all of it white, if the pixel beside it is NaN.
# Library: FreeImage 3.18.0 (Debian 12: libfreeimage3, libfreeimage-dev 3.18.0+ds2-9+deb12u1).
# Behaviour: FreeImage_ConvertToStandardType with scale_linear is documented to convert bitmaps of other types "by scaling linearly each
# pixel's value from [min, max] to an integer value of [0..255]", the way from a map of floats to a picture. One NaN among the pixels was
# expected to be one black or arbitrary pixel (it is 0). Minimum and maximum are looked for in pairs of pixels, of which the smaller
# is compared to one and the larger to the other; if the right one is NaN, the left one is no maximum. If it was the
# map's, the second largest takes its place, and what is above 255 goes round: the hottest pixel becomes one of the darkest. If the
# first pixel is NaN, all others are white. In most places a NaN does nothing else. No warning.
# Seen, 2026-12-01, ten pixels from 0.1 to 1, one of them NaN (the first has -1 for none):
#   FreeImage 3.18.0
#   NaN at -1: 0 28 57 85 113 142 170 198 227 255
#   NaN at 4: 0 28 57 85 0 142 170 198 227 255
#   NaN at 0: 0 255 255 255 255 254 254 254 254 254
#   NaN at 9: 0 36 73 109 146 182 219 255 35 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libfreeimage-dev=3.18.0+ds2-9+deb12u1

cat >scale.c <<'EOF'
#include <FreeImage.h>
#include <math.h>
#include <stdio.h>

enum { kPixels = 10 };

/// The greys of a ramp whose pixel at `where` is NaN (-1 for none).
static void greys(int where, int* grey) {
  FIBITMAP* map = FreeImage_AllocateT(FIT_FLOAT, kPixels, 1, 32, 0, 0, 0);
  float* line = (float*)FreeImage_GetScanLine(map, 0);
  for (int x = 0; x < kPixels; ++x) line[x] = x == where ? NAN : (float)(x + 1) / kPixels;
  FIBITMAP* scaled = FreeImage_ConvertToStandardType(map, TRUE);
  printf("NaN at %d:", where);
  for (int x = 0; x < kPixels; ++x) printf(" %d", grey[x] = FreeImage_GetScanLine(scaled, 0)[x]);
  puts("");
  FreeImage_Unload(scaled);
  FreeImage_Unload(map);
}

int main(void) {
  printf("FreeImage %s\n", FreeImage_GetVersion());
  int none[kPixels], first[kPixels], middle[kPixels], beside[kPixels];
  greys(-1, none);
  greys(4, middle);
  greys(0, first);
  greys(9, beside);
  const int right = none[0] == 0 && none[9] == 255 && middle[9] == 255 && middle[4] == 0;
  return right && first[1] == 255 && first[9] > 250 && beside[7] == 255 && beside[8] < 64 ? 0 : 1;
}
EOF
gcc -std=c11 -O1 -w -I"$T/root/usr/include" -L"$L" -Wl,-rpath-link,"$LD_LIBRARY_PATH" scale.c -lfreeimage -lm -o scale
./scale 2>/dev/null
