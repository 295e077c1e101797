/// Every op by itself at two sizes, small ones for latency and large ones for throughput, against
/// the bytes that it must move and what a copy moves.
#include "bench/kernel_bench.h"

#include <algorithm>
#include <cmath>

#include "bench/bench_main.h"

namespace hdecomp {
namespace {

/// Reads `bytes` and writes them elsewhere.
PreparedOp prepare_copy(const Context& context, int64_t bytes) {
  using Bytes = TensorOf<uint8_t>;
  auto from = std::make_shared<Bytes>(context.device(), Shape{bytes});
  auto to = std::make_shared<Bytes>(context.device(), Shape{bytes});
  clear(context, *from);
  return {[&context, from, to] { copy(context, *from, *to); }, 2.0 * static_cast<double>(bytes)};
}

int64_t large_copy(const Context& context) {
  return int64_t{1} << (context.device().kind == DeviceKind::cpu ? 24 : 29);
}

/// Measures prepared ops: small ones alone, large ones one behind the other. The last ones are
/// kept: Google Benchmark calls a benchmark several times.
class Measurer {
 public:
  explicit Measurer(const Context& context) : context_(context), timer_(make_op_timer(context)) {
    const PreparedOp copy = prepare_copy(context, large_copy(context));
    std::vector<double> rates;
    for (int i = 0; i < 20; ++i) rates.push_back(copy.bytes / timer_->seconds_each({copy.run}));
    std::ranges::nth_element(rates, rates.begin() + 10);
    copy_rate_ = rates[10];
  }

  void measure(benchmark::State& state, const std::string& name, const PrepareOp& prepare) {
    if (name_ != name) this->prepare(name, prepare);
    seconds();  // takes memory and makes plans
    // A difference of two short times may come out at nothing.
    for (auto _ : state) state.SetIterationTime(std::max(seconds(), 1e-9));
    count(state);
  }

 private:
  /// Of a large op so many that the data of each are gone from a GPU's cache when its turn comes
  /// again; one that moves too little for that is timed alone.
  void prepare(const std::string& name, const PrepareOp& prepare) {
    name_.clear();
    runs_.clear();
    withouts_.clear();
    op_ = {};
    op_ = prepare(context_);
    constexpr double enough_bytes = 256 << 20, most = 64;
    const double wanted = std::ceil(enough_bytes / std::max(op_.bytes, 1.0));
    is_large_ = name.ends_with("/large") && wanted <= most;
    const double sets = is_large_ && context_.device().kind == DeviceKind::cuda ? wanted : 1;
    for (int i = 0; i < static_cast<int>(sets); ++i) {
      const PreparedOp same = i == 0 ? op_ : prepare(context_);
      runs_.push_back(same.run);
      if (same.without) withouts_.push_back(same.without);
    }
    name_ = name;
  }

  double seconds() { return seconds(runs_) - (withouts_.empty() ? 0 : seconds(withouts_)); }
  double seconds(const std::vector<OpTimer::Op>& ops) {
    return is_large_ ? timer_->seconds_each(ops) : timer_->seconds(ops.front());
  }

  void count(benchmark::State& state) const {
    constexpr auto rate = benchmark::Counter::kIsIterationInvariantRate;
    state.counters["bytes"] = op_.bytes;
    if (op_.bytes > 0) state.counters["GB/s"] = {1e-9 * op_.bytes, rate};
    if (op_.bytes > 0 && context_.device().kind == DeviceKind::cuda) {
      state.counters["of copy"] = {op_.bytes / copy_rate_, rate};
    }
    if (op_.operations > 0) state.counters["GFLOP/s"] = {1e-9 * op_.operations, rate};
  }

  const Context& context_;
  std::unique_ptr<OpTimer> timer_;
  double copy_rate_ = 0;  // bytes per second
  std::string name_;
  bool is_large_ = false;
  PreparedOp op_;
  std::vector<OpTimer::Op> runs_, withouts_;
};

OpList all_ops(const Context& context) {
  OpList ops;
  // What the events alone take.
  ops.emplace_back("nothing", [](const Context&) { return PreparedOp{[] {}}; });
  ops.emplace_back("copy/large",
                   [](const Context& own) { return prepare_copy(own, large_copy(own)); });
  ops.emplace_back("copy/small",
                   [](const Context& own) { return prepare_copy(own, int64_t{1} << 20); });
  add_gap_ops(ops);
  add_window_ops(ops);
  add_map_ops(ops);
  if (context.device().kind == DeviceKind::cuda) add_cuda_ops(ops);
  return ops;
}

void add_benchmarks(BenchRun& run) {
  const auto measurer = std::make_shared<Measurer>(run.context());
  for (auto& [name, prepare] : all_ops(run.context())) {
    run.add(name, [measurer, name = name, prepare = prepare](
                      benchmark::State& state) { measurer->measure(state, name, prepare); })
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace
}  // namespace hdecomp

int main(int argc, char** argv) {
  return hdecomp::bench_main(argc, argv, {"--benchmark_min_time=0.01"}, hdecomp::add_benchmarks);
}
