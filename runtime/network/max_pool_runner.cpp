/// Runs max-pools.
#include <limits>

#include "runtime/network/node_runners.h"
#include "runtime/network/node_specs.h"

namespace hdecomp {
namespace {

class MaxPoolRunner final : public NodeRunner {
 public:
  explicit MaxPoolRunner(const NodePlace& place) : NodeRunner(place) {}

  void add_step(ForwardPlan& plan, int64_t, BufferPool&) const override {
    plan.max_pool(node().inputs[0], pool_spec(node()));
  }

  MapsForward over_maps(int64_t, const MapsGiven& given, BufferPool& pool) const override {
    PoolSpec spec = pool_spec(node());
    if (given.windows) spec.pad_h = spec.pad_w = spec.far_h = spec.far_w = 0;
    return [this, spec, &pool, argmax = std::make_shared<IndexTensor>()](
               std::span<const Tensor* const> x, Tensor& y) {
      if (argmax->shape() != y.shape()) *argmax = take_tensor<int32_t>(pool, y.shape());
      max_pool_forward(context(), spec, *x[0], y, *argmax);
    };
  }
  float outside() const override { return -std::numeric_limits<float>::infinity(); }

  void window_backward(size_t which, const InputFeatures& features, const WindowBatch& above,
                       const GradientBelow& below) const override {
    max_pool_window_backward(context(), kernels_of(node()), *features[which], above, below);
  }

  void dense_backward(size_t which, const InputFeatures& features, const Tensor& gradient,
                      Tensor& target) override {
    if (argmax_.shape() != gradient.shape()) {
      pooled_ = Tensor(context().device(), gradient.shape());
      argmax_ = IndexTensor(context().device(), gradient.shape());
    }
    max_pool_forward(context(), pool_spec(node()), *features[which], pooled_, argmax_);
    max_pool_backward(context(), pool_spec(node()), gradient, argmax_, target);
  }

 private:
  Tensor pooled_;  // of the dense gradient, as is what follows
  IndexTensor argmax_;
};

}  // namespace

std::unique_ptr<NodeRunner> make_max_pool_runner(const NodePlace& place) {
  return std::make_unique<MaxPoolRunner>(place);
}

}  // namespace hdecomp
