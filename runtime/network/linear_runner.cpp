/// Runs linear layers.
#include "hdecomp/error.h"
#include "runtime/network/node_runners.h"
#include "runtime/network/node_specs.h"

namespace hdecomp {
namespace {

class LinearRunner final : public NodeRunner {
 public:
  explicit LinearRunner(const NodePlace& place) : NodeRunner(place) {}

  MapsForward over_maps(int64_t items, const MapsGiven& given, BufferPool&) const override {
    if (given.windows) throw Error("a linear layer's channels are mixed");
    return [linear = std::shared_ptr<Linear>(make(items))](
               std::span<const Tensor* const> x, Tensor& y) { linear->forward(*x[0], y); };
  }

  void window_backward(size_t, const InputFeatures&, const WindowBatch& above,
                       const GradientBelow& below) const override {
    linear_window_backward(context(), weights().weight, above, below);
  }

  int64_t window_scratch() const override { return linear_window_scratch(context()); }

  void dense_backward(size_t, const InputFeatures&, const Tensor& gradient,
                      Tensor& target) override {
    const int64_t images = gradient.shape()[0];
    if (!backward_ || backward_->spec().batch != images) backward_ = make(images);
    backward_->backward_data(gradient, target);
  }

 private:
  std::unique_ptr<Linear> make(int64_t batch) const {
    return make_linear(context(), linear_spec(node(), in(), batch), weights().weight,
                       weights().bias);
  }

  std::unique_ptr<Linear> backward_;  // for the dense gradient
};

}  // namespace

std::unique_ptr<NodeRunner> make_linear_runner(const NodePlace& place) {
  return std::make_unique<LinearRunner>(place);
}

}  // namespace hdecomp
