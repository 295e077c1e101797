/// Features counted from a baseline, F - b, in place of F itself: what gap_reduce then sums up is
/// A = G * (F - b), the first-order effect of the feature's being there and not at the baseline.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/window/window_batch.h"

namespace hdecomp {

/// Of every image and channel, each (B, C).
struct Baselines {
  Tensor values;  // b
  /// The mean over the map of |F| plus |b|: what the rounding of F - b counts by.
  Tensor magnitudes;
};

/// `above` (B, C, H, W) = `feature` - b; b is `means` (C), of every image, or where that is null
/// the channel's mean over the image's map. Fills both of `baselines`.
void subtract_baselines(const Context& context, const Tensor& feature, const Tensor* means,
                        Baselines& baselines, Tensor& above);

/// Sets to 0 each contribution `alpha` (D, C) of gap_reduce over F - b that rounding can make of
/// one that is 0. Where G is the same all over a map and b the map's mean, as below global average
/// pooling, every contribution is 0, and topk would choose among roundings. With G of one sign the
/// terms' magnitudes add up to |mean of G| * magnitude; of a sum over the map, float32 in runs of
/// 256, and of F - b, b and the product each one rounding, the error is at most (256 + 4) 2^-24 of
/// that. `places` (D): the decisions, in the device's memory; `mean_gradient` (D, C).
void clear_rounding(const Context& context, std::span<const Place> places,
                    const Baselines& baselines, const Tensor& mean_gradient, Tensor& alpha);

constexpr float baseline_rounding = (256 + 4) * 0x1p-24f;

namespace cpu {
void subtract_baselines(const Context&, const Tensor& feature, const Tensor* means, Baselines&,
                        Tensor& above);
void clear_rounding(const Context&, std::span<const Place>, const Baselines&,
                    const Tensor& mean_gradient, Tensor& alpha);
}  // namespace cpu
namespace cuda {
void subtract_baselines(const Context&, const Tensor& feature, const Tensor* means, Baselines&,
                        Tensor& above);
void clear_rounding(const Context&, std::span<const Place>, const Baselines&,
                    const Tensor& mean_gradient, Tensor& alpha);
}  // namespace cuda

}  // namespace hdecomp
