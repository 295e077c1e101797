/// The element types of foreign weight files and their conversion to float.
#pragma once

#include <cstdint>

namespace hdecomp {

enum class ElementType {
  float16,
  bfloat16,
  float32,
  float64,
  int8,
  uint8,
  boolean,
  int16,
  int32,
  int64
};

int64_t element_bytes(ElementType type);
bool is_floating(ElementType type);

/// Converts `count` little-endian elements, the first at `from` (any alignment) and each next one
/// `stride` elements later, to floats at `to`. Exact but for float64, which is rounded (beyond
/// float's range: to an infinity). Throws Error if the type is not a floating one.
void convert_to_float(ElementType type, const uint8_t* from, int64_t stride, int64_t count,
                      float* to);

}  // namespace hdecomp
