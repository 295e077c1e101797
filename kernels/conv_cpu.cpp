/// Convolution on the CPU through oneDNN, which chooses the layouts its kernels like best.
#include <optional>

#include "kernels/conv.h"
#include "kernels/core/context_cpu.h"

namespace hdecomp::cpu {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

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

/// One direction of a convolution: the primitive, its weights in its own layout, and two ports.
struct Direction {
  dnnl::primitive primitive;
  Port in, out;
  memory weights;

  void run(const Context& context, const float* from, float* to, int in_role, int out_role,
           std::optional<memory> bias) {
    char* base = context.cpu().scratch();
    in.bind(from, base);
    out.bind(to, base + in.scratch_bytes());
    dnnl::stream& stream = context.cpu().stream;
    in.enter(stream);
    std::unordered_map<int, memory> args{
        {in_role, in.inside()}, {out_role, out.inside()}, {DNNL_ARG_WEIGHTS, weights}};
    if (bias) args.emplace(DNNL_ARG_BIAS, *bias);
    primitive.execute(stream, args);
    out.leave(stream);
    stream.wait();
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
    with_dnnl(context_, "convolution", [&] {
      const memory bias({{spec().out_channels}, memory::data_type::f32, Tag::x},
                        context_.cpu().engine, const_cast<float*>(bias_.data()));
      forward_->run(context_, x.data(), y.data(), DNNL_ARG_SRC, DNNL_ARG_DST, bias);
    });
  }

  void run_backward_data(const Tensor& dy, Tensor& dx) override {
    with_dnnl(context_, "convolution, backward", [&] {
      if (!backward_) plan_backward();
      backward_->run(context_, dy.data(), dx.data(), DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, {});
    });
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

  void plan_forward() {
    with_dnnl(context_, "convolution, planning", [&] {
      const auto description = forward_description();
      forward_.emplace(direction(dnnl::convolution_forward(description), spec().input_shape(),
                                 description.src_desc(), spec().output_shape(),
                                 description.dst_desc(), description.weights_desc()));
    });
  }

  void plan_backward() {
    const ConvSpec& s = spec();
    const dnnl::convolution_backward_data::desc op(
        dnnl::algorithm::convolution_direct, any_layout(s.input_shape()), any_weights(),
        any_layout(s.output_shape()), strides(), pads(), pads());
    const dnnl::convolution_backward_data::primitive_desc description(op, context_.cpu().engine,
                                                                      forward_description());
    backward_.emplace(direction(dnnl::convolution_backward_data(description), s.output_shape(),
                                description.diff_dst_desc(), s.input_shape(),
                                description.diff_src_desc(), description.weights_desc()));
  }

  Direction direction(dnnl::primitive primitive, const Shape& in_shape, const memory::desc& in_desc,
                      const Shape& out_shape, const memory::desc& out_desc,
                      const memory::desc& weights_desc) {
    const dnnl::engine& engine = context_.cpu().engine;
    Port in(engine, plain(in_shape), in_desc);
    Port out(engine, plain(out_shape), out_desc);
    context_.cpu().reserve_scratch(in.scratch_bytes() + out.scratch_bytes());
    return {std::move(primitive), std::move(in), std::move(out), own_weights(weights_desc)};
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
