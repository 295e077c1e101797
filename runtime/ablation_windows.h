/// The fast ablation's plan and memory: which part of which layer each item must hold, and how a
/// layer reads the parts below it.
#pragma once

#include <vector>

#include "runtime/ablation_values.h"

namespace hdecomp {

/// A rectangle of a map, in the map's coordinates; may lie partly outside.
struct AblationRegion {
  int64_t y = 0, x = 0, height = 1, width = 1;
  int64_t area() const { return height * width; }
};

/// What a node's items differ in, and so what is held of each.
enum class AblationForm {
  fixed,  // nothing: not above the ablated layer; the features
  own,    // item k in channel k alone: that channel
  all,    // every channel
  one,    // every channel, but only the decision's is needed: that channel
};

/// A convolution's or pool's kernel. A linear layer is one as large as its whole input.
struct AblationKernel {
  int64_t height = 1, width = 1, stride = 1, pad = 0;
};

/// The nodes between the two layers, each in the decision's window of it.
class AblationWindows {
 public:
  explicit AblationWindows(const AblationQuestion& question);

  AblationForm form(int node) const { return forms_[node]; }
  const AblationRegion& region(int node) const { return regions_[node]; }
  /// Planes of one item at a node.
  int64_t planes(int node) const;
  /// The input rectangle that a node's region is computed from, halo included.
  AblationRegion input_region(int node) const;
  AblationKernel kernel(int node) const;
  int64_t batch() const { return batch_; }

  /// (batch, planes, height, width) of a node's region: items `first()` to first() + batch.
  Tensor& data(int node) { return data_[node]; }
  const Tensor& data(int node) const { return data_[node]; }
  /// The item in place b of the batch.
  int64_t item(int64_t b) const { return first_ + b; }
  /// Moves on to the items from `first` on: fills the ablated layer.
  void begin(int64_t first);

  /// The channel that plane p of a node's place b holds. Past the last channel's item, channel 0.
  int64_t channel_of(int node, int64_t b, int64_t p) const;
  /// Copies a rectangle of one channel of the item in place b; `outside` where there is no map.
  void read(int node, int64_t b, int64_t channel, const AblationRegion& region, float outside,
            float* to) const;
  /// The same of the network as it is.
  void read_feature(int node, int64_t channel, const AblationRegion& region, float outside,
                    float* to) const;
  /// The decision's value for place b.
  float decision(int64_t b) const;

 private:
  void choose_forms();
  int64_t floats_per_item() const;

  const AblationQuestion& q_;
  std::vector<AblationForm> forms_;
  std::vector<AblationRegion> regions_;
  std::vector<const float*> features_;  // of the nodes that are read; made before threads read
  std::vector<Tensor> data_;
  int64_t batch_ = 1, first_ = 0;
};

/// Whether each channel of a node is computed from the same channel of its inputs.
inline bool is_channelwise(const Node& node) {
  return node.op == Op::max_pool || node.op == Op::adaptive_avg_pool || node.op == Op::add;
}

}  // namespace hdecomp
