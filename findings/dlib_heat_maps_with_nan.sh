#!/usr/bin/env bash
# dlib paints a heat map black, all of it, if its first pixel is NaN, and scales one with a NaN anywhere to white.
# Library: dlib 19.24 (Debian 12: libdlib-dev 19.24+dfsg-1), heatmap, jet and assign_image_scaled.
# Behaviour: heatmap and jet are documented to convert an image so that small values are dark or blue and large ones yellow or red, between its
# least and largest pixel; assign_image_scaled to scale pixels to the range of the destination by their mean and deviation. One pixel
# that isn't a number was expected to be one pixel, as it is where the NaN comes later: black. Where it is the first one, in the
# corner, where padding and undefined relevance lie, it is taken for the least and the largest, and every pixel is black, as if there
# were no evidence at all. With assign_image_scaled one NaN anywhere makes every pixel 255. No error.
# Seen, 2026-12-01, 0 to 15 in a map of 4 x 4 with a NaN at a place; the red of each pixel, or its byte:
#   heatmap, NaN at -1: 0 43 85 128 170 212 255 255 255 255 255 255 255 255 255 255
#   jet, NaN at -1: 0 0 0 0 0 0 26 94 162 229 255 255 255 255 195 128
#   assign_image_scaled, NaN at -1: 0 17 34 51 68 85 102 119 136 153 170 187 204 221 238 255
#   heatmap, NaN at 5: 0 43 85 128 170 0 255 255 255 255 255 255 255 255 255 255
#   jet, NaN at 5: 0 0 0 0 0 0 26 94 162 229 255 255 255 255 195 128
#   assign_image_scaled, NaN at 5: 255 255 255 255 255 255 255 255 255 255 255 255 255 255 255 255
#   heatmap, NaN at 0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
#   jet, NaN at 0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
#   assign_image_scaled, NaN at 0: 255 255 255 255 255 255 255 255 255 255 255 255 255 255 255 255
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libdlib-dev=19.24+dfsg-1

cat >heat.cpp <<'CPP'
#include <dlib/image_transforms.h>

#include <cmath>
#include <cstdio>
#include <set>
using namespace dlib;

/// Prints and returns how many different numbers there are.
template <class Pixel>
size_t kinds(const char* name, int place, Pixel&& pixel) {
  std::set<int> values;
  std::printf("%s, NaN at %d:", name, place);
  for (int i = 0; i < 16; ++i) {
    const int value = pixel(i / 4, i % 4);
    values.insert(value);
    std::printf(" %d", value);
  }
  std::printf("\n");
  return values.size();
}

int main() {
  bool seen = true;
  for (const int place : {-1, 5, 0}) {
    array2d<float> map(4, 4);
    for (int i = 0; i < 16; ++i) map[i / 4][i % 4] = i == place ? NAN : i;
    const matrix<rgb_pixel> heat = heatmap(map), blue_to_red = jet(map);
    array2d<unsigned char> scaled;
    assign_image_scaled(scaled, map);
    const size_t of_heat = kinds("heatmap", place, [&](int row, int column) { return heat(row, column).red; });
    const size_t of_jet = kinds("jet", place, [&](int row, int column) { return blue_to_red(row, column).red; });
    const size_t of_scaled = kinds("assign_image_scaled", place, [&](int row, int column) { return scaled[row][column]; });
    seen &= (of_heat == 1) == (place == 0) && (of_jet == 1) == (place == 0) && (of_scaled == 1) == (place >= 0);
  }
  return seen ? 0 : 1;
}
CPP
g++ -std=c++14 -O1 -w -isystem "$T/root/usr/include" heat.cpp -o heat -L"$L" -ldlib -Wl,--unresolved-symbols=ignore-all 2>/dev/null
./heat
