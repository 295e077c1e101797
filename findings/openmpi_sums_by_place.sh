#!/usr/bin/env bash
# Open MPI's sum of bytes and shorts stops at the largest one, or goes round, by the number's place in the array.
# Library: Open MPI 4.1.4 (Debian 12: libopenmpi3, libopenmpi-dev 4.1.4-3+b1), MPI_SUM, MPI_MAX and MPI_MIN, here by MPI_Reduce_local, on a
# processor with AVX2.
# Behaviour: MPI_SUM adds, for a type of C as C does: 200 + 100 of 8 bits is 44 (numpy's sum is, too); whatever is done beyond the
# type's range, it was expected to be the same for each element. Open MPI adds whole vectors with an instruction that
# stops at the largest and the smallest number, and what is left at the end of the array with C's +, which goes round: counts of
# masks, or votes of several processes, are 255 in most of the array, and small in its last pixels. 32 and 64 bits are right.
# And MPI_MAX and MPI_MIN of a NaN and a number give the second buffer's in whole vectors, the first one's at the end: a map's
# maximum over processes has NaN, or not, by the pixel's place and by whose it is. What helps: wider integers; no NaN.
# Without the vectors (--mca op ^avx) all elements go the same way.
# Seen, 2026-12-01, 131 elements, all alike:
#   Open MPI v4.1.4
#   uint8 200 + 100: 255 (0 to 127), 44 (128 to 130)
#   int8 100 + 100: 127 (0 to 127), -56 (128 to 130)
#   uint16 60000 + 10000: 65535 (0 to 127), 4464 (128 to 130)
#   int32 2147483647 + 1: -2147483648 (0 to 130)
#   max of float NaN and 1: 1 (0 to 127), nan (128 to 130)
#   max of float 1 and NaN: nan (0 to 127), 1 (128 to 130)
#   without avx:
#   uint8 200 + 100: 44 (0 to 130)
#   int8 100 + 100: -56 (0 to 130)
#   uint16 60000 + 10000: 4464 (0 to 130)
#   int32 2147483647 + 1: -2147483648 (0 to 130)
#   max of float NaN and 1: nan (0 to 130)
#   max of float 1 and NaN: 1 (0 to 130)
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
grep -qw avx2 /proc/cpuinfo || { echo "no AVX2 here, without which Open MPI adds one by one"; exit 1; }
debs libopenmpi-dev=4.1.4-3+b1 libopenmpi3=4.1.4-3+b1

cat >sums.c <<'END'
#include <math.h>
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { count = 131 };
static double result[count]; /* of the last operation */

/* Prints the result's runs of equal numbers. */
static void print_runs(const char* name) {
  printf("%s:", name);
  for (int i = 0, from = 0; i < count; ++i) {
    const double v = result[i];
    if (i + 1 < count && (result[i + 1] == v || (isnan(v) && isnan(result[i + 1])))) continue;
    if (isnan(v)) printf("%s nan (%d to %d)", from ? "," : "", from, i);
    else printf("%s %.0f (%d to %d)", from ? "," : "", v, from, i);
    from = i + 1;
  }
  printf("\n");
}

#define REDUCE(name, type, mpi_type, operation, a, b)                       \
  do {                                                                      \
    type x[count], y[count];                                                \
    for (int i = 0; i < count; ++i) x[i] = (type)(a), y[i] = (type)(b);     \
    if (MPI_Reduce_local(x, y, count, mpi_type, operation) != MPI_SUCCESS) exit(2); \
    for (int i = 0; i < count; ++i) result[i] = (double)y[i];               \
    print_runs(name);                                                       \
  } while (0)

int main(int argc, char** argv) {
  char version[MPI_MAX_LIBRARY_VERSION_STRING];
  int length;
  MPI_Init(&argc, &argv);
  MPI_Get_library_version(version, &length);
  printf("%.15s\n", version);
  REDUCE("uint8 200 + 100", uint8_t, MPI_UINT8_T, MPI_SUM, 200, 100);
  REDUCE("int8 100 + 100", int8_t, MPI_INT8_T, MPI_SUM, 100, 100);
  REDUCE("uint16 60000 + 10000", uint16_t, MPI_UINT16_T, MPI_SUM, 60000, 10000);
  REDUCE("int32 2147483647 + 1", int32_t, MPI_INT32_T, MPI_SUM, 2147483647, 1);
  REDUCE("max of float NaN and 1", float, MPI_FLOAT, MPI_MAX, NAN, 1);
  REDUCE("max of float 1 and NaN", float, MPI_FLOAT, MPI_MAX, 1, NAN);
  MPI_Finalize();
}
END
gcc -I"$L/openmpi/include" sums.c -L"$L" -l:libmpi.so.40 -lm -Wl,--allow-shlib-undefined -o sums
export OPAL_PREFIX="$T/root/usr" OMPI_MCA_btl=self
./sums | tee seen
echo "without avx:" | tee -a seen
OMPI_MCA_op=^avx ./sums | sed 1d | tee -a seen
cat >expected <<'END'
Open MPI v4.1.4
uint8 200 + 100: 255 (0 to 127), 44 (128 to 130)
int8 100 + 100: 127 (0 to 127), -56 (128 to 130)
uint16 60000 + 10000: 65535 (0 to 127), 4464 (128 to 130)
int32 2147483647 + 1: -2147483648 (0 to 130)
max of float NaN and 1: 1 (0 to 127), nan (128 to 130)
max of float 1 and NaN: nan (0 to 127), 1 (128 to 130)
without avx:
uint8 200 + 100: 44 (0 to 130)
int8 100 + 100: -56 (0 to 130)
uint16 60000 + 10000: 4464 (0 to 130)
int32 2147483647 + 1: -2147483648 (0 to 130)
max of float NaN and 1: nan (0 to 130)
max of float 1 and NaN: 1 (0 to 130)
END
cmp -s seen expected
