/// A tensor on a file's own pages.
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/core/tensor.h"

namespace hdecomp {

/// The little-endian float32 values from `offset` bytes on in an open file, which must hold them
/// all, for reading only: a write would end the process. The file may be closed. Nothing where they
/// do not lie as tensors do, at a multiple of 64 bytes, or the system maps no such file.
std::optional<Tensor> map_floats(int file, int64_t offset, const Shape& shape);

/// Of these numbers of a tensor: the process gives back the pages that they fill where they are a
/// file's, and has them again when it next reads them. Nothing of other memory.
void let_go(const float* first, int64_t count);

}  // namespace hdecomp
