/// Grouped convolutions in our own loops, of one image at a time: between maps whose channels lie
/// last, on processors with AVX-512. oneDNN's (2.6) wants blocks of sixteen channels there, which
/// no other layer of such networks does.
#pragma once

#include <memory>

#include "kernels/conv/conv.h"
#include "kernels/conv/grouped_rows_cpu.h"
#include "kernels/conv/weight_store.h"

namespace hdecomp::cpu {

class GroupedConv {
 public:
  /// Whether it is the fastest way, on this processor: as many channels come out of each group as
  /// go in, four, eight, sixteen or a multiple of that.
  static bool suits(const ConvSpec& spec);

  /// The context must outlive it; the weight (out, in / groups, kernel_h, kernel_w), too, where
  /// there is a store, which shares what is made of it.
  GroupedConv(const Context& context, const ConvSpec& spec, const Tensor& weight,
              WeightStore* store);

  /// All of `to` (height, width, channels), from such a map; an image has the same bits on any
  /// number of threads. `bias`: a float for each channel.
  void run(const float* from, const float* bias, float* to) const;

  int64_t weight_bytes() const;

 private:
  int64_t group() const { return spec_.in_channels / spec_.groups; }
  int64_t vectors() const;
  /// A vector's first channel: the last vector ends with the last channel.
  int64_t first_channel(int64_t vector) const;
  void fill(const Tensor& weight, float* to) const;
  void run_row(const grouped_rows::Channels& channels, int64_t y, grouped_rows::Row row) const;

  const Context& context_;
  ConvSpec spec_;
  std::shared_ptr<const float> weights_;  // (vectors, kernel_h, kernel_w, group, lanes)
};

}  // namespace hdecomp::cpu
