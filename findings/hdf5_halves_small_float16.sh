#!/usr/bin/env bash
# HDF5 stores some small floats as half of what they are when it converts them to float16.
# Library: HDF5 1.10.8 (Debian 12: libhdf5-103-1, libhdf5-dev 1.10.8+repack1-1); its own conversion, as H5Dwrite and
# H5Tconvert do it.
# Behaviour: a float32 written to a dataset of IEEE half precision (1 sign, 5 exponent and 10 mantissa bits, bias 15: numpy's
# float16) was expected to become the nearest half. Below 2^-14 = 6.1035e-05, where halves are subnormal, every value that
# rounds up to a power of two becomes half that power: 6.102e-05 is stored as 3.0518e-05, an error of 50 %, and the share of
# such values grows towards zero (from 8.95e-08 to 1.19e-07 all are 5.96e-08). The carry out of the mantissa, which makes the
# next power of two, is dropped. An int32 too large for a half becomes NaN,
# where the same number as a float32 becomes infinity.
# Seen, 2026-11-29:
#   HDF5 1.10.8
#   6.102e-05 -> 3.05176e-05, nearest half 6.10352e-05
#   1.5249e-05 -> 7.62939e-06, nearest half 1.52588e-05
#   1.1e-07 -> 5.96046e-08, nearest half 1.19209e-07
#   100000 as float32 -> inf, as int32 -> nan
#   of 100000 random values below 6.1035e-05: 332 have an error above 40 %
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs libhdf5-dev=1.10.8+repack1-1 libhdf5-103-1=1.10.8+repack1-1

cat >halves.c <<'END'
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static hid_t half_type(void) {
  hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

/* What a half of these bits is, by the definition of IEEE 754. */
static double value_of(unsigned short bits) {
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const double size = exponent == 31 ? (mantissa ? NAN : INFINITY) : exponent ? ldexp(1024 + mantissa, exponent - 25) : ldexp(mantissa, -24);
  return bits >> 15 ? -size : size;
}

/* One number written to a dataset of halves in a file, and its bits read back as they lie there. */
static double stored(hid_t file, hid_t memory, const void* number) {
  hid_t type = half_type(), space = H5Screate(H5S_SCALAR);
  hid_t dataset = H5Dcreate2(file, "x", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  unsigned short bits = 0;
  H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, number);
  H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &bits);
  H5Dclose(dataset);
  H5Ldelete(file, "x", H5P_DEFAULT);
  H5Sclose(space);
  H5Tclose(type);
  return value_of(bits);
}

int main(void) {
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  printf("HDF5 %u.%u.%u\n", major, minor, release);
  hid_t file = H5Fcreate("halves.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);

  int halved = 1;
  const float small[] = {6.102e-05f, 1.5249e-05f, 1.1e-07f};
  for (int i = 0; i < 3; ++i) {
    const double got = stored(file, H5T_NATIVE_FLOAT, &small[i]), nearest = ldexp(rint(ldexp(small[i], 24)), -24);
    printf("%g -> %g, nearest half %g\n", small[i], got, nearest);
    halved = halved && got == nearest / 2;
  }

  const float real = 100000;
  const int whole = 100000;
  const double of_real = stored(file, H5T_NATIVE_FLOAT, &real), of_whole = stored(file, H5T_NATIVE_INT, &whole);
  printf("100000 as float32 -> %g, as int32 -> %g\n", of_real, of_whole);

  enum { count = 100000 };
  float* numbers = malloc(count * sizeof(float));
  unsigned short* halves = malloc(count * sizeof(float)); /* H5Tconvert works in place: room for the larger type */
  srand(1);
  for (int i = 0; i < count; ++i) ((float*)halves)[i] = numbers[i] = 6.1035e-05f * (0.01f + 0.99f * (float)rand() / (float)RAND_MAX);
  hid_t type = half_type();
  H5Tconvert(H5T_NATIVE_FLOAT, type, count, halves, NULL, H5P_DEFAULT);
  int far = 0;
  for (int i = 0; i < count; ++i) far += fabs(value_of(halves[i]) - numbers[i]) > 0.4 * numbers[i];
  printf("of %d random values below 6.1035e-05: %d have an error above 40 %%\n", count, far);
  return halved && far > 0 && isinf(of_real) && isnan(of_whole) ? EXIT_SUCCESS : EXIT_FAILURE;
}
END
gcc -I"$T/root/usr/include/hdf5/serial" halves.c -L"$L" -l:libhdf5_serial.so.103 -lm -Wl,--allow-shlib-undefined -o halves
LD_LIBRARY_PATH=$L ./halves
