#!/usr/bin/env bash
# oneDNN prepares a convolution's weights for Winograd's algorithm more than ten times slower, byte for byte, than for the
# direct one, and one preparation takes longer than several of the convolutions that it is for.
# Library: oneDNN 2.6.3 (Debian 12: libdnnl2, libdnnl-dev 2.6.3-1), float32, on a CPU with AVX-512, one thread.
# Behaviour: a reorder from oihw to the layout that the primitive asks for is memory traffic and, for Winograd, some 160
# multiply-adds for each 3 x 3 kernel (0.04 G for 512 x 512 of them), so a few milliseconds were expected. Who asks for
# Winograd because a convolution of one image is twice as fast then waits longer for its first image than without.
# Seen, 2026-11-29, Intel Xeon (Sapphire Rapids):
#   oneDNN 2.6.3, one thread, weights 512 x 512 x 3 x 3, a map of 28 x 28
#   brgconv:avx512_core: weights prepared in 0.8 ms (24.54 GB/s read and written), used in 21.4 ms
#   jit_wino_4x3:avx512_core: weights prepared in 120.8 ms (0.39 GB/s read and written), used in 11.2 ms
#   a byte takes 63 times as long; preparing once takes as long as 10.7 convolutions
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs libdnnl-dev=2.6.3-1 libdnnl2=2.6.3-1

cat >prepare.cpp <<'EOF'
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <dnnl.hpp>
#include <string>
#include <vector>
using namespace dnnl;
const auto f32 = memory::data_type::f32;
engine cpu(engine::kind::cpu, 0);
stream order(cpu);

template <class Run>
double best_ms(Run run) {
  double best = 1e9;
  for (int i = 0; i < 7; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    run();
    order.wait();
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

struct Times {
  std::string name;
  double reorder, convolution, bytes;
};

Times times(algorithm how) {
  const auto any = memory::format_tag::any;
  const memory::dims map{1, 512, 28, 28}, kernel{512, 512, 3, 3}, one{1, 1};
  convolution_forward::desc op(prop_kind::forward_inference, how, {map, f32, any}, {kernel, f32, any}, {map, f32, any}, one, one, one);
  convolution_forward::primitive_desc plan(op, cpu);
  std::vector<float> w(512 * 512 * 9, 0.1f);
  memory given({kernel, f32, memory::format_tag::oihw}, cpu, w.data());
  memory weights(plan.weights_desc(), cpu), x(plan.src_desc(), cpu), y(plan.dst_desc(), cpu);
  std::fill_n(static_cast<float*>(x.get_data_handle()), plan.src_desc().get_size() / 4, 1.0f);
  reorder prepare(given, weights);
  convolution_forward conv(plan);
  const double a = best_ms([&] { prepare.execute(order, given, weights); });
  const double b = best_ms([&] { conv.execute(order, {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, y}}); });
  return {plan.impl_info_str(), a, b, double(w.size() * 4 + plan.weights_desc().get_size())};
}

int main() {
  if (!__builtin_cpu_supports("avx512bw")) {
    printf("no AVX-512 here, which oneDNN's Winograd needs: nothing was measured\n");
    return EXIT_SUCCESS;
  }
  const dnnl_version_t* version = dnnl_version();
  printf("oneDNN %d.%d.%d, one thread, weights 512 x 512 x 3 x 3, a map of 28 x 28\n", version->major, version->minor, version->patch);
  const Times direct = times(algorithm::convolution_direct), winograd = times(algorithm::convolution_winograd);
  for (const Times& t : {direct, winograd}) {
    printf("%s: weights prepared in %.1f ms (%.2f GB/s read and written), used in %.1f ms\n", t.name.c_str(), t.reorder, t.bytes / t.reorder / 1e6, t.convolution);
  }
  const double slower = winograd.reorder / winograd.bytes * direct.bytes / direct.reorder;
  const double uses = winograd.reorder / winograd.convolution;
  printf("a byte takes %.0f times as long; preparing once takes as long as %.1f convolutions\n", slower, uses);
  return version->major == 2 && version->minor == 6 && slower > 10 && uses > 3 ? EXIT_SUCCESS : EXIT_FAILURE;
}
EOF
g++ -std=c++17 -O1 -I"$T/root/usr/include" -I"$L/../../include/x86_64-linux-gnu" prepare.cpp -L"$L" -l:libdnnl.so.2 -Wl,--allow-shlib-undefined -o prepare
OMP_NUM_THREADS=1 LD_LIBRARY_PATH=$L ./prepare
