/// Bytes as base64 text, for pages and drawings that hold their data.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "hdecomp/export.h"

namespace hdecomp {

HDECOMP_API std::string base64(std::span<const uint8_t> bytes);

/// The memory of a list of numbers, little-endian on every machine that hdecomp runs on.
template <class List>
std::string base64_of(const List& values) {
  return base64({reinterpret_cast<const uint8_t*>(values.data()),
                 values.size() * sizeof(typename List::value_type)});
}

}  // namespace hdecomp
