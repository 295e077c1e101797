/// What a batch of items begins and ends with: the planes that ablation fills, and the decision's
/// values, both on the device.
#pragma once

#include "kernels/item_maps.h"
#include "runtime/ablation_values.h"

namespace hdecomp {

/// The planes that a question's items fill, in batches of `batch`; listed once.
class FilledPlanes {
 public:
  /// `every_channel`: items hold every channel of the ablated layer; else item k channel k alone.
  FilledPlanes(const AblationQuestion& question, int64_t batch, bool every_channel);

  /// Fills those of items `first` to first + batch, in `maps` (batch, planes, h, w).
  void fill(int64_t first, Tensor& maps) const;

 private:
  const Context& context_;
  int64_t batch_;
  IndexTensor planes_;         // in their items' batch, of all items
  Tensor values_;              // of each
  std::vector<int64_t> ends_;  // of each batch's planes
};

/// The decision's value in every item, batch after batch.
class DecisionValues {
 public:
  DecisionValues(const AblationQuestion& question, int64_t batch);

  /// Takes those of items `first` to first + batch, from their maps of the decision's layer.
  void take(int64_t first, const ItemMaps& maps);
  /// All of them. Waits for the device.
  std::vector<float> on_host() const;

 private:
  const AblationQuestion& q_;
  int64_t batch_;
  Tensor values_;  // (items, 1, 1, 1), up to whole batches
};

}  // namespace hdecomp
