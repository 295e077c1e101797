/// The forward plan on CUDA: plain (n, c, h, w) activations, every op for the whole batch.
#include "kernels/plan/forward_plan.h"

#include <functional>
#include <vector>

#include "kernels/core/context_cuda.h"
#include "kernels/core/copy.h"
#include "kernels/core/dispatch.h"
#include "kernels/core/recording.h"
#include "kernels/map/concat.h"
#include "kernels/map/elementwise.h"
#include "kernels/map/largest_magnitudes.h"

namespace hdecomp::cuda {
namespace {

/// A run of fewer images than planned computes all the same: the images behind are those of a run
/// before, or zeros, and no image's output depends on another's.
class ForwardPlanCuda final : public ForwardPlan {
 public:
  explicit ForwardPlanCuda(const Context& context) : ForwardPlan(context) {}

  int input(const Shape& shape) override {
    const int step = add_output(shape);
    clear(context_, *outputs_[step]);
    return step;
  }
  int conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) override;
  int max_pool(int from, const PoolSpec& spec) override;
  int add(int a, int b, Activation activation) override;
  int concat(std::span<const int> from) override;
  int plain(std::span<const int> from, const Shape& shape, PlainBody body) override;

  void run(const Tensor& images) override {
    Tensor& held = *outputs_.at(0);
    const Shape &given = images.shape(), &most = held.shape();
    if (given.rank() != 4 || given[0] < 1 || given[0] > most[0]) {
      throw Error(joined("forward plan: images have shape ", given, ", expected 1 to ", most[0],
                         " of ", most));
    }
    require_shape("forward plan", "images", given, {given[0], most[1], most[2], most[3]});
    copy_bytes(context_, images.data(), held.data(),
               images.elements() * static_cast<int64_t>(sizeof(float)));
    // The first run makes what the steps keep; the second is recorded: a launch for the whole net.
    if (recording_) return recording_->replay();
    if (ran_ && !context_.cuda().recording) {
      recording_ = record(context_, [this] { run_steps(); });
      return recording_->replay();
    }
    run_steps();
    ran_ = true;
  }

  const Tensor& output(int step) const override { return *outputs_.at(step); }
  const Shape& shape(int step) const override { return outputs_.at(step)->shape(); }

  void watch(const std::vector<int>& steps) override;
  const Tensor& magnitudes() const override { return magnitudes_; }

 private:
  void run_steps() {
    for (const auto& step : steps_) step();
    if (sources_.elements() == 0) return;
    Tensor magnitudes(context_.device(), sources_.shape(), magnitudes_.data());
    hdecomp::largest_magnitudes(context_, sources_, magnitudes);
  }

  int add_output(const Shape& shape) {
    recording_.reset();
    ran_ = false;
    outputs_.push_back(std::make_unique<Tensor>(context_.device(), shape));
    return static_cast<int>(outputs_.size()) - 1;
  }

  /// An output of that shape, which `step`, called with it, computes.
  template <class Step>
  int add_step(const Shape& shape, Step step) {
    const int number = add_output(shape);
    steps_.push_back([step = std::move(step), y = outputs_[number].get()] { step(*y); });
    return number;
  }

  std::vector<std::unique_ptr<Tensor>> outputs_;
  std::vector<std::function<void()>> steps_;
  std::unique_ptr<Recording> recording_;
  bool ran_ = false;
  TensorOf<FloatArray> sources_;  // (n * watched steps)
  Tensor magnitudes_;             // (n, watched steps)
};

void ForwardPlanCuda::watch(const std::vector<int>& steps) {
  const int64_t images = outputs_.at(0)->shape()[0], watched = std::ssize(steps);
  TensorOf<FloatArray> sources({}, {images * watched});
  for (int64_t image = 0; image < images; ++image) {
    for (int64_t k = 0; k < watched; ++k) {
      const Tensor& output = *outputs_.at(steps[k]);
      const int64_t elements = output.elements() / images;
      sources.data()[image * watched + k] = {output.data() + image * elements, elements};
    }
  }
  sources_ = copied_to(context_.device(), context_, sources);
  magnitudes_ = {context_.device(), {images, watched}};
  recording_.reset();
  ran_ = false;
}

int ForwardPlanCuda::conv(int from, const ConvSpec& spec, const Tensor& weight,
                          const Tensor& bias) {
  return with_layer(spec.layer, [&] {
    const Tensor& x = *outputs_.at(from);
    require_shape("conv", "x", x.shape(), spec.input_shape());
    const std::shared_ptr<Conv> conv = hdecomp::make_conv(context_, spec, weight, bias);
    return add_step(spec.output_shape(), [conv, &x](Tensor& y) { conv->forward(x, y); });
  });
}

int ForwardPlanCuda::max_pool(int from, const PoolSpec& spec) {
  const Tensor& x = *outputs_.at(from);
  const Shape shape = pooled_shape(x.shape(), spec);
  const auto argmax = std::make_shared<IndexTensor>(context_.device(), shape);
  return add_step(shape, [this, spec, argmax, &x](Tensor& y) {
    hdecomp::max_pool_forward(context_, spec, x, y, *argmax);
  });
}

int ForwardPlanCuda::add(int a, int b, Activation activation) {
  const Tensor &first = *outputs_.at(a), &second = *outputs_.at(b);
  require_shape("add", "b", second.shape(), first.shape());
  return add_step(first.shape(), [this, activation, &first, &second](Tensor& y) {
    hdecomp::add_forward(context_, first, second, activation, y);
  });
}

int ForwardPlanCuda::concat(std::span<const int> from) {
  return plain(from, concat_shape(from), [this](std::span<const Tensor* const> inputs, Tensor& y) {
    hdecomp::concat_forward(context_, inputs, y);
  });
}

int ForwardPlanCuda::plain(std::span<const int> from, const Shape& shape, PlainBody body) {
  std::vector<const Tensor*> inputs;
  for (const int step : from) inputs.push_back(outputs_.at(step).get());
  return add_step(shape, [body = std::move(body), inputs](Tensor& y) { body(inputs, y); });
}

}  // namespace

std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context) {
  return std::make_unique<ForwardPlanCuda>(context);
}

}  // namespace hdecomp::cuda
