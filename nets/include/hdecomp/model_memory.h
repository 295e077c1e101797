/// Where a model file's weights are once it is loaded.
#pragma once

namespace hdecomp {

enum class ModelMemory {
  /// In memory of their own, on huge pages: whatever becomes of the file, and quickest for the
  /// hundredth image.
  own,
  /// On the file's own pages, where they lie in it at multiples of 64 bytes (as save() puts them):
  /// nothing is copied and processes share them, so that the first answer comes sooner; linear
  /// layers then take about a fifth longer. While the model lives its file may be replaced, as
  /// save() does, but not written over or cut short: a later touch would end the process.
  mapped,
  /// Mapped, and pages that were checked are given back to the system until they are read again.
  /// For explainers of precision bf16 on the CPU, which read the weights of linear layers once more
  /// and never again: what then lies in memory is half as much of them.
  mapped_in_passing,
};

}  // namespace hdecomp
