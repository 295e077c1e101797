#!/usr/bin/env bash
# xtensor's maximum of a map with a NaN is that of the pixels after the NaN: what was found before is forgotten.
# Library: xtensor 0.24.3 (Debian 12: libxtensor-dev 0.24.3-1), amax, amin, argmax, nanmax, median.
# Behaviour: amax is documented as the maximum element over given axes, the counterpart of numpy.amax in a library that follows numpy,
# and nanmax as the one that ignores NaNs. So NaN was expected (numpy's amax gives it), or the maximum of the others (what std::fmax gives).
# It is neither: a NaN takes the place of the maximum so far, and is replaced by the next number, so that the result is the
# largest pixel after the last NaN, in the order of the memory or of the axis. The hottest spot of a map may be lost, and a map that is
# divided by its maximum goes above 1. argmax of the same map gives the place of another pixel than the one that amax has; the median has
# a NaN or a number by the order, too. Only if the NaN is the last one is it there to be seen. What helps: nanmax and nanmin.
# Seen, 2026-12-01:
#   xtensor 0.24.3
#   9 1 3 2 : amax 9, argmax 0, nanmax 9; amin 1, nanmin 1; median 2.5
#   9 1 nan 3 2 : amax 3, argmax 0, nanmax 9; amin 2, nanmin 1; median 2
#   nan 9 1 3 2 : amax 9, argmax 0, nanmax 9; amin 1, nanmin 1; median nan
#   9 1 3 2 nan : amax nan, argmax 0, nanmax 9; amin nan, nanmin 1; median 2
#   9 nan 8 nan 0 2 : amax 2, argmax 0, nanmax 9; amin 0, nanmin 0; median 5
#   columns 9 nan 3 and 1 2 3: 3 3
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libxtensor-dev=0.24.3-1

cat >maxima.cpp <<'EOF'
#include <cmath>
#include <iostream>
#include <xtensor/xarray.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xsort.hpp>

struct Seen {
  float maximum, minimum, ignoring;
  size_t place;
};

/// Prints the map's maximum and minimum in all ways.
Seen maxima(const xt::xarray<float>& map) {
  const Seen s{xt::amax(map)(), xt::amin(map)(), xt::nanmax(map)(), xt::argmax(map)()};
  for (const float pixel : map) std::cout << pixel << " ";
  std::cout << ": amax " << s.maximum << ", argmax " << s.place << ", nanmax " << s.ignoring << "; amin " << s.minimum << ", nanmin " << xt::nanmin(map)()
            << "; median " << xt::median(map) << "\n";
  return s;
}

int main() {
  std::cout << "xtensor " << XTENSOR_VERSION_MAJOR << "." << XTENSOR_VERSION_MINOR << "." << XTENSOR_VERSION_PATCH << "\n";
  const Seen plain = maxima({9.f, 1.f, 3.f, 2.f}), middle = maxima({9.f, 1.f, NAN, 3.f, 2.f}), first = maxima({NAN, 9.f, 1.f, 3.f, 2.f});
  const Seen last = maxima({9.f, 1.f, 3.f, 2.f, NAN}), two = maxima({9.f, NAN, 8.f, NAN, 0.f, 2.f});
  const xt::xarray<float> rows = {{9.f, 1.f}, {NAN, 2.f}, {3.f, 3.f}};
  const xt::xarray<float> columns = xt::amax(rows, {0});
  std::cout << "columns 9 nan 3 and 1 2 3: " << columns(0) << " " << columns(1) << "\n";
  const bool right = plain.maximum == 9 && plain.minimum == 1 && middle.ignoring == 9 && two.ignoring == 9 && columns(1) == 3;
  const bool wrong = middle.maximum == 3 && middle.minimum == 2 && two.maximum == 2 && columns(0) == 3 && middle.place == 0;
  return right && wrong && first.maximum == 9 && std::isnan(last.maximum) ? 0 : 1;
}
EOF
g++ -std=c++17 -O1 -w -I"$T/root/usr/include" maxima.cpp -o maxima
./maxima
