/// What the two users of oneDNN's convolution share: its descriptions, and on how many threads it
/// may run.
#pragma once

#include <algorithm>
#include <dnnl.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/conv/conv.h"
#include "kernels/conv/weight_store.h"
#include "kernels/core/primitive_dnnl.h"

namespace hdecomp::cpu {

/// oneDNN 2.6 splits some sums by the thread count: all of its gemm-based convolutions, and from 10
/// threads on some direct ones. Results must be the same bits for any thread count, so the former
/// run on one thread and the latter on at most eight.
constexpr int max_conv_threads = 8;
/// Multiply-adds of a convolution that takes longer on several threads: a gate's, of 1 x 1 cells,
/// take 1 us on one thread and 2 to 3 on two (AMD Zen 5).
constexpr double few_products = 5e4;

/// The attributes of a primitive that ends in an activation.
dnnl::primitive_attr fused(Activation activation);

/// Winograd's transformed weights are up to four times as large and are read once per run: it pays
/// where there are many channels and a map large enough to use each weight often. By tiles of
/// 4 x 4 its error is at most 1.1e-6 of the layer's largest value, about a direct kernel's:
/// VGG-16's and ResNet-50's convolutions with seeded weights, each against float64's of the same
/// float32 input (chelsea.jpg, 2026-11-29; of 2 x 2, on maps of 14 x 14, 7.5e-7; of the direct
/// ones 1.8e-6).
/// Between maps that lie in its layout anyway, in blocks of 16 channels, it pays from fewer
/// channels on, and from 512 channels on already over maps of 7 x 7 (bench/ONNX_RUNTIME.md,
/// "Layouts").
bool winograd_wins(const ConvSpec& spec, bool in_blocks = false);

/// Whether a net of these convolutions is faster with its maps in blocks of 16 channels than with
/// channels last: on a CPU with kernels for them, where most of the work is in convolutions
/// without groups whose channels fill whole blocks, and Winograd's kernels take part.
bool blocks_suit(std::span<const ConvSpec> convs);
/// Whether one convolution's maps of such a net do lie so.
bool lies_in_blocks(const ConvSpec& spec);

/// Weights as a primitive takes them, and what keeps them where it is not the weight itself.
struct LaidWeights {
  dnnl::memory memory;
  std::shared_ptr<const float> kept = {};
};

/// A weight that becomes another before it is brought to a layout; the same one without `made`.
struct TurnedWeight {
  const Tensor& weight;
  std::vector<int64_t> by = {};  // beside the weight and the result's shape, all that says how
  std::function<Tensor()> made = {};
};

/// A convolution's extents in oneDNN's terms.
class ConvTerms {
 public:
  /// `maps`: a layout that forward() is to use, else it is oneDNN's choice.
  explicit ConvTerms(const ConvSpec& spec,
                     dnnl::memory::format_tag maps = dnnl::memory::format_tag::any)
      : spec_(spec), maps_(maps) {}

  static dnnl::memory::desc any_layout(const Shape& shape) {
    return {shape.dims(), dnnl::memory::data_type::f32, dnnl::memory::format_tag::any};
  }
  static dnnl::memory::desc plain(const Shape& shape) {
    return {shape.dims(), dnnl::memory::data_type::f32, dnnl::memory::format_tag::nchw};
  }
  /// Of sixteen channels, each of all of a map.
  static dnnl::memory::desc blocks(const Shape& shape) {
    return {shape.dims(), dnnl::memory::data_type::f32, dnnl::memory::format_tag::nChw16c};
  }

  dnnl::memory::dims weight_dims() const;
  dnnl::memory::desc any_weights() const {
    return {weight_dims(), dnnl::memory::data_type::f32, dnnl::memory::format_tag::any};
  }
  dnnl::memory::dims strides() const { return {spec_.stride_h, spec_.stride_w}; }
  /// oneDNN counts the cells between two taps.
  dnnl::memory::dims gaps() const { return {spec_.dilation_h - 1, spec_.dilation_w - 1}; }
  dnnl::memory::dims pads() const { return {spec_.pad_h, spec_.pad_w}; }
  dnnl::memory::dims far_pads() const { return {spec_.y().pad_end, spec_.x().pad_end}; }

  /// The first kernel whose name has `kernel` in it; without one, or where there is none, oneDNN's
  /// choice. Throws dnnl::error where the algorithm does not fit the extents.
  dnnl::convolution_forward::primitive_desc forward(const dnnl::engine& engine,
                                                    dnnl::algorithm algorithm,
                                                    std::string_view kernel = {}) const;
  dnnl::convolution_backward_data::primitive_desc backward_data(const dnnl::engine& engine) const;

  /// `weight` in the layout `wanted`: its own memory where that is the plain one, else reordered.
  LaidWeights weights(const Context& context, const Tensor& weight,
                      const dnnl::memory::desc& wanted, WeightStore* store) const;
  /// The same, but never the weight's own memory; of what a turned weight gives.
  LaidWeights own_weights(const Context& context, const TurnedWeight& weight,
                          const dnnl::memory::desc& wanted, WeightStore* store) const;

 private:
  /// An image's few channels fill no block: it stays plain.
  dnnl::memory::desc maps(const Shape& shape) const;
  dnnl::memory given(const Context& context, const Tensor& weight) const;
  void lay(const Context& context, const Tensor& weight, const dnnl::memory::desc& wanted,
           float* to) const;

  const ConvSpec& spec_;
  dnnl::memory::format_tag maps_;
};

/// Describes a primitive and finds on how many threads it is to run; describes it again if on one.
template <class Describe>
auto describe_conv(const Context& context, const ConvSpec& spec, Describe describe, int& threads) {
  const int most = spec.multiply_adds() < few_products ? 1 : max_conv_threads;
  threads = std::min(context.threads(), most);
  auto description = with_dnnl("convolution, planning", threads, describe);
  if (std::string_view(description.impl_info_str()).find("gemm") != std::string_view::npos) {
    threads = 1;
    description = with_dnnl("convolution, planning", threads, describe);
  }
  return description;
}

/// Winograd's kernel for the spec; nothing where there is none on this CPU or for these extents.
std::optional<dnnl::convolution_forward::primitive_desc> describe_winograd(const Context& context,
                                                                           const ConvSpec& spec,
                                                                           int& threads);

}  // namespace hdecomp::cpu
