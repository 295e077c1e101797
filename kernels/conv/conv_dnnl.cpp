/// oneDNN's convolution described.
#include "kernels/conv/conv_dnnl.h"

namespace hdecomp::cpu {

using dnnl::memory;
using Tag = memory::format_tag;

dnnl::primitive_attr fused(Activation activation) {
  dnnl::primitive_attr attr;
  dnnl::post_ops end;
  switch (activation) {
    case Activation::none:
      return attr;
    case Activation::relu:
      end.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
      break;
    case Activation::relu6:
      end.append_eltwise(1.0f, dnnl::algorithm::eltwise_clip, 0.0f, 6.0f);
  }
  attr.set_post_ops(end);
  return attr;
}

bool winograd_wins(const ConvSpec& spec) {
  constexpr int64_t channels = 64, area = 20 * 20;
  return spec.kernel_h == 3 && spec.kernel_w == 3 && spec.stride_h == 1 && spec.stride_w == 1 &&
         spec.is_plain() && spec.groups == 1 && spec.in_channels >= channels &&
         spec.out_channels >= channels && spec.out_height() * spec.out_width() >= area;
}

memory::dims ConvTerms::weight_dims() const {
  const Shape shape = spec_.weight_shape();
  if (spec_.groups == 1) return shape.dims();
  return {spec_.groups, shape[0] / spec_.groups, shape[1], shape[2], shape[3]};
}

dnnl::convolution_forward::primitive_desc ConvTerms::forward(const dnnl::engine& engine,
                                                             dnnl::algorithm algorithm) const {
  const dnnl::convolution_forward::desc op(
      dnnl::prop_kind::forward_inference, algorithm, any_layout(spec_.input_shape()), any_weights(),
      {{spec_.out_channels}, memory::data_type::f32, Tag::x}, any_layout(spec_.output_shape()),
      strides(), gaps(), pads(), far_pads());
  return {op, fused(spec_.activation), engine};
}

dnnl::convolution_backward_data::primitive_desc ConvTerms::backward_data(
    const dnnl::engine& engine) const {
  const dnnl::convolution_backward_data::desc op(
      dnnl::algorithm::convolution_direct, any_layout(spec_.input_shape()), any_weights(),
      any_layout(spec_.output_shape()), strides(), gaps(), pads(), far_pads());
  return {op, engine, forward(engine, dnnl::algorithm::convolution_direct)};
}

memory ConvTerms::given(const Context& context, const Tensor& weight) const {
  return {{weight_dims(), memory::data_type::f32, spec_.groups > 1 ? Tag::goihw : Tag::oihw},
          context.cpu().engine,
          const_cast<float*>(weight.data())};
}

memory ConvTerms::weights(const Context& context, const Tensor& weight,
                          const memory::desc& wanted) const {
  const memory plain = given(context, weight);
  return plain.get_desc() == wanted ? plain : own_weights(context, weight, wanted);
}

memory ConvTerms::own_weights(const Context& context, const Tensor& weight,
                              const memory::desc& wanted) const {
  memory plain = given(context, weight), reordered(wanted, context.cpu().engine);
  dnnl::reorder(plain, reordered).execute(context.cpu().stream, plain, reordered);
  context.cpu().stream.wait();
  return reordered;
}

}  // namespace hdecomp::cpu
