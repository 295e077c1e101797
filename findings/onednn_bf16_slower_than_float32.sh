#!/usr/bin/env bash
# oneDNN's bf16 convolutions take longer than its float32 ones on a processor that has AVX512_BF16.
# Library: oneDNN 2.6.3 (Debian 12: libdnnl2, libdnnl-dev 2.6.3-1), one thread, on a processor with avx512_bf16 and without AMX.
# Behaviour: an instruction of it (vdpbf16ps) does twice the multiply-adds of a float32 one, so twice the speed was expected, as
# oneDNN's documentation says of bf16. The processor starts one of them every two cycles, where it starts four float32 ones: half
# the multiply-adds. oneDNN takes the instruction wherever bf16 is asked for, for it is what the processor offers, and is
# twice as slow as its own direct convolution in float32, up to four times as slow as its Winograd one. What bf16 can gain there
# is memory: numbers widened in a register and multiplied in float32.
# Seen, 2026-11-30, Intel Xeon (family 6, model 207), a virtual machine:
#   instructions alone: 93 thousand million multiply-adds a second in float32, 44 in bf16
#   256 channels, 56 x 56, kernel 3: float32 21.96 ms (brgconv:avx512_core), bf16 42.69 ms (brgconv:avx512_core_bf16), float32 by Winograd 10.07 ms
#   512 channels, 28 x 28, kernel 3: float32 22.56 ms (brgconv:avx512_core), bf16 42.46 ms (brgconv:avx512_core_bf16), float32 by Winograd 12.81 ms
#   256 channels, 14 x 14, kernel 3: float32 1.21 ms (brgconv:avx512_core), bf16 2.42 ms (brgconv:avx512_core_bf16), float32 by Winograd 0.96 ms
#   256 channels, 56 x 56, kernel 1: float32 2.65 ms (brgconv_1x1:avx512_core), bf16 4.94 ms (brgconv_1x1:avx512_core_bf16)
set -eu
grep -q avx512_bf16 /proc/cpuinfo || { echo "this processor has no avx512_bf16: nothing to see"; exit 1; }
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs libdnnl-dev=2.6.3-1 libdnnl2=2.6.3-1

cat >bf16.cpp <<'EOF'
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dnnl.hpp>
#include <unordered_map>

using namespace dnnl;
using Type = memory::data_type;

// Of processor time, which neighbours on the machine do not count in, the least of some runs.
template <class Body>
double least_ms(Body body) {
  double least = 1e9;
  for (int i = 0; i < 15; ++i) {
    const clock_t begin = clock();
    body();
    least = std::min(least, 1e3 * double(clock() - begin) / CLOCKS_PER_SEC);
  }
  return least;
}

// Twelve independent sums of sixteen numbers, n times.
__attribute__((target("avx512f"), noinline)) void float_steps(long n) {
  asm volatile("1:\n"
#define S(r) "vfmadd231ps %%zmm30, %%zmm31, %%zmm" #r "\n"
               S(0) S(1) S(2) S(3) S(4) S(5) S(6) S(7) S(8) S(9) S(10) S(11) "dec %0\n jnz 1b\n" : "+r"(n)::"memory");
}
__attribute__((target("avx512f"), noinline)) void bf16_steps(long n) {
  asm volatile("1:\n"
#undef S
#define S(r) "vdpbf16ps %%zmm30, %%zmm31, %%zmm" #r "\n"
               S(0) S(1) S(2) S(3) S(4) S(5) S(6) S(7) S(8) S(9) S(10) S(11) "dec %0\n jnz 1b\n" : "+r"(n)::"memory");
}

double conv_ms(algorithm how, Type type, int channels, int side, int kernel, const char*& name) {
  static engine cpu(engine::kind::cpu, 0);
  stream order(cpu);
  const auto any = [](memory::dims dims, Type of) { return memory::desc(dims, of, memory::format_tag::any); };
  const int pad = kernel / 2;
  convolution_forward::desc op(prop_kind::forward_inference, how, any({1, channels, side, side}, type),
                               any({channels, channels, kernel, kernel}, type), any({1, channels, side, side}, Type::f32), {1, 1},
                               {pad, pad}, {pad, pad});
  convolution_forward::primitive_desc chosen(op, cpu);
  name = chosen.impl_info_str();
  const auto ones = [&](const memory::desc& layout) {
    memory made(layout, cpu);
    char* bytes = static_cast<char*>(made.get_data_handle());
    const uint32_t one = type == Type::bf16 ? 0x3f803f80 : 0x3f800000;
    for (size_t i = 0; i + 4 <= layout.get_size(); i += 4) memcpy(bytes + i, &one, 4);
    return made;
  };
  convolution_forward conv(chosen);
  const std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, ones(chosen.src_desc())},
                                                  {DNNL_ARG_WEIGHTS, ones(chosen.weights_desc())},
                                                  {DNNL_ARG_DST, memory(chosen.dst_desc(), cpu)}};
  return least_ms([&] {
    conv.execute(order, arguments);
    order.wait();
  });
}

int main() {
  const double each = 1200000.0 * 12;
  const double floats = each * 16 / least_ms([] { float_steps(1200000); }) / 1e6;
  const double narrow = each * 32 / least_ms([] { bf16_steps(1200000); }) / 1e6;
  printf("instructions alone: %.0f thousand million multiply-adds a second in float32, %.0f in bf16\n", floats, narrow);
  bool slower = narrow < floats;
  for (const auto& [channels, side, kernel] : {std::array{256, 56, 3}, std::array{512, 28, 3}, std::array{256, 14, 3}, std::array{256, 56, 1}}) {
    const char *f32, *bf16, *wino;
    const double direct = conv_ms(algorithm::convolution_direct, Type::f32, channels, side, kernel, f32);
    const double other = conv_ms(algorithm::convolution_direct, Type::bf16, channels, side, kernel, bf16);
    printf("%d channels, %d x %d, kernel %d: float32 %.2f ms (%s), bf16 %.2f ms (%s)", channels, side, side, kernel, direct, f32, other, bf16);
    if (kernel == 3) printf(", float32 by Winograd %.2f ms", conv_ms(algorithm::convolution_winograd, Type::f32, channels, side, kernel, wino));
    printf("\n");
    slower = slower && other > 1.2 * direct;
  }
  return slower ? EXIT_SUCCESS : EXIT_FAILURE;
}
EOF
g++ -std=c++17 -O2 -I"$T/root/usr/include" -I"$L/../../include/x86_64-linux-gnu" bf16.cpp -L"$L" -l:libdnnl.so.2 -Wl,--allow-shlib-undefined -o bf16
OMP_NUM_THREADS=1 LD_LIBRARY_PATH=$L ./bf16
