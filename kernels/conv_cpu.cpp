/// Convolution on the CPU through oneDNN, which chooses the layouts its kernels like best.
#include <algorithm>
#include <optional>
#include <string_view>

#include "kernels/conv.h"
#include "kernels/core/context_cpu.h"

namespace hdecomp::cpu {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

/// oneDNN 2.6 splits some sums by the thread count: all of its gemm-based convolutions, and from 10
/// threads on some direct ones. Results must be the same bits for any thread count, so the former
/// run on one thread and the latter on at most eight.
constexpr int max_threads = 8;
bool splits_sums(const char* implementation) {
  return std::string_view(implementation).find("gemm") != std::string_view::npos;
}

memory::dims dims(const Shape& shape) { return shape.dims(); }

memory::desc any_layout(const Shape& shape) {
  return {dims(shape), memory::data_type::f32, Tag::any};
}
memory::desc plain(const Shape& shape) { return {dims(shape), memory::data_type::f32, Tag::nchw}; }

/// Plain NCHW on the outside, the layout that the primitive chose on the inside.
class Port {
 public:
  Port(const dnnl::engine& engine, const memory::desc& outside, const memory::desc& inside)
      : outside_(outside, engine, nullptr), inside_(inside, engine, nullptr) {
    direct_ = outside == inside;
  }
  /// A multiple of 64, so that the next port's scratch is aligned too.
  int64_t scratch_bytes() const {
    return direct_ ? 0 : static_cast<int64_t>((inside_.get_desc().get_size() + 63) / 64 * 64);
  }

  /// Points the port at its tensor and at scratch memory for the inner layout.
  void bind(const float* data, void* scratch) {
    outside_.set_data_handle(const_cast<float*>(data));
    inside_.set_data_handle(direct_ ? const_cast<float*>(data) : scratch);
  }
  void enter(dnnl::stream& stream) { copy(stream, outside_, inside_); }
  void leave(dnnl::stream& stream) { copy(stream, inside_, outside_); }
  const memory& inside() const { return inside_; }

 private:
  void copy(dnnl::stream& stream, memory& from, memory& to) {
    if (direct_) return;
    if (!reorder_) reorder_.emplace(from, to);
    reorder_->execute(stream, from, to);
  }

  memory outside_, inside_;
  bool direct_ = false;
  std::optional<dnnl::reorder> reorder_;
};

/// One direction of a convolution: the primitive, its arguments and the two ports they are bound
/// through.
struct Direction {
  int threads;
  dnnl::primitive primitive;
  Port in, out;
  std::unordered_map<int, memory> arguments;

  void run(const Context& context, const float* from, float* to) {
    with_dnnl("convolution", threads, [&] {
      char* base = context.cpu().scratch();
      in.bind(from, base);
      out.bind(to, base + in.scratch_bytes());
      dnnl::stream& stream = context.cpu().stream;
      in.enter(stream);
      primitive.execute(stream, arguments);
      out.leave(stream);
      stream.wait();
    });
  }
};

class ConvCpu final : public Conv {
 public:
  ConvCpu(const Context& context, const ConvSpec& spec, const Tensor& weight, const Tensor& bias)
      : Conv(spec), context_(context), weight_(weight), bias_(bias) {
    plan_forward();
  }

 private:
  void run_forward(const Tensor& x, Tensor& y) override {
    forward_->run(context_, x.data(), y.data());
  }

  void run_backward_data(const Tensor& dy, Tensor& dx) override {
    if (!backward_) plan_backward();
    backward_->run(context_, dy.data(), dx.data());
  }

  dnnl::convolution_forward::primitive_desc forward_description() const {
    const ConvSpec& s = spec();
    dnnl::primitive_attr attr;
    if (s.relu) {
      dnnl::post_ops fused;
      fused.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
      attr.set_post_ops(fused);
    }
    const dnnl::convolution_forward::desc op(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
        any_layout(s.input_shape()), any_weights(),
        {{s.out_channels}, memory::data_type::f32, Tag::x}, any_layout(s.output_shape()), strides(),
        pads(), pads());
    return {op, attr, context_.cpu().engine};
  }

  dnnl::convolution_backward_data::primitive_desc backward_description() const {
    const ConvSpec& s = spec();
    const dnnl::convolution_backward_data::desc op(
        dnnl::algorithm::convolution_direct, any_layout(s.input_shape()), any_weights(),
        any_layout(s.output_shape()), strides(), pads(), pads());
    return {op, context_.cpu().engine, forward_description()};
  }

  /// Describes the primitive and finds on how many threads it may run; describes it again if on
  /// one.
  template <class Describe>
  auto plan(Describe describe, int& threads) const {
    threads = std::min(context_.threads(), max_threads);
    auto description = with_dnnl("convolution, planning", threads, describe);
    if (splits_sums(description.impl_info_str())) {
      threads = 1;
      description = with_dnnl("convolution, planning", threads, describe);
    }
    return description;
  }

  void plan_forward() {
    int threads = 0;
    const auto description = plan([&] { return forward_description(); }, threads);
    with_dnnl("convolution, planning", threads, [&] {
      forward_.emplace(direction(threads, dnnl::convolution_forward(description),
                                 port(spec().input_shape(), description.src_desc()),
                                 port(spec().output_shape(), description.dst_desc())));
      forward_->arguments = {{DNNL_ARG_SRC, forward_->in.inside()},
                             {DNNL_ARG_DST, forward_->out.inside()},
                             {DNNL_ARG_WEIGHTS, own_weights(description.weights_desc())},
                             {DNNL_ARG_BIAS, memory(description.bias_desc(), context_.cpu().engine,
                                                    const_cast<float*>(bias_.data()))}};
    });
  }

  void plan_backward() {
    int threads = 0;
    const auto description = plan([&] { return backward_description(); }, threads);
    with_dnnl("convolution, planning", threads, [&] {
      backward_.emplace(direction(threads, dnnl::convolution_backward_data(description),
                                  port(spec().output_shape(), description.diff_dst_desc()),
                                  port(spec().input_shape(), description.diff_src_desc())));
      backward_->arguments = {{DNNL_ARG_DIFF_DST, backward_->in.inside()},
                              {DNNL_ARG_DIFF_SRC, backward_->out.inside()},
                              {DNNL_ARG_WEIGHTS, own_weights(description.weights_desc())}};
    });
  }

  Port port(const Shape& shape, const memory::desc& inside) const {
    return {context_.cpu().engine, plain(shape), inside};
  }

  Direction direction(int threads, dnnl::primitive primitive, Port in, Port out) const {
    context_.cpu().reserve_scratch(in.scratch_bytes() + out.scratch_bytes());
    return {threads, std::move(primitive), std::move(in), std::move(out), {}};
  }

  /// The weights in the primitive's layout: the caller's memory itself where that is the plain one.
  memory own_weights(const memory::desc& wanted) {
    const dnnl::engine& engine = context_.cpu().engine;
    memory given({weight_dims(), memory::data_type::f32, grouped() ? Tag::goihw : Tag::oihw},
                 engine, const_cast<float*>(weight_.data()));
    if (given.get_desc() == wanted) return given;
    memory reordered(wanted, engine);
    dnnl::reorder(given, reordered).execute(context_.cpu().stream, given, reordered);
    context_.cpu().stream.wait();
    return reordered;
  }

  bool grouped() const { return spec().groups > 1; }
  memory::dims weight_dims() const {
    const Shape shape = spec().weight_shape();
    if (!grouped()) return dims(shape);
    return {spec().groups, shape[0] / spec().groups, shape[1], shape[2], shape[3]};
  }
  memory::desc any_weights() const { return {weight_dims(), memory::data_type::f32, Tag::any}; }
  memory::dims strides() const { return {spec().stride_h, spec().stride_w}; }
  memory::dims pads() const { return {spec().pad_h, spec().pad_w}; }

  const Context& context_;
  const Tensor& weight_;
  const Tensor& bias_;
  std::optional<Direction> forward_, backward_;
};

}  // namespace

std::unique_ptr<Conv> make_conv(const Context& context, const ConvSpec& spec, const Tensor& weight,
                                const Tensor& bias) {
  return std::make_unique<ConvCpu>(context, spec, weight, bias);
}

}  // namespace hdecomp::cpu
