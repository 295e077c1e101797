/// The fast ablation's plan and memory: which part of which layer each item must hold, and how a
/// layer reads the parts below it.
#pragma once

#include <optional>
#include <vector>

#include "runtime/ablation/ablation_items.h"

namespace hdecomp {

/// What a node's items differ in, and so what is held of each.
enum class AblationForm {
  untouched,          // nothing: not above the ablated layer; the features
  own_channel,        // item k in one channel alone, k places behind item 0's: that channel
  every_channel,      // every channel
  decisions_channel,  // every channel, but only the decision's is needed: that channel
};

/// The nodes between the two layers, each in the decision's window of it.
class AblationWindows {
 public:
  explicit AblationWindows(const AblationTask& task);

  AblationForm form(int node) const { return forms_[node]; }
  const MapRegion& region(int node) const { return regions_[node]; }
  /// Planes of one item at a node.
  int64_t planes(int node) const;
  /// The rectangle of an input that a node's region is computed from, halo included.
  MapRegion input_region(int node, size_t which = 0) const;
  /// A convolution's or pool's kernel. A linear layer is one as large as its whole input.
  WindowKernels kernel(int node) const;
  /// Whether a node's first input holds just what the node is computed from: its own memory will
  /// do then.
  bool holds_input(int node) const;
  const AblationBatches& batches() const { return *batches_; }
  int64_t places() const { return batches_->places; }

  /// Moves on to the batch of items from `first` on: fills the ablated layer.
  void begin(int64_t first);
  /// The first item of the batch.
  int64_t first() const { return first_; }

  /// (places, planes, height, width) of a node's region in these items.
  Tensor& data(int node) { return data_[node]; }
  /// The channels of those planes.
  PlaneChannels channels(int node) const;
  /// The item's own plane of a node whose channels are its inputs' side by side, taken from the one
  /// input that has it: for AblationForm::own_channel.
  ItemMaps own_plane_of_inputs(int node) const;
  /// A node's maps in these items.
  ItemMaps maps(int node) const;
  /// A node's maps in the network as it is.
  ItemMaps features(int node) const { return {features_[node]}; }

 private:
  void choose_forms();
  int64_t floats_per_item() const;

  const AblationTask& q_;
  /// The channel that item 0 differs in, where each item differs in one.
  std::optional<int64_t> own_channel(int node) const;

  std::vector<AblationForm> forms_;
  std::vector<int64_t> own_channels_;  // of AblationForm::own_channel
  std::vector<MapRegion> regions_;
  std::vector<Tensor> features_;  // of the nodes that are read
  std::vector<Tensor> data_;
  std::optional<AblationBatches> batches_;
  int64_t first_ = 0;
  std::optional<FilledPlanes> filled_;
};

}  // namespace hdecomp
