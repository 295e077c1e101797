#!/usr/bin/env bash
# tiny-dnn sends a gradient back through one window of a pool where windows overlap, and loses the others.
# Library: tiny-dnn 1.0.0a3 (Debian 12: tiny-dnn 1.0.0a3+ds-3; header only, with libcereal-dev, rapidjson-dev, libgemmlowp-dev, libstb-dev).
# Behaviour: a pool's stride is documented as the "interval at which to apply the filters to the input", apart from its size, and 3 x 3 with a stride
# of 2 is what AlexNet and SqueezeNet have. A gradient of an input that is in several windows is the sum over them. The layers keep one
# output for each input: average pools send the gradient of the first window alone, max-pools of the last one, average unpooling of
# one of its outputs, even where nothing overlaps. What reaches the layers before, and a saliency map, is another direction than the
# slope. Batch norm divides by n - 1 where it computes, by n where it differentiates: of few numbers a per cent or many.
# Convolutions, fully connected layers, and pools without an overlap are right. No warning. Expected are difference quotients of the very same
# layers, of a random sum of their outputs.
# Seen, 2026-12-01, how many of the input's derivatives are wrong by more than 0.02, and the largest fault beside the largest derivative:
#   convolution 3 x 3, stride 2: 0 of 162, 0.00 beside 3.08
#   fully connected: 0 of 9, 0.00 beside 1.84
#   average pool 3 x 3, stride 3: 0 of 162, 0.00 beside 0.06
#   max-pool 3 x 3, stride 3: 0 of 162, 0.00 beside 0.93
#   average pool 3 x 3, stride 2: 79 of 162, 0.24 beside 0.28
#   average pool 3 x 3, stride 1: 60 of 162, 0.09 beside 0.10
#   max-pool 3 x 3, stride 2: 14 of 162, 0.93 beside 1.19
#   max-pool 3 x 3, stride 1: 31 of 162, 2.10 beside 1.85
#   average unpooling 2 x 2: 31 of 32, 0.37 beside 0.35
#   batch norm of 6 numbers a channel: 6 of 12, 0.13 beside 0.97
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs tiny-dnn=1.0.0a3+ds-3 libcereal-dev rapidjson-dev libgemmlowp-dev libstb-dev

cat >slopes.cpp <<'CPP'
#include <cmath>
#include <cstdio>
#include <random>

#include <tiny_dnn/tiny_dnn.h>
using namespace tiny_dnn;

std::mt19937 generator(1);

vec_t random_numbers(size_t count) {
  vec_t numbers(count);
  for (auto& number : numbers) number = std::uniform_real_distribution<float>(-1, 1)(generator);
  return numbers;
}

/// Prints and returns how many of a layer's derivatives are none of the quotients.
template <class Layer>
size_t wrong(const char* name, Layer&& layer) {
  layer.set_parallelize(false);
  layer.setup(false);
  for (auto weights : layer.weights()) *weights = random_numbers(weights->size());
  vec_t input = random_numbers(layer.in_shape()[0].size());
  const vec_t factors = random_numbers(layer.out_shape()[0].size());
  const auto value = [&] {
    const auto output = layer.forward({{input}});
    double sum = 0;
    for (size_t i = 0; i < factors.size(); ++i) sum += double(factors[i]) * output[0][0][i];
    return sum;
  };
  value();
  layer.clear_grads();
  const vec_t slopes = layer.backward(std::vector<tensor_t>(layer.out_shape().size(), tensor_t{factors}))[0][0];
  double largest_fault = 0, largest = 0;
  size_t count = 0;
  for (size_t i = 0; i < input.size(); ++i) {
    const float before = input[i], step = 1.f / 128;
    input[i] = before + step;
    const double up = value();
    input[i] = before - step;
    const double quotient = (up - value()) / (2 * step), fault = std::abs(quotient - slopes[i]);
    input[i] = before;
    largest_fault = std::max(largest_fault, fault);
    largest = std::max(largest, std::abs(quotient));
    count += fault > 0.02;
  }
  std::printf("%s: %zu of %zu, %.2f beside %.2f\n", name, count, input.size(), largest_fault, largest);
  return count;
}

int main() {
  using id = activation::identity;
  const size_t right = wrong("convolution 3 x 3, stride 2", convolutional_layer<id>(9, 9, 3, 2, 3, padding::valid, true, 2, 2)) +
                       wrong("fully connected", fully_connected_layer<id>(9, 4)) +
                       wrong("average pool 3 x 3, stride 3", average_pooling_layer<id>(9, 9, 2, 3, 3)) +
                       wrong("max-pool 3 x 3, stride 3", max_pooling_layer<id>(9, 9, 2, 3, 3));
  const bool others = wrong("average pool 3 x 3, stride 2", average_pooling_layer<id>(9, 9, 2, 3, 2)) &&
                      wrong("average pool 3 x 3, stride 1", average_pooling_layer<id>(9, 9, 2, 3, 1)) &&
                      wrong("max-pool 3 x 3, stride 2", max_pooling_layer<id>(9, 9, 2, 3, 2)) &&
                      wrong("max-pool 3 x 3, stride 1", max_pooling_layer<id>(9, 9, 2, 3, 1)) &&
                      wrong("average unpooling 2 x 2", average_unpooling_layer<id>(4, 4, 2, 2)) &&
                      wrong("batch norm of 6 numbers a channel", batch_normalization_layer(6, 2));
  return right == 0 && others ? 0 : 1;
}
CPP
mkdir third_party && ln -s "$T/root/usr/include/stb" third_party/stb
g++ -std=c++14 -O1 -w -I. -isystem "$T/root/usr/include" slopes.cpp -o slopes -lpthread 2>/dev/null
./slopes
