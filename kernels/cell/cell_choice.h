/// From an op's description to the rule that computes it: the one switch over formulas, for both
/// devices. All but layer_norm, which has a pass of its own before.
#pragma once

#include "hdecomp/error.h"
#include "kernels/cell/cell_rules.h"
#include "kernels/cell/mean_rule.h"
#include "kernels/cell/norm_rules.h"
#include "kernels/cell/place_rules.h"

namespace hdecomp::cell {

/// A forward pass: `first` and `second` are inputs, `out` the result's extent. Backward: features,
/// null where they are not read, `out` the extent of the map above, `in` that of the map below.
struct CellArguments {
  const CellOp& op;
  const Tensor* first;
  const Tensor* second;
  const float* weight;
  const float* bias;
  int64_t in_channels, in_h, in_w;
  int64_t out_channels, out_h, out_w;
  size_t which;  // backward: the input that the gradient goes to
};

inline Maps maps_or_none(const Tensor* tensor) {
  return tensor == nullptr ? Maps() : Maps(*tensor);
}

inline MoveRule move_rule(const CellArguments& a) {
  return {to_int(a.op.groups),
          to_int(a.in_channels / a.op.groups),
          to_int(a.op.first_channel),
          to_int(a.op.skipped),
          to_int(a.op.y.pad),
          to_int(a.op.x.pad),
          to_int(a.in_channels),
          to_int(a.in_h),
          to_int(a.in_w),
          to_int(a.out_channels),
          maps_or_none(a.first)};
}

template <CellFormula formula>
BinaryRule<formula> binary_rule(const CellArguments& a) {
  const int64_t cells = a.out_h * a.out_w;
  const auto maps = [&](const Tensor* tensor) {
    return tensor == nullptr ? Maps() : Maps(*tensor, a.out_channels, cells);
  };
  return {maps(a.first),
          maps(a.second),
          a.which == 1,
          a.in_channels == 1 && a.out_channels > 1,
          a.in_h * a.in_w == 1 && cells > 1,
          to_int(a.out_channels)};
}

inline MeanAxis mean_axis(const KernelAxis& axis, int64_t map, int64_t in, int64_t out) {
  return {to_int(axis.size), to_int(axis.stride), to_int(axis.pad), to_int(axis.pad_end),
          to_int(map),       to_int(in),          to_int(out)};
}

inline MeanRule mean_rule(const CellArguments& a) {
  return {mean_axis(a.op.y, a.op.map_h, a.op.in_y, a.op.out_y),
          mean_axis(a.op.x, a.op.map_w, a.op.in_x, a.op.out_x), a.op.count_padding,
          maps_or_none(a.first)};
}

inline LrnRule lrn_rule(const CellArguments& a) {
  return {to_int(a.out_channels),
          to_int(a.op.before),
          to_int(a.op.window),
          a.op.alpha / static_cast<float>(a.op.window),
          a.op.beta,
          a.op.k,
          maps_or_none(a.first)};
}

inline GatherAxis gather_axis(const KernelAxis& axis, int64_t map, int64_t out) {
  return {axis.stride < 0, to_int(axis.pad),  to_int(axis.dilation),
          to_int(map),     to_int(axis.size), to_int(out)};
}

inline GatherRule gather_rule(const CellArguments& a) {
  return {gather_axis(a.op.y, a.in_h, a.op.out_y), gather_axis(a.op.x, a.in_w, a.op.out_x),
          maps_or_none(a.first)};
}

inline Block block_of(const CellOp& op) { return {to_int(op.y.size), to_int(op.x.size)}; }

inline ToSpaceRule to_space_rule(const CellArguments& a) {
  return {block_of(a.op),     to_int(a.op.out_y), to_int(a.op.out_x),
          to_int(a.op.map_h), to_int(a.op.map_w), maps_or_none(a.first)};
}

inline AffineMapRule affine_map_rule(const CellArguments& a) {
  return {a.weight,
          a.bias,
          to_int(a.op.map_h),
          to_int(a.op.map_w),
          to_int(a.op.out_y),
          to_int(a.op.out_x),
          maps_or_none(a.first)};
}

/// Of x, or of the input that the gradient goes to; `moments` of each cell of `height` x `width`.
inline LayerNormRule norm_rule(const CellOp& op, const Tensor& x, const Tensor* weight,
                               const Tensor* bias, float* moments, int64_t height, int64_t width) {
  return {weight->data(),
          bias == nullptr ? nullptr : bias->data(),
          to_int(x.shape()[1]),
          op.epsilon,
          Maps(x),
          moments,
          width,
          height * width};
}

/// Calls use(rule).
template <class Use>
void with_rule(const CellArguments& a, Use&& use) {
  switch (a.op.formula) {
    case CellFormula::scalar:
      return use(ScalarRule{a.op.function, maps_or_none(a.first)});
    case CellFormula::prelu:
      return use(PreluRule{a.weight, maps_or_none(a.first)});
    case CellFormula::affine:
      return use(AffineRule{a.weight, a.bias, maps_or_none(a.first)});
    case CellFormula::move:
      return use(move_rule(a));
    case CellFormula::add:
      return use(binary_rule<CellFormula::add>(a));
    case CellFormula::sub:
      return use(binary_rule<CellFormula::sub>(a));
    case CellFormula::mul:
      return use(binary_rule<CellFormula::mul>(a));
    case CellFormula::div:
      return use(binary_rule<CellFormula::div>(a));
    case CellFormula::max:
      return use(binary_rule<CellFormula::max>(a));
    case CellFormula::mean:
      return use(mean_rule(a));
    case CellFormula::lrn:
      return use(lrn_rule(a));
    case CellFormula::channel_max:
      return use(ChannelMaxRule{to_int(a.in_channels), maps_or_none(a.first)});
    case CellFormula::gather:
      return use(gather_rule(a));
    case CellFormula::to_depth:
      return use(ToDepthRule{block_of(a.op), maps_or_none(a.first)});
    case CellFormula::to_space:
      return use(to_space_rule(a));
    case CellFormula::affine_map:
      return use(affine_map_rule(a));
    case CellFormula::layer_norm:
      break;
  }
  throw Error("cell: unknown formula");
}

/// Forward's arguments.
inline CellArguments forward_arguments(const CellOp& op, std::span<const Tensor* const> inputs,
                                       const Tensor* weight, const Tensor* bias, const Tensor& y) {
  const Shape &in = inputs[0]->shape(), &out = y.shape();
  return {op,
          inputs[0],
          inputs.size() > 1 ? inputs[1] : nullptr,
          weight == nullptr ? nullptr : weight->data(),
          bias == nullptr ? nullptr : bias->data(),
          in[1],
          in[2],
          in[3],
          out[1],
          out[2],
          out[3],
          0};
}

/// Backward's. A formula of one input finds its feature first.
inline CellArguments backward_arguments(const CellOp& op, size_t which,
                                        std::span<const Tensor* const> features,
                                        const Tensor* weight, const WindowBatch& above,
                                        const WindowBatch& below) {
  return {op,
          features.empty() ? nullptr : features[0],
          features.size() > 1 ? features[1] : nullptr,
          weight == nullptr ? nullptr : weight->data(),
          nullptr,
          below.channels,
          below.window.y.map,
          below.window.x.map,
          above.channels,
          above.window.y.map,
          above.window.x.map,
          which};
}

}  // namespace hdecomp::cell
