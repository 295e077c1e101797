/// oneDNN's convolution described.
#include "kernels/conv/conv_dnnl.h"

#include "kernels/conv/direct_weights_cpu.h"
#include "kernels/conv/winograd_weights_cpu.h"

namespace hdecomp::cpu {

using dnnl::memory;
using Tag = memory::format_tag;

dnnl::primitive_attr fused(Activation activation) {
  dnnl::primitive_attr attr = attributes();
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

namespace {

int64_t out_area(const ConvSpec& spec) { return spec.out_height() * spec.out_width(); }

}  // namespace

bool winograd_wins(const ConvSpec& spec) {
  constexpr int64_t channels = 64, area = 12 * 12;
  return spec.kernel_h == 3 && spec.kernel_w == 3 && spec.stride_h == 1 && spec.stride_w == 1 &&
         spec.is_plain() && spec.groups == 1 && spec.in_channels >= channels &&
         spec.out_channels >= channels && out_area(spec) >= area;
}

memory::dims ConvTerms::weight_dims() const {
  const Shape shape = spec_.weight_shape();
  if (spec_.groups == 1) return shape.dims();
  return {spec_.groups, shape[0] / spec_.groups, shape[1], shape[2], shape[3]};
}

dnnl::convolution_forward::primitive_desc ConvTerms::forward(const dnnl::engine& engine,
                                                             dnnl::algorithm algorithm,
                                                             std::string_view kernel) const {
  const dnnl::convolution_forward::desc op(
      dnnl::prop_kind::forward_inference, algorithm, any_layout(spec_.input_shape()), any_weights(),
      {{spec_.out_channels}, memory::data_type::f32, Tag::x}, any_layout(spec_.output_shape()),
      strides(), gaps(), pads(), far_pads());
  const dnnl::primitive_attr attr = fused(spec_.activation);
  dnnl::convolution_forward::primitive_desc found(op, attr, engine);
  do {  // next_impl() reads `op`
    if (std::string_view(found.impl_info_str()).find(kernel) != std::string_view::npos) {
      return found;
    }
  } while (found.next_impl());
  return {op, attr, engine};
}

dnnl::convolution_backward_data::primitive_desc ConvTerms::backward_data(
    const dnnl::engine& engine) const {
  const dnnl::convolution_backward_data::desc op(
      dnnl::algorithm::convolution_direct, any_layout(spec_.input_shape()), any_weights(),
      any_layout(spec_.output_shape()), strides(), gaps(), pads(), far_pads());
  return {op, attributes(), engine, forward(engine, dnnl::algorithm::convolution_direct)};
}

memory ConvTerms::given(const Context& context, const Tensor& weight) const {
  return {{weight_dims(), memory::data_type::f32, spec_.groups > 1 ? Tag::goihw : Tag::oihw},
          context.cpu().engine,
          const_cast<float*>(weight.data())};
}

memory ConvTerms::weights(const Context& context, const Tensor& weight, const memory::desc& wanted,
                          const Place& place) const {
  const memory plain = given(context, weight);
  return plain.get_desc() == wanted ? plain : own_weights(context, weight, wanted, place);
}

memory ConvTerms::own_weights(const Context& context, const Tensor& weight,
                              const memory::desc& wanted, const Place& place) const {
  void* at = place ? place(wanted.get_size()) : DNNL_MEMORY_ALLOCATE;
  const memory reordered(wanted, context.cpu().engine, at);
  float* const to = static_cast<float*>(reordered.get_data_handle());
  if (fill_winograd_weights(context, weight, wanted, to)) return reordered;
  if (fill_direct_weights(context, weight, wanted, to)) return reordered;
  const memory plain = given(context, weight);
  Reorder(context, plain.get_desc(), wanted).run(plain, reordered);
  context.cpu().stream.wait();
  return reordered;
}

std::optional<dnnl::convolution_forward::primitive_desc> describe_winograd(const Context& context,
                                                                           const ConvSpec& spec,
                                                                           int& threads) {
  // oneDNN offers tiles of 2 x 2 first. Those of 4 x 4 take 36 products for 64 but weights 2.25
  // times as large, which a small map does not use often enough.
  constexpr int64_t area_for_large_tiles = 20 * 20;
  const ConvTerms terms(spec);
  const char* const kernel = out_area(spec) < area_for_large_tiles ? "" : "4x3";
  const auto describe = [&] {
    return terms.forward(context.cpu().engine, dnnl::algorithm::convolution_winograd, kernel);
  };
  try {
    return describe_conv(context, describe, threads);
  } catch (const Error&) {  // oneDNN has none
    return {};
  }
}

}  // namespace hdecomp::cpu
