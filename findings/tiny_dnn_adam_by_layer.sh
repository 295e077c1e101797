#!/usr/bin/env bash
# tiny-dnn's Adam takes other steps in a network of many layers than in one of few, begins at three quarters, and never begins anew.
# Library: tiny-dnn 1.0.0a3 (Debian 12: tiny-dnn 1.0.0a3+ds-3; header only, with libcereal-dev, rapidjson-dev, libgemmlowp-dev, libstb-dev).
# Behaviour: documented is Adam as in the paper's Algorithm 1, whose corrections 1 - beta^t are of the step t, the same for all weights. Under a
# gradient that doesn't change, each step is the learning rate, 0.001, whatever else is in the network. Here the powers of beta are
# multiplied by it once for each vector of weights, and before their first use: the first vector's first step is 0.74 of the rate,
# the 32nd's 0.59 of it or, later, twice the rate: a weight's training depends on how many layers stand before it. reset(), which
# network.fit calls before it begins, clears the moments and leaves the powers, so that after a first fit the second one's first steps
# are as uncorrected: 0.1 of the gradient's mean over the root of 0.001 of its square, three times too large. Without error or warning.
# Seen, 2026-12-01, five steps of weights that begin at 0, in thousandths:
#   Algorithm 1: 1.00 1.00 1.00 1.00 1.00
#   1 vector: 0.74 0.86 0.91 0.94 0.96
#   2nd of 2 vectors: 0.64 0.73 0.79 0.84 0.88
#   8th of 8 vectors: 0.49 0.66 0.84 1.01 1.18
#   32nd of 32 vectors: 0.59 1.07 1.51 1.89 2.24
#   1 vector, first of 20000 steps: 0.74 0.86 0.91 0.94 0.96
#   the same after reset: 3.16 4.25 4.95 5.44 5.80
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs tiny-dnn=1.0.0a3+ds-3 libcereal-dev rapidjson-dev libgemmlowp-dev libstb-dev

cat >steps.cpp <<'CPP'
#include <cmath>
#include <cstdio>

#include <tiny_dnn/tiny_dnn.h>
using namespace tiny_dnn;

/// Prints the steps of the last one of so many vectors of weights, each under a gradient of 0.5, and returns the first and the last.
std::pair<float, float> steps(const char* name, adam& optimizer, int vectors, int count) {
  std::vector<vec_t> weights(vectors, vec_t(1, 0.f));
  std::printf("%s:", name);
  std::pair<float, float> ends;
  for (int step = 0; step < count; ++step) {
    const float before = weights.back()[0];
    for (auto& vector : weights) optimizer.update(vec_t(1, 0.5f), vector, false);
    ends.second = 1000 * (before - weights.back()[0]);
    if (step == 0) ends.first = ends.second;
    if (step < 5) std::printf(" %.2f", ends.second);
  }
  std::printf("\n");
  return ends;
}

int main() {
  std::printf("Algorithm 1: 1.00 1.00 1.00 1.00 1.00\n");
  bool seen = true;
  for (const auto& [vectors, name] : {std::pair{1, "1 vector"}, {2, "2nd of 2 vectors"}, {8, "8th of 8 vectors"}, {32, "32nd of 32 vectors"}}) {
    adam optimizer;
    const auto [first, last] = steps(name, optimizer, vectors, 5);
    seen &= first < 0.8 && (vectors < 32 || last > 1.9);
  }
  adam optimizer;
  steps("1 vector, first of 20000 steps", optimizer, 1, 20000);
  optimizer.reset();
  seen &= steps("the same after reset", optimizer, 1, 5).first > 3;
  return seen ? 0 : 1;
}
CPP
mkdir third_party && ln -s "$T/root/usr/include/stb" third_party/stb
g++ -std=c++17 -O1 -w -I. -isystem "$T/root/usr/include" steps.cpp -o steps -lpthread 2>/dev/null
./steps
