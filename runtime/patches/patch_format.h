/// What the writer and the reader of a patches file share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hdecomp {

inline constexpr const char* patches_format = "hdecomp-patches";
inline constexpr int64_t patches_version = 1;
inline constexpr size_t place_numbers = 2, box_numbers = 4;  // y, x; and height, width

}  // namespace hdecomp
