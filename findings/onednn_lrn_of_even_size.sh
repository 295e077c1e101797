#!/usr/bin/env bash
# oneDNN's local response normalisation leaves out neighbours where the size is even, and how many depends on the layout.
# Library: oneDNN 2.6.3 (Debian 12: libdnnl2, libdnnl-dev 2.6.3-1), float32, on the CPU.
# Behaviour: LRN divides by a power of k + alpha / n * (the sum of n neighbours' squares), across n channels or in a window of n x n.
# With n even there is one more neighbour on one side, as ONNX defines it and as PyTorch has it (on the other side); oneDNN, which
# takes such sizes, was expected to do either. Across channels it adds up n - 1 numbers and divides by n: with 2, a
# channel is normalised by itself alone. Within a channel the reference has (n - 1) x (n - 1) of them, and the kernel for AVX2, which
# is for a power of 0.75, n x n, so that the same net gives other numbers in nchw and in nhwc. There is no error; odd sizes, as
# AlexNet's 5, are right.
# Seen, 2026-12-01, the neighbours that are counted in the middle of a map of ones, by a power of 0.75:
#   oneDNN 2.6.3
#   size 3: across channels, of 3, nchw 3, nhwc 3; within a channel, of 9, nchw 9, nhwc 9
#   size 5: across channels, of 5, nchw 5, nhwc 5; within a channel, of 25, nchw 25, nhwc 25
#   size 2: across channels, of 2, nchw 1, nhwc 1; within a channel, of 4, nchw 1, nhwc 4
#   size 4: across channels, of 4, nchw 3, nhwc 3; within a channel, of 16, nchw 9, nhwc 16
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs libdnnl-dev=2.6.3-1 libdnnl2=2.6.3-1

cat >lrn.cpp <<'EOF'
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <dnnl.hpp>
#include <vector>
using namespace dnnl;
constexpr int kChannels = 16, kSide = 12;

/// How many neighbours' squares the middle cell's sum holds.
float counted(algorithm kind, int size, memory::format_tag layout) {
  const auto f32 = memory::data_type::f32;
  const memory::dims dims = {1, kChannels, kSide, kSide};
  engine cpu(engine::kind::cpu, 0);
  stream order(cpu);
  std::vector<float> values(kChannels * kSide * kSide, 1.0F);
  const memory::desc plain(dims, f32, memory::format_tag::nchw), wanted(dims, f32, layout);
  memory outside(plain, cpu, values.data()), in(wanted, cpu), out(wanted, cpu);
  reorder(outside, in).execute(order, outside, in);
  const int divisor = kind == algorithm::lrn_across_channels ? size : size * size;  // alpha undoes oneDNN's division by it
  const lrn_forward::desc desc(prop_kind::forward_inference, kind, wanted, size, static_cast<float>(divisor), 0.75F, 1.0F);
  lrn_forward(lrn_forward::primitive_desc(desc, cpu)).execute(order, {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
  reorder(out, outside).execute(order, out, outside);
  order.wait();
  return std::pow(values[(kChannels / 2 * kSide + kSide / 2) * kSide + kSide / 2], -4.0F / 3.0F) - 1.0F;
}

int main() {
  const auto* version = dnnl_version();
  printf("oneDNN %d.%d.%d\n", version->major, version->minor, version->patch);
  bool seen = version->major == 2 && version->minor == 6;
  for (const int size : {3, 5, 2, 4}) {
    const bool odd = size % 2 == 1;
    const int part = odd ? size : size - 1;
    const float across = counted(algorithm::lrn_across_channels, size, memory::format_tag::nchw);
    const float last = counted(algorithm::lrn_across_channels, size, memory::format_tag::nhwc);
    const float plain = counted(algorithm::lrn_within_channel, size, memory::format_tag::nchw);
    const float within = counted(algorithm::lrn_within_channel, size, memory::format_tag::nhwc);
    printf("size %d: across channels, of %d, nchw %.0f, nhwc %.0f; within a channel, of %d, nchw %.0f, nhwc %.0f\n", size, size, across, last,
           size * size, plain, within);
    const auto is = [](float got, int count) { return got > count - 0.01F && got < count + 0.01F; };
    seen = seen && is(across, part) && is(last, part) && is(plain, part * part);
    if (__builtin_cpu_supports("avx2")) seen = seen && is(within, size * size);
  }
  return seen ? EXIT_SUCCESS : EXIT_FAILURE;
}
EOF
g++ -std=c++17 -O1 -I"$T/root/usr/include" -I"$L/../../include/x86_64-linux-gnu" lrn.cpp -L"$L" -l:libdnnl.so.2 -Wl,--allow-shlib-undefined -o lrn
LD_LIBRARY_PATH=$L ./lrn
