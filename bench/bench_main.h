/// What the Google Benchmark programs share: the flags that choose device and precision, and
/// failures that end in an exit code.
#pragma once

#include <benchmark/benchmark.h>

#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "kernels/core/context.h"

namespace hdecomp {

/// One run of a program. Benchmarks are registered with it and must not outlive it.
class BenchRun {
 public:
  explicit BenchRun(const Context& context) : context_(context) {}

  const Context& context() const { return context_; }
  bool failed() const { return failed_; }

  /// Registers `body`; an exception of it ends that benchmark with its message and fails the run.
  benchmark::internal::Benchmark* add(const std::string& name,
                                      std::function<void(benchmark::State&)> body);

 private:
  const Context& context_;
  bool failed_ = false;
};

/// main() of a program. `flags` are arguments of Google Benchmark that hold unless given again. Its
/// own: --device cpu|cuda|cuda:N (else the environment's HDECOMP_BENCH_DEVICE, else the first
/// usable GPU, else the CPU), --precision (HDECOMP_BENCH_PRECISION, float32) and --threads (every
/// core). Returns 0, 1 if a benchmark failed, or 2 for a mistake in the arguments.
int bench_main(int argc, char** argv, const std::vector<std::string>& flags,
               const std::function<void(BenchRun&)>& add_benchmarks);

}  // namespace hdecomp
