/// How a count is cut into pieces.
#pragma once

#include <cstdint>

namespace hdecomp {

/// How many pieces of `size` hold `count` elements.
constexpr int64_t pieces(int64_t count, int64_t size) { return (count + size - 1) / size; }
/// How many elements, at least `count`, fill whole pieces.
constexpr int64_t in_whole(int64_t count, int64_t size) { return pieces(count, size) * size; }

}  // namespace hdecomp
