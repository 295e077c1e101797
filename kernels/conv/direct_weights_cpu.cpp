/// Weights turned in squares of vector lanes.
#include "kernels/conv/direct_weights_cpu.h"

#include <algorithm>
#include <array>

#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"
#include "kernels/product/turned_square_cpu.h"

namespace hdecomp::cpu {
namespace {

using dnnl::memory;

/// The output channels of a block; 0 for another layout.
int64_t block_of(const memory::desc& layout, const Shape& weight) {
  const dnnl_memory_desc_t& told = layout.data;
  if (told.format_kind != dnnl_blocked || told.data_type != dnnl_f32 || told.ndims != 4) return 0;
  const dnnl_blocking_desc_t& blocks = told.format_desc.blocking;
  if (blocks.inner_nblks != 1 || blocks.inner_idxs[0] != 0 || told.offset0 != 0) return 0;
  if (told.extra.flags != dnnl_memory_extra_flag_none) return 0;
  const int64_t block = blocks.inner_blks[0], in = weight[1];
  const std::array<int64_t, 4> steps{in * block, block, in * block, in * block};
  const bool fits = block % lanes == 0 &&
                    std::equal(told.dims, told.dims + 4, weight.dims().begin()) &&
                    std::equal(steps.begin(), steps.end(), blocks.strides) &&
                    told.padded_dims[0] == in_whole(weight[0], block) &&
                    std::equal(told.dims + 1, told.dims + 4, told.padded_dims + 1);
  return fits ? block : 0;
}

/// A block's part of the weight as a matrix of rows, the output channels.
struct Rows {
  const float* from;
  int64_t count, columns, block;

  /// to[column * block + row] for the columns from `begin` to `end`.
  void turn(int64_t begin, int64_t end, float* to) const {
    const int64_t full_rows = count / lanes * lanes;
    const int64_t whole = begin + (end - begin) / lanes * lanes;
    for (int64_t row = 0; row < full_rows; row += lanes) {
      for (int64_t column = begin; column < whole; column += lanes) {
        turn_square(from + row * columns + column, columns, to + column * block + row, block);
      }
    }
    for (int64_t column = begin; column < end; ++column) {
      float* const at = to + column * block;
      for (int64_t row = column < whole ? full_rows : 0; row < count; ++row) {
        at[row] = from[row * columns + column];
      }
      std::fill(at + count, at + block, 0.0f);
    }
  }
};

}  // namespace

bool fill_direct_weights(const Context& context, const Tensor& weight, const memory::desc& wanted,
                         float* to) {
  const Shape& shape = weight.shape();
  if (shape.rank() != 4 || shape[2] * shape[3] != 1) return false;
  const int64_t block = block_of(wanted, shape);
  if (block == 0) return false;
  constexpr int64_t run = 64;  // columns: a few cache lines of each row, read one after another
  const int64_t out = shape[0], columns = shape[1];
  const int64_t runs = pieces(columns, run);
  parallel_runs(context, pieces(out, block) * runs, [&](int64_t task) {
    const int64_t first = task / runs * block, begin = task % runs * run;
    const Rows rows{weight.data() + first * columns, std::min(block, out - first), columns, block};
    rows.turn(begin, std::min(begin + run, columns), to + first * columns);
  });
  return true;
}

}  // namespace hdecomp::cpu
