#!/usr/bin/env bash
# oneDNN's softplus is negative for thousands of inputs, its logsigmoid positive, and its log(1) is not 0.
# Library: oneDNN 2.6.3 (Debian 12: libdnnl2, libdnnl-dev 2.6.3-1), float32, on the CPU.
# Behaviour: eltwise_soft_relu is documented as ln(1 + e^x), which is above 0 everywhere and rises with x, eltwise_logsigmoid
# as -ln(1 + e^-x), below 0 everywhere, eltwise_log as ln(x). Of a small result rounding alone is left: from -17 down softplus
# is 0 or some millionths above or below it by turns, and a logarithm or root after it makes NaN of that; "log of a
# probability" is above 0. log(1) is -1.4e-6 with AVX2 and AVX-512, and 0 with SSE4.1, so that one file's values differ by
# machine where the exact one is representable. Nothing documented gives a bound.
# Seen, 2026-11-29, AMD EPYC (Zen 4), of the 92,000 inputs from -100 to -8 in steps of 0.001:
#   SSE41: oneDNN 2.6.3: softplus(-18) = -1.907e-06 (exact 1.523e-08), 4159 of 92000 below 0; logsigmoid(18) = 1.907e-06; log(1) = 0
#   AVX2: oneDNN 2.6.3: softplus(-18) = -1.907e-06 (exact 1.523e-08), 4159 of 92000 below 0; logsigmoid(18) = 1.907e-06; log(1) = -1.431e-06
#   AVX512_CORE: oneDNN 2.6.3: softplus(-18) = -1.907e-06 (exact 1.523e-08), 4159 of 92000 below 0; logsigmoid(18) = 1.907e-06; log(1) = -1.431e-06
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs libdnnl-dev=2.6.3-1 libdnnl2=2.6.3-1

cat >softplus.cpp <<'END'
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <dnnl.hpp>
#include <string>
#include <vector>
using namespace dnnl;
const engine cpu(engine::kind::cpu, 0);

std::vector<float> values_of(algorithm function, std::vector<float> x) {
  std::vector<float> y(x.size());
  const memory::desc row({1, memory::dim(x.size()), 1, 1}, memory::data_type::f32, memory::format_tag::nchw);
  memory in(row, cpu, x.data()), out(row, cpu, y.data());
  eltwise_forward::primitive_desc plan({prop_kind::forward_inference, function, row, 0, 0}, cpu);
  stream order(cpu);
  eltwise_forward(plan).execute(order, {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
  order.wait();
  return y;
}

int main() {
  std::vector<float> grid;
  for (int i = 0; i < 92000; ++i) grid.push_back(-100 + 0.001f * float(i));
  const std::vector<float> softplus = values_of(algorithm::eltwise_soft_relu, grid);
  const auto below = std::count_if(softplus.begin(), softplus.end(), [](float y) { return y < 0; });
  const std::vector<float> ones(16, 1.0f), low(16, -18.0f), high(16, 18.0f);
  const float at = values_of(algorithm::eltwise_soft_relu, low)[0], log_of_probability = values_of(algorithm::eltwise_logsigmoid, high)[0];
  const float log_of_one = values_of(algorithm::eltwise_log, ones)[0];
  const bool sse = std::getenv("DNNL_MAX_CPU_ISA") == std::string("SSE41");
  const dnnl_version_t* version = dnnl_version();
  printf("oneDNN %d.%d.%d: softplus(-18) = %.4g (exact %.4g), %ld of 92000 below 0; logsigmoid(18) = %.4g; log(1) = %.4g\n", version->major,
         version->minor, version->patch, double(at), std::log1p(std::exp(-18.0)), long(below), double(log_of_probability), double(log_of_one));
  return at < 0 && below > 1000 && log_of_probability > 0 && (log_of_one == 0) == sse ? EXIT_SUCCESS : EXIT_FAILURE;
}
END
g++ -std=c++17 -O1 -I"$T/root/usr/include" -I"$L/../../include/x86_64-linux-gnu" softplus.cpp -L"$L" -l:libdnnl.so.2 -Wl,--allow-shlib-undefined -o softplus
has() { for flag in "$@"; do grep -qw "$flag" /proc/cpuinfo || return 1; done; }
if ! has avx2 fma; then echo "no AVX2 here, without which log(1) is 0"; exit 1; fi
isas="SSE41 AVX2"
if has avx512f avx512bw avx512vl avx512dq; then isas="$isas AVX512_CORE"; fi
for isa in $isas; do echo -n "$isa: "; DNNL_MAX_CPU_ISA=$isa LD_LIBRARY_PATH=$L ./softplus; done
