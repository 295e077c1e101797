/// Runs adaptive average pools.
#include "kernels/pool/pool.h"

#include "runtime/network/node_runners.h"

namespace hdecomp {
namespace {

class AdaptiveAvgPoolRunner final : public NodeRunner {
 public:
  explicit AdaptiveAvgPoolRunner(const NodePlace& place) : NodeRunner(place) {}

  void add_step(ForwardPlan& plan, int64_t batch, BufferPool& pool) const override {
    if (node().pool_size != 1) return NodeRunner::add_step(plan, batch, pool);
    CellOp mean;  // over the map
    mean.formula = CellFormula::mean;
    mean.y.size = mean.map_h = in().height;
    mean.x.size = mean.map_w = in().width;
    plan.cell(node().inputs, {batch, in().channels, 1, 1}, mean, {}, over_maps(batch, {}, pool));
  }

  MapsForward over_maps(int64_t, const MapsGiven&, BufferPool&) const override {
    return [this](std::span<const Tensor* const> x, Tensor& y) {
      adaptive_avg_pool_forward(context(), *x[0], y);
    };
  }

  void window_backward(size_t, const InputFeatures&, const WindowBatch& above,
                       const GradientBelow& below) const override {
    adaptive_avg_pool_window_backward(context(), above, below);
  }

  void dense_backward(size_t, const InputFeatures&, const Tensor& gradient,
                      Tensor& target) override {
    adaptive_avg_pool_backward(context(), gradient, target);
  }
};

}  // namespace

std::unique_ptr<NodeRunner> make_adaptive_avg_pool_runner(const NodePlace& place) {
  return std::make_unique<AdaptiveAvgPoolRunner>(place);
}

}  // namespace hdecomp
