#!/usr/bin/env bash
# libcbor encodes a large number as a half of another size and sign: 1e9 comes back as -0.23, 70000 as NaN.
# Library: libcbor 0.8.0 (Debian 12: libcbor0.8, libcbor-dev 0.8.0-2+b1), cbor_encode_half and cbor_load.
# Behaviour: CBOR has numbers of 16 bits (RFC 8949, 3.3), in which maps and weights are half as large. The header says what becomes of a
# float that isn't one: infinity and NaN are preserved, below 2^-24 it is zero, "in all other cases, the sign bit, the exponent, and
# 10 most significant bits of the significand are kept". An exponent above 15 has no room; infinity (as IEEE 754 converts) or the largest
# half, 65504, was expected. The exponent's bits run over into infinity's and NaN's, and from 131072 on into the sign: what
# is large and positive is small and negative. One score that overflowed is so the smallest of a map, or a NaN; nothing is returned
# that tells. Up to 65535 it is as the header says (cut off, not rounded; below 2^-14 a power of two).
# Seen, 2026-12-01:
#   65504: 7bff, back 65504
#   65535: 7bff, back 65504
#   65536: 7c00, back inf
#   70000: 7c45, back nan
#   131072: 8000, back -0
#   -131072: 8000, back -0
#   200000: 821a, back -3.20673e-05
#   1e+06: 8ba1, back -0.000232816
#   1e+09: b373, back -0.232788
#   1e+30: ca4f, back -12.6172
#   inf: 7c00, back inf
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libcbor-dev=0.8.0-2+b1

cat >halves.c <<'EOF'
#include <cbor.h>
#include <math.h>
#include <stdio.h>

/// Encodes a number as a half and loads it again.
static float halved(float number) {
  unsigned char bytes[3];
  if (cbor_encode_half(number, bytes, sizeof bytes) != sizeof bytes) return NAN;
  struct cbor_load_result result;
  cbor_item_t* item = cbor_load(bytes, sizeof bytes, &result);
  const float back = cbor_float_get_float2(item);
  cbor_decref(&item);
  printf("%g: %02x%02x, back %g\n", number, bytes[1], bytes[2], back);
  return back;
}

int main(void) {
  const int right = halved(65504) == 65504 && halved(65535) == 65504 && isinf(halved(65536));
  const int wrong = isnan(halved(70000)) && halved(131072) == 0 && halved(-131072) == 0 && halved(200000) < 0 && halved(1e6f) < 0 &&
                    halved(1e9f) < 0 && halved(1e30f) < 0;
  return right && wrong && isinf(halved(INFINITY)) ? 0 : 1;
}
EOF
gcc -std=c11 -O1 halves.c -I"$T/root/usr/include" -L"$L" -lcbor -lm -o halves
./halves
