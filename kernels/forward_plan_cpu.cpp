/// The forward plan on the CPU: oneDNN's blocked layouts from layer to layer, Winograd where it
/// wins.
#include <cstring>
#include <functional>
#include <optional>
#include <vector>

#include "kernels/conv_dnnl.h"
#include "kernels/forward_plan.h"

namespace hdecomp::cpu {
namespace {

using dnnl::memory;

/// Winograd's transformed weights are four times as large and are read once per run: it pays where
/// there are many channels and a map large enough to use each weight often. Its error stays near
/// 1e-6 of the largest value.
bool winograd_wins(const ConvSpec& spec) {
  constexpr int64_t channels = 64, area = 20 * 20;
  return spec.kernel_h == 3 && spec.kernel_w == 3 && spec.stride_h == 1 && spec.stride_w == 1 &&
         spec.groups == 1 && spec.in_channels >= channels && spec.out_channels >= channels &&
         spec.out_height() * spec.out_width() >= area;
}

class ForwardPlanCpu final : public ForwardPlan {
 public:
  explicit ForwardPlanCpu(const Context& context) : context_(context) {}

  int input(const Shape& shape) override {
    return output(shape, memory(ConvTerms::plain(shape), engine()));
  }

  int conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) override;
  int max_pool(int from, const PoolSpec& spec) override;
  int adaptive_avg_pool(int from, int64_t height, int64_t width) override;
  int add(int a, int b, bool relu) override;
  int linear(int from, const LinearSpec& spec, const Tensor& weight, const Tensor& bias) override;

  void run(const Tensor& image) override {
    std::memcpy(outputs_.at(0).memory.get_data_handle(), image.data(),
                image.elements() * sizeof(float));
    for (const auto& step : steps_) step();
  }

  void read(int step, Tensor& plain) const override {
    memory from = outputs_.at(step).memory;
    memory to(ConvTerms::plain(outputs_[step].shape), engine(), plain.data());
    with_dnnl("reading an activation", context_.threads(), [&] {
      dnnl::reorder(from, to).execute(context_.cpu().stream, from, to);
      context_.cpu().stream.wait();
    });
  }

 private:
  struct Output {
    Shape shape;
    dnnl::memory memory;
  };

  const dnnl::engine& engine() const { return context_.cpu().engine; }

  int output(const Shape& shape, memory held) {
    outputs_.push_back({shape, std::move(held)});
    return static_cast<int>(outputs_.size()) - 1;
  }

  /// Adds a oneDNN primitive that runs on `threads` threads.
  void add_step(const char* what, int threads, dnnl::primitive primitive,
                std::unordered_map<int, memory> arguments) {
    steps_.push_back(
        [this, what, threads, primitive = std::move(primitive), arguments = std::move(arguments)] {
          with_dnnl(what, threads, [&] {
            primitive.execute(context_.cpu().stream, arguments);
            context_.cpu().stream.wait();
          });
        });
  }

  /// `given`, or a reordered copy of it that a step before this one fills.
  memory in_layout(const memory& given, const memory::desc& wanted) {
    if (given.get_desc() == wanted) return given;
    memory copy(wanted, engine());
    add_step("reorder", context_.threads(), dnnl::reorder(given, copy),
             {{DNNL_ARG_FROM, given}, {DNNL_ARG_TO, copy}});
    return copy;
  }

  /// A step's output as a plain tensor, refreshed by a step before the one that reads it.
  std::shared_ptr<Tensor> plain_copy(int step) {
    auto plain = std::make_shared<Tensor>(Device{}, outputs_.at(step).shape);
    steps_.push_back([this, step, plain] { read(step, *plain); });
    return plain;
  }

  /// A plain tensor as a step's output.
  std::pair<int, std::shared_ptr<Tensor>> plain_output(const Shape& shape) {
    auto plain = std::make_shared<Tensor>(Device{}, shape);
    plain_.push_back(plain);
    const int step = output(shape, memory(ConvTerms::plain(shape), engine(), plain->data()));
    return {step, plain};
  }

  const Context& context_;
  std::vector<Output> outputs_;
  std::vector<std::function<void()>> steps_;
  std::vector<std::shared_ptr<Tensor>> plain_;
  std::vector<std::unique_ptr<Linear>> linears_;
};

int ForwardPlanCpu::conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) {
  const ConvTerms terms(spec);
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
    const memory in = in_layout(outputs_.at(from).memory, found->src_desc());
    const memory out(found->dst_desc(), engine());
    add_step(
        "convolution", threads, dnnl::convolution_forward(*found),
        {{DNNL_ARG_SRC, in},
         {DNNL_ARG_DST, out},
         {DNNL_ARG_WEIGHTS, terms.weights(context_, weight, found->weights_desc())},
         {DNNL_ARG_BIAS, memory(found->bias_desc(), engine(), const_cast<float*>(bias.data()))}});
    return output(spec.output_shape(), out);
  });
}

int ForwardPlanCpu::max_pool(int from, const PoolSpec& spec) {
  const Shape shape = pooled_shape(outputs_.at(from).shape, spec);
  return with_dnnl("max-pool, planning", context_.threads(), [&] {
    const memory& in = outputs_[from].memory;
    // The rounded-down output may leave rows at the far edge unread: then the far padding is
    // negative.
    const auto far = [](int64_t out, int64_t kernel, int64_t stride, int64_t pad, int64_t size) {
      return (out - 1) * stride + kernel - size - pad;
    };
    const Shape& x = outputs_[from].shape;
    const dnnl::pooling_forward::desc op(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_max, in.get_desc(),
        ConvTerms::any_layout(shape), {spec.stride_h, spec.stride_w},
        {spec.kernel_h, spec.kernel_w}, {spec.pad_h, spec.pad_w},
        {far(shape[2], spec.kernel_h, spec.stride_h, spec.pad_h, x[2]),
         far(shape[3], spec.kernel_w, spec.stride_w, spec.pad_w, x[3])});
    const dnnl::pooling_forward::primitive_desc description(op, engine());
    const memory out(description.dst_desc(), engine());
    add_step("max-pool", context_.threads(), dnnl::pooling_forward(description),
             {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
    return output(shape, out);
  });
}

int ForwardPlanCpu::adaptive_avg_pool(int from, int64_t height, int64_t width) {
  const std::shared_ptr<Tensor> in = plain_copy(from);
  const auto [step, out] = plain_output({in->shape()[0], in->shape()[1], height, width});
  steps_.push_back(
      [this, in, out = out] { hdecomp::adaptive_avg_pool_forward(context_, *in, *out); });
  return step;
}

int ForwardPlanCpu::add(int a, int b, bool relu) {
  return with_dnnl("add, planning", context_.threads(), [&] {
    const memory first = outputs_.at(a).memory;
    const memory second = in_layout(outputs_.at(b).memory, first.get_desc());
    dnnl::primitive_attr attr;
    if (relu) {
      dnnl::post_ops fused;
      fused.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
      attr.set_post_ops(fused);
    }
    const dnnl::binary::desc op(dnnl::algorithm::binary_add, first.get_desc(), second.get_desc(),
                                first.get_desc());
    const memory out(first.get_desc(), engine());
    add_step("add", context_.threads(), dnnl::binary({op, attr, engine()}),
             {{DNNL_ARG_SRC_0, first}, {DNNL_ARG_SRC_1, second}, {DNNL_ARG_DST, out}});
    return output(outputs_[a].shape, out);
  });
}

int ForwardPlanCpu::linear(int from, const LinearSpec& spec, const Tensor& weight,
                           const Tensor& bias) {
  const std::shared_ptr<Tensor> in = plain_copy(from);
  const auto [step, out] = plain_output({spec.batch, spec.out_units, 1, 1});
  linears_.push_back(hdecomp::make_linear(context_, spec, weight, bias));
  steps_.push_back([linear = linears_.back().get(), in, out = out] { linear->forward(*in, *out); });
  return step;
}

}  // namespace

std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context) {
  return std::make_unique<ForwardPlanCpu>(context);
}

}  // namespace hdecomp::cpu
