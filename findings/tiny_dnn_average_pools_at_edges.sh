#!/usr/bin/env bash
# tiny-dnn's padded average pool gives zeros along two edges of a map, and one told a map's shape takes its width for its height.
# Library: tiny-dnn 1.0.0a3 (Debian 12: tiny-dnn 1.0.0a3+ds-3; header only, with libcereal-dev, rapidjson-dev, libgemmlowp-dev, libstb-dev).
# Behaviour: padding::same is documented as "add zero-padding around input so as to keep image size". Of a map of ones a padded mean is 1, or less at
# all edges alike if the zeros count (4/9 at a corner of 3 x 3). The map's size is kept, but windows stand only where they fit, the
# first in the corner, and what is right and below of them is 0, as if the network saw nothing there; all numbers lie half a window too far up and to
# the left. Convolutions pad rightly, on all sides. Max-pools begin in the corner, too: each output
# is the maximum of what is right and below of it, and the brightest pixel moves by up to a window. The constructor that takes the
# shape of the layer before reads in_shape.width_ twice: of a map of 4 x 8 it makes 2 x 2 in place of 2 x 4. No warning.
# Seen, 2026-12-01; a map of ones of 6 x 6, a map with one bright pixel in its middle row and column, windows of 3 x 3, stride 1:
#   convolution with ones, same: 4 6 6 6 6 4 / 6 9 9 9 9 6 / 6 9 9 9 9 6 / 6 9 9 9 9 6 / 6 9 9 9 9 6 / 4 6 6 6 6 4
#   average pool, same: 1 1 1 1 0 0 / 1 1 1 1 0 0 / 1 1 1 1 0 0 / 1 1 1 1 0 0 / 0 0 0 0 0 0 / 0 0 0 0 0 0
#   average pool, same, stride 2: 1 1 0 / 1 1 0 / 0 0 0
#   convolution of the pixel: 0 0 0 0 0 0 0 / 0 0 0 0 0 0 0 / 0 0 9 9 9 0 0 / 0 0 9 9 9 0 0 / 0 0 9 9 9 0 0 / 0 0 0 0 0 0 0 / 0 0 0 0 0 0 0
#   max-pool of the pixel: 0 0 0 0 0 0 0 / 0 9 9 9 0 0 0 / 0 9 9 9 0 0 0 / 0 9 9 9 0 0 0 / 0 0 0 0 0 0 0 / 0 0 0 0 0 0 0 / 0 0 0 0 0 0 0
#   average pool 2 x 2 of width 4, height 8: width 2, height 2
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs tiny-dnn=1.0.0a3+ds-3 libcereal-dev rapidjson-dev libgemmlowp-dev libstb-dev

cat >edges.cpp <<'CPP'
#include <cstdio>

#include <tiny_dnn/tiny_dnn.h>
using namespace tiny_dnn;
using id = activation::identity;

/// Prints and returns a layer's output of one map; the weights are ones.
template <class Layer>
vec_t rows(const char* name, Layer&& layer, const vec_t& map) {
  layer.set_parallelize(false);
  layer.setup(false);
  const auto weights = layer.weights();
  if (!weights.empty()) std::fill(weights[0]->begin(), weights[0]->end(), 1.f);
  if (weights.size() > 1) std::fill(weights[1]->begin(), weights[1]->end(), 0.f);
  const auto output = layer.forward({{map}});
  const size_t width = layer.out_shape()[0].width_;
  std::printf("%s:", name);
  for (size_t i = 0; i < output[0][0].size(); ++i) std::printf("%s%g", i && i % width == 0 ? " / " : " ", output[0][0][i]);
  std::printf("\n");
  return output[0][0];
}

int main() {
  const vec_t ones(36, 1.f);
  vec_t spot(49, 0.f);
  spot[24] = 9;
  const vec_t sums = rows("convolution with ones, same", convolutional_layer<id>(6, 6, 3, 1, 1, padding::same), ones);
  const vec_t means = rows("average pool, same", average_pooling_layer<id>(6, 6, 1, 3, 3, 1, 1, padding::same), ones);
  const vec_t halves = rows("average pool, same, stride 2", average_pooling_layer<id>(6, 6, 1, 3, 3, 2, 2, padding::same), ones);
  const vec_t spots = rows("convolution of the pixel", convolutional_layer<id>(7, 7, 3, 1, 1, padding::same), spot);
  const vec_t maxima = rows("max-pool of the pixel", max_pooling_layer<id>(7, 7, 1, 3, 3, 1, 1, padding::same), spot);
  const auto shape = average_pooling_layer<id>(shape3d(4, 8, 1), 2, 2).out_shape()[0];
  std::printf("average pool 2 x 2 of width 4, height 8: width %u, height %u\n", shape.width_, shape.height_);
  const bool right = sums[0] == 4 && sums[7] == 9 && sums[35] == 4 && spots[16] == 9 && spots[8] == 0 && spots[32] == 9;
  const bool seen = means[0] == 1 && means[4] == 0 && means[35] == 0 && halves[8] == 0 && maxima[16] == 9 && maxima[32] == 0 && maxima[24] == 9 && maxima[25] == 0;
  return right && seen && shape.height_ == 2 ? 0 : 1;
}
CPP
mkdir third_party && ln -s "$T/root/usr/include/stb" third_party/stb
g++ -std=c++14 -O1 -w -I. -isystem "$T/root/usr/include" edges.cpp -o edges -lpthread 2>/dev/null
./edges
