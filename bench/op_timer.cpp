/// The CPU's timer and the choice of the device.
#include "bench/op_timer.h"

#include "hdecomp/stopwatch.h"

namespace hdecomp {
namespace {

class WallTimer final : public OpTimer {
 public:
  double seconds(const Op& op) override {
    const Stopwatch watch;
    op();
    return watch.ms() / 1000;
  }
  double seconds_each(const std::vector<Op>& ops) override {
    const Stopwatch watch;
    for (const Op& op : ops) op();
    return watch.ms() / 1000 / static_cast<double>(ops.size());
  }
};

}  // namespace

std::unique_ptr<OpTimer> make_op_timer(const Context& context) {
  if (context.device().kind == DeviceKind::cuda) return cuda::make_op_timer(context);
  return std::make_unique<WallTimer>();
}

}  // namespace hdecomp
