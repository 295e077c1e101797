#!/usr/bin/env bash
# CImg's length of a picture in bytes is 9 where it is 424, equalising makes two greys one, and -1 is saved as white.
# Library: CImg 3.2.1 (Debian 12: cimg-dev 3.2.1+dfsg-1; libpng-dev), header only, CImg<unsigned char> and CImg<float>.
# Behaviour: magnitude is documented as the "magnitude of an image", of which L2 is the root of the sum of squares; dot, sum and mean of bytes
# are right. Each square is computed in the picture's own type: of bytes modulo 256. equalize is documented to equalise the
# histogram over so many levels; the greys 100, 200, 254, 255, once each, are to be four. It counts a pixel in one bin and looks
# for it in the bin below: 100 and 200 become the same. variance of a map with a NaN is 0, as of a plain one, while its mean is NaN and its
# maximum right. save_png of a map of floats cuts: what is below 0 comes back as 65535 or 255, brighter than all
# else, and 0.9 as 0. No warning.
# Seen, 2026-12-01:
#   CImg 321
#   bytes: 200 100 255 254
#   magnitude 9.21954, of doubles 423.723, root of dot 423.723
#   equalised: 138 138 255 177
#   map: 9 1 nan 3 2
#   maximum 9, mean is NaN 1, variance 0
#   saved: -1 0.9 1 200
#   read: 255 0 1 200
#   saved: -1 0.9 1 300
#   read: 65535 0 1 300
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs cimg-dev=3.2.1+dfsg-1 libpng-dev

cat >bytes.cpp <<'CPP'
#define cimg_display 0
#define cimg_use_png
#include <CImg.h>

#include <cmath>
#include <cstdio>
using namespace cimg_library;

template <class Number>
void print(const char* name, const CImg<Number>& row) {
  std::printf("%s:", name);
  cimg_forX(row, x) std::printf(" %g", double(row[x]));
  std::printf("\n");
}

int main() {
  cimg::exception_mode(0);
  std::printf("CImg %d\n", cimg_version);
  CImg<unsigned char> bytes(4, 1, 1, 1);
  bytes.fill(200, 100, 255, 254);
  const CImg<double> doubles(bytes);
  print("bytes", bytes);
  std::printf("magnitude %g, of doubles %g, root of dot %g\n", bytes.magnitude(), doubles.magnitude(), std::sqrt(bytes.dot(bytes)));
  const CImg<unsigned char> equal = bytes.get_equalize(256);
  print("equalised", equal);
  CImg<float> map(5, 1, 1, 1);
  map.fill(9, 1, NAN, 3, 2);
  print("map", map);
  std::printf("maximum %g, mean is NaN %d, variance %g\n", map.max(), std::isnan(map.mean()), map.variance());
  CImg<float> small(4, 1, 1, 1), large(4, 1, 1, 1);
  small.fill(-1, 0.9f, 1, 200);
  large.fill(-1, 0.9f, 1, 300);
  small.save_png("small.png");
  large.save_png("large.png");
  const CImg<float> small_back("small.png"), large_back("large.png");
  print("saved", small), print("read", small_back), print("saved", large), print("read", large_back);
  const bool right = std::abs(doubles.magnitude() - 423.7) < 0.1 && std::abs(std::sqrt(bytes.dot(bytes)) - 423.7) < 0.1 && map.max() == 9;
  const bool seen = bytes.magnitude() < 10 && equal[0] == equal[1] && map.variance() == 0 && small_back[0] == 255 && large_back[0] == 65535 && large_back[1] == 0;
  return right && seen ? 0 : 1;
}
CPP
g++ -std=c++17 -O1 -w -isystem "$T/root/usr/include" bytes.cpp -o bytes -L"$L" -lpng -lpthread 2>/dev/null
./bytes
