/// Maps of more cells.
#pragma once

#include "weights/general/net.h"

namespace hdecomp::general {

/// A gather, not appended yet, that takes each cell of a map of that shape once, where it is.
Node gather_of_all(const FeatureShape& shape);

/// Every cell as a block of `y` by `x`; the node itself where that is one.
int enlarged(Net& net, int in, int64_t y, int64_t x);

}  // namespace hdecomp::general
