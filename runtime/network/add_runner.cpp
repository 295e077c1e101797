/// Runs sums of two maps.
#include "kernels/core/copy.h"
#include "kernels/map/elementwise.h"
#include "runtime/network/node_runners.h"

namespace hdecomp {
namespace {

class AddRunner final : public NodeRunner {
 public:
  explicit AddRunner(const NodePlace& place) : NodeRunner(place) {}

  void add_step(ForwardPlan& plan, int64_t, BufferPool&) const override {
    plan.add(node().inputs[0], node().inputs[1], node().activation);
  }

  MapsForward over_maps(int64_t, const MapsGiven&, BufferPool&) const override {
    return [this](std::span<const Tensor* const> x, Tensor& y) {
      add_forward(context(), *x[0], *x[1], node().activation, y);
    };
  }

  void window_backward(size_t, const InputFeatures&, const WindowBatch& above,
                       const GradientBelow& below) const override {
    copy_window_backward(context(), above, below);
  }
  bool window_in_place(size_t) const override { return true; }

  void dense_backward(size_t, const InputFeatures&, const Tensor& gradient,
                      Tensor& target) override {
    copy(context(), gradient, target);
  }
};

}  // namespace

std::unique_ptr<NodeRunner> make_add_runner(const NodePlace& place) {
  return std::make_unique<AddRunner>(place);
}

}  // namespace hdecomp
