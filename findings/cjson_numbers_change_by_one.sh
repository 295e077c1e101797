#!/usr/bin/env bash
# cJSON writes other numbers than it was given: 9007199254740991 becomes ...990, and every sixth float comes back changed.
# Library: cJSON 1.7.15 (Debian 12: libcjson1, libcjson-dev 1.7.15-1+deb12u4).
# Behaviour: cJSON keeps numbers as doubles. It prints 15 digits and, as the comment in print_number says, checks "whether the original
# double can be recovered", or else prints 17. So what it printed was expected to be read as the same number, by itself too. The
# check takes numbers for the same whose difference is up to 2^-52 of their size, one or two steps of a double: whole numbers from
# 2^52 up to 2^53, which doubles have exactly and JavaScript calls safe, may lose one (ids of images, bit sets of neurons, counters, hashes),
# 0.1 + 0.2 is 0.3, and of floats, whose digits end far before, every sixth comes back as another double, so that a file isn't the
# same after it was read and written, and == between what was stored and what was kept fails. cJSON_Compare finds the
# two the same, as well. No setting for the digits.
# Seen, 2026-12-01:
#   9007199254740991: printed 9.00719925474099e+15, read 9007199254740990, cJSON_Compare 1
#   8000000000000009: printed 8.00000000000001e+15, read 8000000000000010, cJSON_Compare 1
#   4503599627370495: printed 4503599627370495, read 4503599627370495, cJSON_Compare 1
#   0.30000000000000004: printed 0.3, read 0.29999999999999999, cJSON_Compare 1
#   100000 floats of 0..1: 16438 are read as another double
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libcjson-dev=1.7.15-1+deb12u4

cat >numbers.c <<'EOF'
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>

/// What is read of a number that was printed. `show` prints both.
static double again(double number, int show) {
  cJSON* item = cJSON_CreateNumber(number);
  char* text = cJSON_PrintUnformatted(item);
  cJSON* parsed = cJSON_Parse(text);
  const double read = parsed->valuedouble;
  if (show) printf("%.17g: printed %s, read %.17g, cJSON_Compare %d\n", number, text, read, cJSON_Compare(item, parsed, 1));
  cJSON_free(text);
  cJSON_Delete(parsed);
  cJSON_Delete(item);
  return read;
}

int main(void) {
  const double safe = 9007199254740991.0, other = 8000000000000009.0, half = 4503599627370495.0, sum = 0.1 + 0.2;
  const int wrong = again(safe, 1) == safe - 1 && again(other, 1) == other + 1;
  const int right = again(half, 1) == half;
  const int thirds = again(sum, 1) != sum;
  int changed = 0;
  uint32_t state = 1;
  for (int i = 0; i < 100000; ++i) {
    state = state * 1664525u + 1013904223u;
    const float number = (float)(state >> 8) / 16777216.0f;
    changed += again(number, 0) != number;
  }
  printf("100000 floats of 0..1: %d are read as another double\n", changed);
  return wrong && right && thirds && changed > 10000 ? 0 : 1;
}
EOF
gcc -std=c11 -O1 numbers.c -I"$T/root/usr/include" -L"$L" -lcjson -o numbers
./numbers
