/// What a batch of items begins and ends with: the planes that ablation fills, and the decision's
/// values, both on the device.
#pragma once

#include "kernels/map/item_maps.h"
#include "runtime/ablation/ablation_task.h"

namespace hdecomp {

/// The planes that a task's items fill; listed once.
class FilledPlanes {
 public:
  /// `every_channel`: items hold every channel of the ablated layer; else item k channel k alone.
  FilledPlanes(const AblationTask& task, const AblationBatches& batches, bool every_channel);

  /// Fills those of the batch that begins with an item, in `maps` (places, planes, h, w).
  void fill(int64_t first, Tensor& maps) const;

 private:
  const Context& context_;
  int64_t step_;
  IndexTensor planes_;         // in their items' batch, of all items
  Tensor values_;              // of each
  std::vector<int64_t> ends_;  // of each batch's planes
};

/// The decision's value in every place, batch after batch.
class DecisionValues {
 public:
  DecisionValues(const AblationTask& task, const AblationBatches& batches);

  /// Takes those of the batch that begins with an item, from its maps of the decision's layer.
  void take(int64_t first, const ItemMaps& maps);
  /// The last place of each batch less its items, all of them. Waits for the device.
  std::vector<float> drops() const;

 private:
  const AblationTask& q_;
  AblationBatches batches_;
  Tensor values_;  // (batches * places, 1, 1, 1)
};

}  // namespace hdecomp
