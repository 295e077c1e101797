/// The bytes of a NumPy file.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hdecomp {

/// float32 in C order.
std::vector<uint8_t> npy_bytes(std::span<const int64_t> shape, std::span<const float> values);

}  // namespace hdecomp
