#!/usr/bin/env bash
# oneDNN's ReLU and max-pool drop NaN, its Winograd convolution's ReLU keeps it.
# Library: oneDNN 2.6.3 (Debian 12: libdnnl2, libdnnl-dev 2.6.3-1), float32, on the CPU.
# Behaviour: the documented ReLU is d = s where s > 0 and alpha * s elsewhere, so that a NaN should stay a NaN. Alone, or
# fused into a direct convolution, it makes 0 of it, on every instruction set tried (SSE4.1, AVX2, AVX-512), while the same
# fused ReLU behind Winograd's algorithm (AVX-512 alone) keeps it. Max-pooling drops a NaN wherever it stands in its window.
# An overflow inside a network (inf - inf) so becomes an ordinary number or not, by which algorithm a layer gets.
# Seen, 2026-11-28, AMD EPYC with AVX-512, one NaN among the inputs:
#   direct convolution: 576 NaN, with ReLU fused 0; ReLU alone: 0 of 1; max-pool: 0 of 1
#   winograd convolution: 576 NaN, with ReLU fused 576
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs libdnnl-dev=2.6.3-1 libdnnl2=2.6.3-1

cat >nan.cpp <<'EOF'
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <dnnl.hpp>
#include <vector>
using namespace dnnl;
const auto f32 = memory::data_type::f32;
const auto inference = prop_kind::forward_inference;
engine cpu(engine::kind::cpu, 0);
stream order(cpu);

int nans(const std::vector<float>& values) {
  int count = 0;
  for (float v : values) count += std::isnan(v);
  return count;
}

memory in_layout(memory from, const memory::desc& wanted) {
  memory to(wanted, cpu);
  reorder(from, to).execute(order, from, to);
  return to;
}

// How many of 64 x 24 x 24 outputs are NaN where one of 64 x 24 x 24 inputs is; the kernel is 3 x 3.
int convolution(algorithm how, bool with_relu) {
  primitive_attr attributes;
  post_ops fused;
  if (with_relu) fused.append_eltwise(1, algorithm::eltwise_relu, 0, 0);
  attributes.set_post_ops(fused);
  const auto any = memory::format_tag::any;
  const memory::dims map{1, 64, 24, 24}, kernel{64, 64, 3, 3}, one{1, 1};
  convolution_forward::desc op(inference, how, {map, f32, any}, {kernel, f32, any}, {map, f32, any}, one, one, one);
  convolution_forward::primitive_desc plan(op, attributes, cpu);
  std::vector<float> x(64 * 576, 1), w(64 * 64 * 9, 0.1f), y(64 * 576);
  x[5 * 24 + 5] = NAN;
  memory given({map, f32, memory::format_tag::nchw}, cpu, x.data());
  memory weights({kernel, f32, memory::format_tag::oihw}, cpu, w.data());
  memory result({map, f32, memory::format_tag::nchw}, cpu, y.data()), inside(plan.dst_desc(), cpu);
  convolution_forward(plan).execute(order, {{DNNL_ARG_SRC, in_layout(given, plan.src_desc())},
                                            {DNNL_ARG_WEIGHTS, in_layout(weights, plan.weights_desc())},
                                            {DNNL_ARG_DST, inside}});
  reorder(inside, result).execute(order, inside, result);
  order.wait();
  return nans(y);
}

int relu() {
  std::vector<float> x(16, 1), y(16);
  x[3] = NAN;
  memory::desc map({1, 1, 4, 4}, f32, memory::format_tag::nchw);
  memory in(map, cpu, x.data()), out(map, cpu, y.data());
  eltwise_forward::primitive_desc plan({inference, algorithm::eltwise_relu, map, 0, 0}, cpu);
  eltwise_forward(plan).execute(order, {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
  order.wait();
  return nans(y);
}

int max_pool() {
  std::vector<float> x(16, 1), y(4);
  x[0] = NAN;
  memory::desc map({1, 1, 4, 4}, f32, memory::format_tag::nchw), half({1, 1, 2, 2}, f32, memory::format_tag::nchw);
  memory in(map, cpu, x.data()), out(half, cpu, y.data());
  pooling_forward::primitive_desc plan({inference, algorithm::pooling_max, map, half, {2, 2}, {2, 2}, {0, 0}, {0, 0}}, cpu);
  pooling_forward(plan).execute(order, {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
  order.wait();
  return nans(y);
}

int main() {
  const auto direct = algorithm::convolution_direct, winograd = algorithm::convolution_winograd;
  const dnnl_version_t* version = dnnl_version();
  const int plain = convolution(direct, false), fused = convolution(direct, true), alone = relu(), pooled = max_pool();
  printf("oneDNN %d.%d.%d\n", version->major, version->minor, version->patch);
  printf("direct convolution: %d NaN, with ReLU fused %d; ReLU alone: %d of 1; max-pool: %d of 1\n", plain, fused, alone, pooled);
  bool same = version->major == 2 && version->minor == 6 && plain == 576 && fused == 0 && alone == 0 && pooled == 0;
  if (__builtin_cpu_supports("avx512bw")) {
    const int kept = convolution(winograd, true);
    printf("winograd convolution: %d NaN, with ReLU fused %d\n", convolution(winograd, false), kept);
    same = same && kept == 576;
  }
  return same ? EXIT_SUCCESS : EXIT_FAILURE;
}
EOF
g++ -std=c++17 -O1 -I"$T/root/usr/include" -I"$L/../../include/x86_64-linux-gnu" nan.cpp -L"$L" -l:libdnnl.so.2 -Wl,--allow-shlib-undefined -o nan
LD_LIBRARY_PATH=$L ./nan
