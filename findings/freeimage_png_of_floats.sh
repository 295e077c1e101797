#!/usr/bin/env bash
# FreeImage saves a heat map of floats as a PNG file of noise, and reports success.
# Library: FreeImage 3.18.0 (Debian 12: libfreeimage3, libfreeimage-dev 3.18.0+ds2-9+deb12u1).
# Behaviour: FreeImage_FIFSupportsExportType says that PNG can't take bitmaps of FIT_FLOAT, and FreeImage_Save was expected to return FALSE,
# as it does for JPEG 2000 and Radiance. It
# returns TRUE, and the file is a valid grey picture of 16 bits, of the right size, whose numbers are the halves of the floats, their
# bytes exchanged: what is there looks like noise, and the right half of the map isn't there. As TIFF and
# PFM the same bitmap is right. What helps: FreeImage_ConvertToStandardType, or to ask.
# Seen, 2026-12-01, a ramp of eight pixels from 0 to 1:
#   FreeImage 3.18.0
#   map.tif: said to be supported 1, saved 1, read as floats: 0 0.1429 0.2857 0.4286 0.5714 0.7143 0.8571 1
#   map.pfm: said to be supported 1, saved 1, read as floats: 0 0.1429 0.2857 0.4286 0.5714 0.7143 0.8571 1
#   map.jp2: said to be supported 0, saved 0
#   map.png: said to be supported 0, saved 1, read as 16 bits: 0 9472 4681 1.872e+04 4.699e+04 5.617e+04 1.872e+04 2.818e+04
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libfreeimage-dev=3.18.0+ds2-9+deb12u1

cat >save.c <<'EOF'
#include <FreeImage.h>
#include <stdio.h>

enum { kPixels = 8 };

/// Saves the map and loads it; prints what came back. 1 if the type and the numbers are those of the map.
static int same(const char* name, FREE_IMAGE_FORMAT format, FIBITMAP* map, int* saved) {
  *saved = FreeImage_Save(format, map, name, 0);
  printf("%s: said to be supported %d, saved %d", name, FreeImage_FIFSupportsExportType(format, FIT_FLOAT), *saved);
  if (!*saved) return puts("") == EOF;
  FIBITMAP* read = FreeImage_Load(format, name, 0);
  const int floats = FreeImage_GetImageType(read) == FIT_FLOAT;
  int equal = floats;
  printf(", read as %s:", floats ? "floats" : FreeImage_GetImageType(read) == FIT_UINT16 ? "16 bits" : "another type");
  for (int x = 0; x < kPixels; ++x) {
    const void* line = FreeImage_GetScanLine(read, 0);
    const float number = floats ? ((const float*)line)[x] : ((const WORD*)line)[x];
    equal = equal && number == ((const float*)FreeImage_GetScanLine(map, 0))[x];
    printf(" %.4g", number);
  }
  puts("");
  FreeImage_Unload(read);
  return equal;
}

int main(void) {
  printf("FreeImage %s\n", FreeImage_GetVersion());
  FIBITMAP* map = FreeImage_AllocateT(FIT_FLOAT, kPixels, 1, 32, 0, 0, 0);
  for (int x = 0; x < kPixels; ++x) ((float*)FreeImage_GetScanLine(map, 0))[x] = (float)x / (kPixels - 1);
  int tiff, pfm, jp2, png;
  const int right = same("map.tif", FIF_TIFF, map, &tiff) && same("map.pfm", FIF_PFM, map, &pfm);
  same("map.jp2", FIF_JP2, map, &jp2);
  const int equal = same("map.png", FIF_PNG, map, &png);
  FIBITMAP* read = FreeImage_Load(FIF_PNG, "map.png", 0);
  const int noise = FreeImage_GetImageType(read) == FIT_UINT16 && ((WORD*)FreeImage_GetScanLine(read, 0))[kPixels - 1] < 32768;
  return right && !jp2 && png && !equal && noise && !FreeImage_FIFSupportsExportType(FIF_PNG, FIT_FLOAT) ? 0 : 1;
}
EOF
gcc -std=c11 -O1 -w -I"$T/root/usr/include" -L"$L" -Wl,-rpath-link,"$LD_LIBRARY_PATH" save.c -lfreeimage -o save
./save 2>/dev/null
