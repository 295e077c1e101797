/// The forward plan on the CPU: oneDNN's blocked layouts from layer to layer, Winograd where it
/// wins.
#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <vector>

#include "kernels/conv/conv_dnnl.h"
#include "kernels/map/peaks.h"
#include "kernels/plan/forward_plan.h"

namespace hdecomp::cpu {
namespace {

using dnnl::memory;

/// Where a sum ends in a ReLU, oneDNN 2.6 on AVX-512 goes on in vectors of 16 beyond maps that are
/// blocked by fewer channels, as grouped and slim convolutions leave them, and spoils the memory
/// there. Channels in whole vectors are safe.
bool sums_stay_inside(const memory::desc& layout, int64_t channels) {
  constexpr int64_t vector = 16;
  const auto& blocking = layout.data.format_desc.blocking;
  return blocking.inner_nblks == 0 || blocking.inner_blks[0] >= vector || channels % vector == 0;
}

Shape one_of(const Shape& batch) { return {1, batch[1], batch[2], batch[3]}; }

/// Images go through a step one by one: the weights are in the cache from the second on, and each
/// gets the bits that it has alone. Only plain layers, linear ones above all, take them together.
class ForwardPlanCpu final : public ForwardPlan {
 public:
  explicit ForwardPlanCpu(const Context& context) : ForwardPlan(context) {}

  int input(const Shape& shape) override {
    batch_ = images_ = shape[0];
    return plain_output(shape).step;
  }

  int conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) override;
  int max_pool(int from, const PoolSpec& spec) override;
  int add(int a, int b, Activation activation) override;
  int concat(std::span<const int> from) override;
  int plain(std::span<const int> from, const Shape& shape, PlainBody body) override;

  void run(const Tensor& images) override {
    images_ = images.shape()[0];
    std::memcpy(outputs_.at(0).plain->data(), images.data(), images.elements() * sizeof(float));
    for (const Output& out : outputs_) out.fresh = !out.reorder && out.plain;
    for (const auto& step : steps_) step();
    if (peaks_.elements() == 0) return;
    const int64_t watched = sources_.elements() / batch_ * images_;
    Tensor peaks({}, {watched}, peaks_.data());
    hdecomp::find_peaks(context_, rows(sources_, 0, watched), peaks);
  }

  const Tensor& output(int step) const override {
    const Output& out = outputs_.at(step);
    if (!out.fresh) bring(out);
    out.fresh = true;
    return *out.plain;
  }
  const Shape& shape(int step) const override { return outputs_.at(step).shape; }

  void watch(const std::vector<int>& steps) override;
  const Tensor& peaks() const override { return peaks_; }

 private:
  struct Output {
    Shape shape;                 // (n, c, h, w)
    std::vector<memory> images;  // n
    // The plain layout: made and filled when first asked for.
    mutable std::unique_ptr<Tensor> plain;
    mutable std::optional<dnnl::reorder> reorder;
    mutable bool fresh = false;  // the last run's
  };
  struct PlainOutput {
    int step;
    Tensor& tensor;
  };
  /// An argument of a primitive: the same for all images, or one for each.
  using Arguments = std::unordered_map<int, std::vector<memory>>;

  const dnnl::engine& engine() const { return context_.cpu().engine; }

  /// oneDNN has a primitive of its own for dilated pools; these few go without.
  int plain_max_pool(int from, const PoolSpec& spec, const Shape& shape) {
    const std::array<int, 1> input{from};
    return plain(input, shape,
                 [this, spec, argmax = std::make_shared<IndexTensor>(Device{}, shape)](
                     std::span<const Tensor* const> x, Tensor& y) {
                   hdecomp::max_pool_forward(context_, spec, *x[0], y, *argmax);
                 });
  }

  int add_output(const Shape& shape, std::vector<memory> images) {
    outputs_.push_back({shape, std::move(images), nullptr, {}, false});
    return static_cast<int>(outputs_.size()) - 1;
  }

  /// Memory for all images of the batch.
  std::vector<memory> take(const memory::desc& layout) const {
    std::vector<memory> images;
    for (int64_t i = 0; i < batch_; ++i) images.emplace_back(layout, engine());
    return images;
  }

  /// Adds a oneDNN primitive that runs on `threads` threads, once for each image.
  void add_step(const char* what, int threads, dnnl::primitive primitive,
                const Arguments& arguments) {
    std::vector<std::unordered_map<int, memory>> calls(batch_);
    for (const auto& [name, held] : arguments) {
      for (int64_t i = 0; i < batch_; ++i) calls[i][name] = held[held.size() == 1 ? 0 : i];
    }
    steps_.push_back(
        [this, what, threads, primitive = std::move(primitive), calls = std::move(calls)] {
          with_dnnl(what, threads, [&] {
            for (int64_t i = 0; i < images_; ++i)
              primitive.execute(context_.cpu().stream, calls[i]);
            context_.cpu().stream.wait();
          });
        });
  }

  /// `given`, or reordered copies of it that a step before this one fills.
  std::vector<memory> in_layout(const std::vector<memory>& given, const memory::desc& wanted) {
    if (given[0].get_desc() == wanted) return given;
    const std::vector<memory> copies = take(wanted);
    add_step("reorder", context_.threads(), dnnl::reorder(given[0], copies[0]),
             {{DNNL_ARG_FROM, given}, {DNNL_ARG_TO, copies}});
    return copies;
  }

  void bring(const Output& out) const {
    if (!out.plain) out.plain = plain_tensor(out.shape);
    const int64_t size = out.plain->elements() / batch_;
    with_dnnl("reading an activation", context_.threads(), [&] {
      for (int64_t i = 0; i < images_; ++i) {
        memory from = out.images[i];
        memory to(ConvTerms::plain(one_of(out.shape)), engine(), out.plain->data() + i * size);
        if (!out.reorder) out.reorder.emplace(from, to);
        out.reorder->execute(context_.cpu().stream, from, to);
      }
      context_.cpu().stream.wait();
    });
  }

  /// A step's output that is plain by nature.
  PlainOutput plain_output(const Shape& shape) {
    std::unique_ptr<Tensor> plain = plain_tensor(shape);
    std::vector<memory> images;
    const int64_t size = shape.elements() / batch_;
    for (int64_t i = 0; i < batch_; ++i) {
      images.emplace_back(ConvTerms::plain(one_of(shape)), engine(), plain->data() + i * size);
    }
    const int step = add_output(shape, std::move(images));
    outputs_[step].plain = std::move(plain);
    outputs_[step].fresh = true;
    return {step, *outputs_[step].plain};
  }

  static std::unique_ptr<Tensor> plain_tensor(const Shape& shape) {
    auto plain = std::make_unique<Tensor>(Device{}, shape);
    std::ranges::fill(plain->span(), 0.0f);  // images that no run has filled yet
    return plain;
  }

  int64_t batch_ = 0;   // most images
  int64_t images_ = 0;  // of the last run
  std::vector<Output> outputs_;
  std::vector<std::function<void()>> steps_;
  TensorOf<PeakSource> sources_;  // (n * watched steps)
  Tensor peaks_;                  // (n, watched steps)
};

void ForwardPlanCpu::watch(const std::vector<int>& steps) {
  const int64_t watched = std::ssize(steps);
  sources_ = {{}, {batch_ * watched}};
  peaks_ = {{}, {batch_, watched}};
  for (int64_t image = 0; image < batch_; ++image) {
    for (int64_t k = 0; k < watched; ++k) {
      // In its own layout; what oneDNN pads is zero.
      const memory& output = outputs_.at(steps[k]).images[image];
      sources_.data()[image * watched + k] = {
          static_cast<const float*>(output.get_data_handle()),
          static_cast<int64_t>(output.get_desc().get_size() / sizeof(float))};
    }
  }
}

int ForwardPlanCpu::conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) {
  ConvSpec single = spec;
  single.batch = 1;
  const ConvTerms terms(single);
  int threads = 0;
  const auto describe = [&](dnnl::algorithm algorithm) {
    return describe_conv(
        context_, [&] { return terms.forward(engine(), algorithm); }, threads);
  };
  std::optional<dnnl::convolution_forward::primitive_desc> found;
  if (winograd_wins(spec)) {
    try {
      found = describe(dnnl::algorithm::convolution_winograd);
    } catch (const Error&) {  // not on this CPU or for these extents
    }
  }
  if (!found) found = describe(dnnl::algorithm::convolution_direct);
  return with_dnnl("convolution, planning", threads, [&] {
    const std::vector<memory> in = in_layout(outputs_.at(from).images, found->src_desc());
    const std::vector<memory> out = take(found->dst_desc());
    add_step(
        "convolution", threads, dnnl::convolution_forward(*found),
        {{DNNL_ARG_SRC, in},
         {DNNL_ARG_DST, out},
         {DNNL_ARG_WEIGHTS, {terms.weights(context_, weight, found->weights_desc())}},
         {DNNL_ARG_BIAS, {memory(found->bias_desc(), engine(), const_cast<float*>(bias.data()))}}});
    return add_output(spec.output_shape(), out);
  });
}

int ForwardPlanCpu::max_pool(int from, const PoolSpec& spec) {
  const Shape x = outputs_.at(from).shape, shape = pooled_shape(x, spec);
  if (spec.dilation_h > 1 || spec.dilation_w > 1) return plain_max_pool(from, spec, shape);
  return with_dnnl("max-pool, planning", context_.threads(), [&] {
    const std::vector<memory>& in = outputs_[from].images;
    // The output may leave rows at the far edge unread: then the far padding is negative. Rounded
    // up it may reach beyond the padding.
    const auto far = [](int64_t out, int64_t kernel, int64_t stride, int64_t pad, int64_t size) {
      return (out - 1) * stride + kernel - size - pad;
    };
    const dnnl::pooling_forward::desc op(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_max, in[0].get_desc(),
        ConvTerms::any_layout(one_of(shape)), {spec.stride_h, spec.stride_w},
        {spec.kernel_h, spec.kernel_w}, {spec.pad_h, spec.pad_w},
        {far(shape[2], spec.kernel_h, spec.stride_h, spec.pad_h, x[2]),
         far(shape[3], spec.kernel_w, spec.stride_w, spec.pad_w, x[3])});
    const dnnl::pooling_forward::primitive_desc description(op, engine());
    const std::vector<memory> out = take(description.dst_desc());
    add_step("max-pool", context_.threads(), dnnl::pooling_forward(description),
             {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
    return add_output(shape, out);
  });
}

int ForwardPlanCpu::add(int a, int b, Activation activation) {
  return with_dnnl("add, planning", context_.threads(), [&] {
    const Shape& shape = outputs_.at(a).shape;
    memory::desc layout = outputs_[a].images[0].get_desc();
    if (!sums_stay_inside(layout, shape[1])) layout = ConvTerms::plain(one_of(shape));
    const std::vector<memory> first = in_layout(outputs_[a].images, layout);
    const std::vector<memory> second = in_layout(outputs_.at(b).images, layout);
    const dnnl::binary::desc op(dnnl::algorithm::binary_add, layout, layout, layout);
    const std::vector<memory> out = take(layout);
    add_step("add", context_.threads(), dnnl::binary({op, fused(activation), engine()}),
             {{DNNL_ARG_SRC_0, first}, {DNNL_ARG_SRC_1, second}, {DNNL_ARG_DST, out}});
    return add_output(Shape(outputs_[a].shape), out);
  });
}

int ForwardPlanCpu::concat(std::span<const int> from) {
  const Shape shape = concat_shape(from);
  return with_dnnl("concat, planning", context_.threads(), [&] {
    std::vector<memory::desc> layouts;
    Arguments arguments;
    for (const int step : from) {
      arguments[DNNL_ARG_MULTIPLE_SRC + static_cast<int>(layouts.size())] = outputs_[step].images;
      layouts.push_back(outputs_[step].images[0].get_desc());
    }
    const dnnl::concat::primitive_desc description(1, layouts, engine());
    const std::vector<memory> out = take(description.dst_desc());
    arguments[DNNL_ARG_DST] = out;
    add_step("concat", context_.threads(), dnnl::concat(description), arguments);
    return add_output(shape, out);
  });
}

int ForwardPlanCpu::plain(std::span<const int> from, const Shape& shape, PlainBody body) {
  const PlainOutput out = plain_output(shape);
  steps_.push_back([this, from = std::vector<int>(from.begin(), from.end()), body = std::move(body),
                    inputs = std::vector<const Tensor*>(from.size()), &to = out.tensor]() mutable {
    for (size_t k = 0; k < from.size(); ++k) inputs[k] = &output(from[k]);
    body(inputs, to);
  });
  return out.step;
}

}  // namespace

std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context) {
  return std::make_unique<ForwardPlanCpu>(context);
}

}  // namespace hdecomp::cpu
