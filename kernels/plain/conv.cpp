/// Convolutions described: which kernel, and in which layouts.
#include <omp.h>

#include "kernels/plain/conv_kernels.h"

namespace hdecomp::plain {

Operands::Operands(const Geometry& g, const dnnl::arguments& given)
    : from(given.at(g.back() ? DNNL_ARG_DIFF_DST : DNNL_ARG_SRC).floats()),
      weights(given.at(DNNL_ARG_WEIGHTS).floats()),
      bias(g.has_bias ? given.at(DNNL_ARG_BIAS).floats() : nullptr),
      to(given.at(g.back() ? DNNL_ARG_DIFF_SRC : DNNL_ARG_DST).floats()) {}

void ConvKernel::reserve(int64_t floats) {
  constexpr int64_t line = 16;
  floats_each_ = (floats + line - 1) / line * line;
  scratch_floats = floats_each_ * threads_;
}

float* ConvKernel::own_scratch(const dnnl::arguments& given) const {
  return given.at(DNNL_ARG_SCRATCHPAD).floats() + omp_get_thread_num() * floats_each_;
}

}  // namespace hdecomp::plain

namespace dnnl {
namespace {

using hdecomp::plain::Axis;
using hdecomp::plain::ConvKernel;
using hdecomp::plain::Geometry;

void demand(bool holds, const char* what) {
  if (!holds) throw error(dnnl_unimplemented, what);
}

/// Of two maps and weights (g, o, i, r, s), the first of them perhaps missing.
struct Extents {
  const memory::desc &in, &weights, &out;
  const memory::dims &strides, &gaps, &pads;

  Geometry geometry(bool back) const {
    const int grouped = weights.data.ndims == 5 ? 1 : 0;
    const auto axis = [&](int i) {
      const int64_t below = in.data.dims[2 + i], above = out.data.dims[2 + i];
      return Axis{back ? above : below,
                  back ? below : above,
                  weights.data.dims[grouped + 2 + i],
                  strides[i],
                  gaps[i] + 1,
                  pads[i],
                  back};
    };
    Geometry g{};
    g.images = in.data.dims[0];
    g.groups = grouped ? weights.data.dims[0] : 1;
    g.from_channels = back ? out.data.dims[1] : in.data.dims[1];
    g.to_channels = back ? in.data.dims[1] : out.data.dims[1];
    g.y = axis(0), g.x = axis(1);
    g.has_bias = !back;
    return g;
  }
};

/// A map's layout: channels last, which else it must be.
memory::desc channels_last(const memory::desc& map) {
  const memory::desc made(map.dims(), memory::data_type::f32, memory::format_tag::nhwc);
  demand(map.data.format_kind == dnnl_format_kind_any || map == made,
         "a convolution of maps that do not lie channels last");
  return made;
}

std::shared_ptr<ConvKernel> described(const Extents& extents, bool back, bool by_winograd,
                                      const post_ops& end, const memory::desc& bias) {
  Geometry g = extents.geometry(back);
  g.low = end.low, g.high = end.high;
  demand(!by_winograd || g.suits_winograd(), "Winograd's kernel for that convolution");
  const auto make = by_winograd        ? hdecomp::plain::make_winograd
                    : g.is_depthwise() ? hdecomp::plain::make_depthwise
                                       : hdecomp::plain::make_direct;
  const std::shared_ptr<ConvKernel> made = make(g, extents.weights.dims(), omp_get_max_threads());
  made->src = channels_last(extents.in);
  made->dst = channels_last(extents.out);
  made->bias = bias;
  return made;
}

}  // namespace

void post_ops::append_eltwise(float, algorithm which, float at_least, float at_most) {
  low = at_least;
  if (which == algorithm::eltwise_clip) high = at_most;
}

convolution_forward::desc::desc(prop_kind, algorithm which, const memory::desc& in,
                                const memory::desc& weight, const memory::desc& biases,
                                const memory::desc& out, const memory::dims& stride,
                                const memory::dims& gap, const memory::dims& pad,
                                const memory::dims&)
    : how(which),
      src(in),
      weights(weight),
      bias(biases),
      dst(out),
      strides(stride),
      gaps(gap),
      pads(pad) {}

convolution_forward::primitive_desc::primitive_desc(const desc& op, const primitive_attr& attr,
                                                    const engine&)
    : dnnl::primitive_desc(described({op.src, op.weights, op.dst, op.strides, op.gaps, op.pads},
                                     false, op.how == algorithm::convolution_winograd, attr.ends_in,
                                     op.bias)) {}

convolution_backward_data::desc::desc(algorithm, const memory::desc& in, const memory::desc& weight,
                                      const memory::desc& out, const memory::dims& stride,
                                      const memory::dims& gap, const memory::dims& pad,
                                      const memory::dims&)
    : src(in), weights(weight), dst(out), strides(stride), gaps(gap), pads(pad) {}

convolution_backward_data::primitive_desc::primitive_desc(
    const desc& op, const primitive_attr& attr, const engine&,
    const convolution_forward::primitive_desc&)
    : dnnl::primitive_desc(described({op.src, op.weights, op.dst, op.strides, op.gaps, op.pads},
                                     true, false, attr.ends_in, {})) {}

}  // namespace dnnl
