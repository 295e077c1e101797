/// Runs convolutions.
#include "hdecomp/error.h"
#include "runtime/network/node_runners.h"
#include "runtime/network/node_specs.h"

namespace hdecomp {
namespace {

class ConvRunner final : public NodeRunner {
 public:
  explicit ConvRunner(const NodePlace& place) : NodeRunner(place) {}

  void add_step(ForwardPlan& plan, int64_t batch, BufferPool&) const override {
    plan.conv(node().inputs[0], conv_spec(node(), in(), batch), weights().weight, weights().bias);
  }

  MapsForward over_maps(int64_t items, const MapsGiven& given, BufferPool&) const override {
    if (given.windows) throw Error("a convolution's channels are mixed");
    return [conv = std::shared_ptr<Conv>(make(items))](std::span<const Tensor* const> x,
                                                       Tensor& y) { conv->forward(*x[0], y); };
  }

  void window_backward(size_t, const InputFeatures&, const WindowBatch& above,
                       const GradientBelow& below) const override {
    conv_window_backward(context(), weights().weight, kernels_of(node()), node().groups, above,
                         below);
  }

  void dense_backward(size_t, const InputFeatures&, const Tensor& gradient,
                      Tensor& target) override {
    const int64_t images = gradient.shape()[0];
    // On the CPU one by one: the weights stay in its cache, and each image has the bits that it
    // has alone.
    const int64_t at_once = context().device().kind == DeviceKind::cpu ? 1 : images;
    if (!backward_ || backward_->spec().batch != at_once) backward_ = make(at_once);
    for (int64_t first = 0; first < images; first += at_once) {
      Tensor part = rows(target, first, first + at_once);
      backward_->backward_data(rows(gradient, first, first + at_once), part);
    }
  }

 private:
  std::unique_ptr<Conv> make(int64_t batch) const {
    return make_conv(context(), conv_spec(node(), in(), batch), weights().weight, weights().bias,
                     store());
  }

  std::unique_ptr<Conv> backward_;  // for the dense gradient
};

}  // namespace

std::unique_ptr<NodeRunner> make_conv_runner(const NodePlace& place) {
  return std::make_unique<ConvRunner>(place);
}

}  // namespace hdecomp
