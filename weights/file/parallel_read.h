/// Reading the floats of a large file on every core, each piece checked while it is in the cache.
#pragma once

#include <cstdint>
#include <span>

namespace hdecomp {

/// Fills `to` with the little-endian float32 values from `offset` bytes on in an open file. Gives
/// the position of the first value that is not finite, or -1. Throws UserError, "cut short" or what
/// the system says, without a name.
///
/// The file is read, not mapped: a classifier of 500 MB is walked down faster by huge pages, which
/// a file's own pages are not, and a file that others overwrite later leaves the model as it was.
int64_t read_floats(int file, int64_t offset, std::span<float> to);

}  // namespace hdecomp
