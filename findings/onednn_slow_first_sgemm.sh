#!/usr/bin/env bash
# oneDNN's first sgemm of a process takes tens of milliseconds, however small it is.
# Library: oneDNN 2.6.3 (Debian 12: libdnnl2, libdnnl-dev 2.6.3-1), float32, on the CPU, one thread.
# Behaviour: kernels are written when they are first wanted, so the first call was expected to write the few that a product
# takes, as a convolution's primitive does in 0.1 to 2 ms. It writes those for every case (transposed or not, with and
# without beta, all remainders): with AVX-512 as long as a small network's whole forward pass. Nothing documented says so
# or lets a program ask for it earlier; a thread that calls sgemm with anything at all while others are busy hides it.
# Seen, 2026-11-29, AMD EPYC (Zen 4):
#   AVX512_CORE: oneDNN 2.6.3, a product of 8 x 8 by 8 x 8: the first call takes 33.1 ms of processor time, the second 0.066
#   AVX2: oneDNN 2.6.3, a product of 8 x 8 by 8 x 8: the first call takes 12.2 ms of processor time, the second 0.008
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs libdnnl-dev=2.6.3-1 libdnnl2=2.6.3-1

cat >first.cpp <<'EOF'
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <dnnl.hpp>

double cpu_ms() { return 1e3 * double(clock()) / CLOCKS_PER_SEC; }

double sgemm_ms() {
  const int n = 8;
  static std::array<float, n * n> a{}, b{}, c{};
  const double begin = cpu_ms();
  dnnl_sgemm('N', 'N', n, n, n, 1, a.data(), n, b.data(), n, 0, c.data(), n);
  return cpu_ms() - begin;
}

int main() {
  const dnnl_version_t* version = dnnl_version();
  const double first = sgemm_ms(), second = sgemm_ms();
  printf("oneDNN %d.%d.%d, a product of 8 x 8 by 8 x 8: the first call takes %.1f ms of processor time, the second %.3f\n", version->major,
         version->minor, version->patch, first, second);
  return version->major == 2 && version->minor == 6 && first > 5 && second < first / 20 ? EXIT_SUCCESS : EXIT_FAILURE;
}
EOF
g++ -std=c++17 -O1 -I"$T/root/usr/include" -I"$L/../../include/x86_64-linux-gnu" first.cpp -L"$L" -l:libdnnl.so.2 -Wl,--allow-shlib-undefined -o first
for isa in AVX512_CORE AVX2; do echo -n "$isa: "; DNNL_MAX_CPU_ISA=$isa OMP_NUM_THREADS=1 LD_LIBRARY_PATH=$L ./first; done
