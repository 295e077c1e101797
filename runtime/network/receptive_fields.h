/// From the features of one layer to the pixels of the input that they are computed from.
#pragma once

#include "hdecomp/model.h"
#include "kernels/core/window.h"
#include "nets/graph.h"

namespace hdecomp {

/// Planned once for a layer. Exact, where the windows that gradients go through
/// (network/window_executor.h) are the whole map as soon as one is as large.
class ReceptiveFields {
 public:
  ReceptiveFields(const Graph& graph, int node);

  /// That of the feature at (y, x), inside the input; a pixel's is itself.
  PixelRectangle at(int64_t y, int64_t x) const;

 private:
  Window window_;
};

}  // namespace hdecomp
