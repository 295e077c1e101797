#!/usr/bin/env bash
# Armadillo's median of the counts 3 and 4 is 9223372036854775811, and its mean of two bytes of 200 is 72.
# Library: Armadillo 11.4.2 (Debian 12: libarmadillo-dev 1:11.4.2+dfsg-1), mean and median of uvec, Col<u32>, Col<u8>, Col<s32>; header only.
# Behaviour: documented are a vector's mean and median value; of an even number of elements the median is the mean of the two in the middle. Of
# whole numbers it was expected to be that, as a whole number, so between the smallest and the largest. The median of an even number of
# unsigned ones is computed as 4 + (3 - 4) / 2, of which 3 - 4 goes round: 2^63 too much, or 2^31 of 32 bits. Of an odd number it is
# right. uvec is what find, sort_index and hist give: counts, places and labels. The mean adds in the elements' own type: bright pixels
# of 8 bits have a dark mean, and numbers of 32 bits a negative one. No warning. What helps: conv_to<vec>::from.
# Seen, 2026-12-01:
#   Armadillo 11.4.2
#   uvec 3 4 9: mean 5, median 4; as doubles 5.33333, 4
#   uvec 3 4: mean 3, median 9223372036854775811; as doubles 3.5, 3.5
#   uvec 9 2 5 4 7 0: mean 4, median 9223372036854775812; as doubles 4.5, 4.5
#   u32 3 4: mean 3, median 2147483651; as doubles 3.5, 3.5
#   u8 200 200: mean 72, median 200; as doubles 200, 200
#   s32 2000000000 2000000000: mean -147483648, median 2000000000; as doubles 2e+09, 2e+09
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libarmadillo-dev=1:11.4.2+dfsg-1

cat >middle.cpp <<'EOF'
#define ARMA_DONT_USE_WRAPPER
#define ARMA_DONT_USE_BLAS
#define ARMA_DONT_USE_LAPACK
#define ARMA_DONT_USE_HDF5
#include <armadillo>
#include <iostream>

/// Prints the mean and the median of whole numbers, and those of the same numbers as doubles.
template <class Number>
arma::Col<double> middle(const char* name, const arma::Col<Number>& numbers) {
  const arma::vec doubles = arma::conv_to<arma::vec>::from(numbers);
  const Number mean = arma::mean(numbers), median = arma::median(numbers);
  std::cout << name << ": mean " << +mean << ", median " << +median << "; as doubles " << arma::mean(doubles) << ", " << arma::median(doubles) << "\n";
  return {double(mean), double(median)};
}

int main() {
  std::cout << "Armadillo " << ARMA_VERSION_MAJOR << "." << ARMA_VERSION_MINOR << "." << ARMA_VERSION_PATCH << "\n";
  const arma::vec three = middle("uvec 3 4 9", arma::uvec{3, 4, 9}), two = middle("uvec 3 4", arma::uvec{3, 4});
  const arma::vec six = middle("uvec 9 2 5 4 7 0", arma::uvec{9, 2, 5, 4, 7, 0}), small = middle("u32 3 4", arma::Col<arma::u32>{3, 4});
  const arma::vec bytes = middle("u8 200 200", arma::Col<arma::u8>{200, 200});
  const arma::vec large = middle("s32 2000000000 2000000000", arma::Col<arma::s32>{2000000000, 2000000000});
  const bool right = three(1) == 4 && two(0) == 3 && bytes(1) == 200 && large(1) == 2000000000;
  return right && two(1) > 9e18 && six(1) > 9e18 && small(1) > 2e9 && bytes(0) == 72 && large(0) < 0 ? 0 : 1;
}
EOF
g++ -std=c++17 -O1 -w -I"$T/root/usr/include" middle.cpp -o middle 2>/dev/null
./middle
