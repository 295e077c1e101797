/// Bytes as base64 text, for pages that hold their data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hdecomp::tools {

std::string base64(std::span<const uint8_t> bytes);

/// The memory of a list of numbers, little-endian on every machine that hdecomp runs on.
template <class T>
std::string base64_of(const std::vector<T>& values) {
  return base64({reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T)});
}

}  // namespace hdecomp::tools
