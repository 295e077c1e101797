#!/usr/bin/env bash
# Eigen's exp of minus infinity is not 0, but for an array's last numbers: what is masked out of a softmax keeps a probability.
# Library: Eigen 3.4.0 (Debian 12: libeigen3-dev 3.4.0-4), exp and logistic of arrays, compiled by g++ -O2 as it is (SSE2) and with -mavx2 -mfma.
# Behaviour: exp(-inf) is 0, and exp(-1000) is, too, for nothing so small can be stored. Scores that shall take no part are set to
# -inf before a softmax, so that their probability is 0. Eigen computes whole vectors of numbers by a polynomial that begins at
# -88 (float) and -708 (double) and takes that for everything below: 2.9e-39 and 5.6e-309, which are above 0. The numbers at the end
# of an array fill no vector and are computed by the C library: 0. So the logarithm of a masked probability is about -88 or
# -inf by its place and by the array's length, "p > 0" counts masked classes in, and a sigmoid never reaches 0. expm1 and tanh
# have their limits rightly. (float with AVX-512 has 0 everywhere, double has not.)
# Seen, 2026-12-01, eleven times the same number:
#   Eigen 3.4.0
#   SSE2:
#   float, exp(-inf): 2.9e-39 (0 to 7), 0 (8 to 10)
#   float, its logarithm: -87 (0 to 7), -inf (8 to 10)
#   float, logistic(-1000): 2.9e-39 (0 to 7), 0 (8 to 10)
#   float, expm1(-inf): -1 (0 to 10)
#   double, exp(-inf): 5.6e-309 (0 to 9), 0 (10 to 10)
#   softmax of 9 times -inf and 2 scores, float: 10 probabilities above 0
#   AVX2:
#   float, exp(-inf): 2.9e-39 (0 to 7), 0 (8 to 10)
#   float, its logarithm: -87 (0 to 7), -inf (8 to 10)
#   float, logistic(-1000): 2.9e-39 (0 to 7), 0 (8 to 10)
#   float, expm1(-inf): -1 (0 to 10)
#   double, exp(-inf): 5.6e-309 (0 to 7), 0 (8 to 10)
#   softmax of 9 times -inf and 2 scores, float: 10 probabilities above 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libeigen3-dev=3.4.0-4

cat >masked.cpp <<'END'
#include <Eigen/Core>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

template <class Number>
using Row = Eigen::Array<Number, Eigen::Dynamic, 1>;

/// Prints the runs of equal numbers; whether the first number is above `tail`, which is right, and the last one is it.
template <class Number>
bool runs(const char* name, const Row<Number>& y, Number tail) {
  printf("%s:", name);
  for (int i = 0, from = 0; i < y.size(); ++i) {
    if (i + 1 < y.size() && y[i + 1] == y[i]) continue;
    printf("%s %.2g (%d to %d)", from ? "," : "", double(y[i]), from, i);
    from = i + 1;
  }
  printf("\n");
  return y[0] > tail && y[y.size() - 1] == tail;
}

int main() {
  constexpr float none = -std::numeric_limits<float>::infinity();
  const Row<float> masked = Row<float>::Constant(11, none), low = Row<float>::Constant(11, -1000);
  bool seen = runs<float>("float, exp(-inf)", masked.exp(), 0);
  seen &= runs<float>("float, its logarithm", masked.exp().log(), none);
  seen &= runs<float>("float, logistic(-1000)", low.logistic(), 0);
  seen &= !runs<float>("float, expm1(-inf)", masked.expm1(), -1);
  seen &= runs<double>("double, exp(-inf)", Row<double>::Constant(11, none).exp(), 0);
  Row<float> scores = masked;
  scores.tail(2) << 1, 2;
  Row<float> p = (scores - scores.maxCoeff()).exp();
  p /= p.sum();
  const long above = (p > 0).count();
  printf("softmax of 9 times -inf and 2 scores, float: %ld probabilities above 0\n", above);
  return seen && above > 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}
END
echo "Eigen $(awk '/define EIGEN_(WORLD|MAJOR|MINOR)_VERSION/ { printf "%s%s", dot, $3; dot = "." }' "$T/root/usr/include/eigen3/Eigen/src/Core/util/Macros.h")"
for set in SSE2 AVX2; do
  echo "$set:"
  flags=""
  if [ "$set" = AVX2 ]; then
    grep -qw avx2 /proc/cpuinfo || { echo "no AVX2 here"; exit 1; }
    flags="-mavx2 -mfma"
  fi
  # shellcheck disable=SC2086  # two words
  g++ -std=c++17 -O2 $flags -I"$T/root/usr/include/eigen3" masked.cpp -o masked
  ./masked
done
