/// The GPU's timer: CUDA events around an op, or around several, in their stream.
#include <algorithm>

#include "bench/op_timer.h"
#include "kernels/core/context_cuda.h"
#include "kernels/core/copy.h"

namespace hdecomp::cuda {
namespace {

using Event = Owned<cudaEvent_t, cudaEventDestroy>;

/// Twice the L2 cache, so that clearing it leaves nothing else there.
int64_t flush_bytes(const Context& context) {
  int l2_bytes = 0;
  HDECOMP_CHECK(cudaDeviceGetAttribute(&l2_bytes, cudaDevAttrL2CacheSize, context.device().index));
  return 2 * std::max<int64_t>(l2_bytes, 1 << 20);
}

class EventTimer final : public OpTimer {
 public:
  explicit EventTimer(const Context& context)
      : context_(context), flushed_(context.device(), {flush_bytes(context)}) {
    HDECOMP_CHECK(cudaEventCreate(begin_.out()));
    HDECOMP_CHECK(cudaEventCreate(end_.out()));
  }

  /// While the GPU clears the buffer the host queues the op behind it, so that short launches do
  /// not wait for the host.
  double seconds(const Op& op) override {
    clear(context_, flushed_);
    return timed([&] { op(); });
  }

  /// The first round leaves the L2 cache as the last op of every round does: full of lines that it
  /// wrote and that the first op of the next pays for.
  double seconds_each(const std::vector<Op>& ops) override {
    const auto round = [&] {
      for (const Op& op : ops) op();
    };
    round();
    return timed(round) / static_cast<double>(ops.size());
  }

 private:
  template <class Work>
  double timed(const Work& work) {
    HDECOMP_CHECK(cudaEventRecord(begin_.get(), context_.cuda().stream()));
    work();
    HDECOMP_CHECK(cudaEventRecord(end_.get(), context_.cuda().stream()));
    HDECOMP_CHECK(cudaEventSynchronize(end_.get()));
    float ms = 0;
    HDECOMP_CHECK(cudaEventElapsedTime(&ms, begin_.get(), end_.get()));
    return double{ms} / 1000;
  }

  const Context& context_;
  TensorOf<uint8_t> flushed_;
  Event begin_, end_;
};

}  // namespace

std::unique_ptr<OpTimer> make_op_timer(const Context& context) {
  return std::make_unique<EventTimer>(context);
}

}  // namespace hdecomp::cuda
