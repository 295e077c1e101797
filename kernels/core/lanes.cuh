/// The sizes that all kernels share.
#pragma once

namespace hdecomp::cuda {

constexpr int warp_lanes = 32;
constexpr unsigned all_lanes = 0xffffffffu;  // of a warp, as its shuffles and votes ask for them
constexpr int block_threads = 256;           // of a block, where a kernel needs no size of its own

}  // namespace hdecomp::cuda
