/// The linear layer's window backward on CUDA: for few decisions only the rows of the weight whose
/// unit has a gradient are read, for many it is a product, for one-hot ones a copy of rows.
#include "kernels/core/cuda_shared.h"
#include "kernels/core/lanes.cuh"
#include "kernels/core/quads_device.cuh"
#include "kernels/product/cuda_gemm.h"
#include "kernels/window/window_device.cuh"

namespace hdecomp::cuda {
namespace {

/// Up to here the active rows, each read once for all decisions, are fewer bytes than the whole
/// weight that a product reads (a ReLU leaves about a quarter of the units active); from here on
/// hardly a row is inactive for every decision, and the products' cost shows.
constexpr int few_decisions = 4;
constexpr int block_warps = 16, product_threads = block_warps * warp_lanes;
constexpr int most_columns = 64;  // of the weight per block
constexpr int rows_at_once = 4;   // loads that a thread has in flight
constexpr int listed_units = 4096;

/// A level of few decisions. The kernels are made for one decision, which the first level of a tree
/// has, and for up to few_decisions: the fewer sums a thread holds, the more blocks are there at a
/// time, whose loads hide each other's waits.
struct FewDecisions {
  const float* weight;    // (units, inputs)
  const float* gradient;  // (units, decisions)
  int units, inputs, decisions;
  int lanes;  // threads, neighbours in a warp, that share one row at a time
};

/// Block-wide and uniform: the list in shared memory of the next units, up to `listed_units` from
/// `first` on, that have a gradient in any decision, in rising order. Returns their number.
__device__ int list_active(const FewDecisions& level, int first,
                           SharedArray<int, listed_units>& active) {
  constexpr int own = listed_units / product_threads;  // a thread's, neighbours
  __shared__ SharedArray<int, block_warps> counts;
  const int thread = static_cast<int>(threadIdx.x), lane = thread % warp_lanes;
  const int begin = first + thread * own;
  unsigned has_gradient = 0;  // a bit for each
  for (int r = 0; r < own; ++r) {
    for (int d = 0; begin + r < level.units && d < level.decisions; ++d) {
      const bool is_active = level.gradient[int64_t{begin + r} * level.decisions + d] != 0;
      has_gradient |= (is_active ? 1u : 0u) << r;
    }
  }
  int position = __popc(has_gradient);  // first behind the thread's in its warp's
  for (int step = 1; step < warp_lanes; step *= 2) {
    const int before = __shfl_up_sync(all_lanes, position, step);
    if (lane >= step) position += before;
  }
  if (lane == warp_lanes - 1) counts[thread / warp_lanes] = position;
  __syncthreads();
  position -= __popc(has_gradient);
  int listed = 0;
  for (int warp = 0; warp < block_warps; ++warp) {
    const int count = counts[warp];
    listed += count;
    if (warp < thread / warp_lanes) position += count;
  }
  for (int r = 0; r < own; ++r) {
    if ((has_gradient >> r & 1) != 0) active[position++] = begin + r;
  }
  __syncthreads();
  return listed;
}

/// Adds this thread's share of the listed rows: every `slots`th from `slot` on.
template <int width, int most>
__device__ void add_rows(const FewDecisions& level, const SharedArray<int, listed_units>& active,
                         int listed, int slot, int slots, const float* column,
                         Pack<width> (&sums)[most]) {
  for (int i = slot; i < listed; i += rows_at_once * slots) {
    Pack<width> rows[rows_at_once];
    float gradients[rows_at_once][most];
    for (int k = 0; k < rows_at_once; ++k) {
      const bool there = i + k * slots < listed;
      const int unit = active[there ? i + k * slots : i];
      rows[k] = load_pack<width>(column + int64_t{unit} * level.inputs);
      const float* gradient = level.gradient + int64_t{unit} * level.decisions;
      for (int d = 0; d < most; ++d) {
        gradients[k][d] = there && d < level.decisions ? gradient[d] : 0.0f;
      }
    }
    for (int k = 0; k < rows_at_once; ++k) {
      for (int d = 0; d < most; ++d) {
        for (int v = 0; v < width; ++v) {
          sums[d].values[v] += gradients[k][d] * rows[k].values[v];
        }
      }
    }
  }
}

/// One finished sum, of decision `d` at input unit channel * h * w + cell.
__device__ void put_unit(const DeviceTarget& target, int d, int unit, float value) {
  const int channel = static_cast<int>(target.by_plane.quotient(unit));
  const int64_t cell = unit - channel * target.plane;
  float* to = target.data + channel * target.channel_step + d * target.plane + cell;
  if (target.sum) value += *to;
  const int64_t image = target.places[d].image;
  if (target.feature != nullptr && image >= 0) {
    const int64_t at = (image * target.channels + channel) * target.feature_plane + cell;
    value = masked(target, value, target.feature[at]);
  }
  *to = value;
}

/// below (C, D, h, w) = or += W^T G for D <= few_decisions, masked. A block has `lanes` * width
/// columns of the weight; its threads share the rows, and their sums meet in a fixed order.
template <int width, int most>
__global__ void __launch_bounds__(product_threads, most == 1 ? 3 : 2)
    sum_active_rows(const FewDecisions level, const DeviceTarget target) {
  __shared__ SharedArray<int, listed_units> active;
  __shared__ SharedArray<float, block_warps * most * most_columns> of_warps;
  const int thread = static_cast<int>(threadIdx.x), warp = thread / warp_lanes;
  const int lane = thread % level.lanes, slot = thread / level.lanes;
  const int columns = level.lanes * width;  // of this block
  const int block_begin = static_cast<int>(blockIdx.x) * columns;
  const bool has_column = block_begin + lane * width < level.inputs;
  Pack<width> sums[most] = {};
  for (int first = 0; first < level.units; first += listed_units) {
    const int listed = list_active(level, first, active);
    if (has_column) {
      add_rows(level, active, listed, slot, product_threads / level.lanes,
               level.weight + block_begin + lane * width, sums);
    }
    __syncthreads();
  }
  for (int d = 0; d < most; ++d) {
    for (int v = 0; v < width; ++v) {
      float& sum = sums[d].values[v];
      for (int mask = level.lanes; mask < warp_lanes; mask *= 2) {
        sum += __shfl_xor_sync(all_lanes, sum, mask);
      }
      if (thread % warp_lanes < level.lanes) {
        of_warps[(warp * most + d) * columns + lane * width + v] = sum;
      }
    }
  }
  __syncthreads();
  for (int i = thread; i < level.decisions * columns; i += product_threads) {
    float sum = 0;
    for (int w = 0; w < block_warps; ++w) sum += of_warps[w * most * columns + i];
    const int unit = block_begin + i % columns;
    if (unit < level.inputs) put_unit(target, i / columns, unit, sum);
  }
}

/// Rows (channel * h * w + cell) of a matrix: a decision's own in a product, or, one-hot, that of
/// its unit in the weight.
struct Rows {
  static constexpr int at_once = channels_at_once;
  const float* data;
  bool one_hot;
  int first_channel, units;  // one-hot: of the decisions' layer, those that the weight has rows for
  int64_t plane;             // h * w of the whole map below
  int64_t inputs;            // C * h * w
  int width;

  __device__ void add(const Site& site, const int (&channels)[channels_at_once],
                      float (&sums)[channels_at_once]) const {
    const int which = one_hot ? site.channel - first_channel : site.decision;
    if (one_hot && (which < 0 || which >= units)) return;
    const float* row = data + which * inputs + int64_t{site.map_y} * width + site.map_x;
    for (int q = 0; q < channels_at_once; ++q) sums[q] += row[channels[q] * plane];
  }
};

void fill_from_rows(const Context& context, const float* data, const WindowBatch& above,
                    const GradientBelow& below) {
  const int64_t area = below.batch.window.area();
  const DeviceTarget target(below, 0, below.batch.decisions());
  launch_fill(
      context, "linear_window_rows", target,
      Rows{data, above.one_hot, static_cast<int>(above.first_channel),
           static_cast<int>(above.channels), area, below.batch.channels * area, target.x.map});
}

void few(const Context& context, const Tensor& weight, const WindowBatch& above,
         const GradientBelow& below) {
  const DeviceTarget target(below, 0, above.decisions());
  const int64_t inputs = below.batch.channels * target.plane;
  if (inputs > int64_t{1} << 30 || above.channels > int64_t{1} << 30) {
    throw Error(joined("linear_window: a weight of ", above.channels, " x ", inputs,
                       "; at most 2^30 each"));
  }
  const bool aligned = inputs % 4 == 0 && is_aligned(weight.data());  // all rows
  // Long stretches of each row, as long as there are blocks for every multiprocessor.
  const int lanes = !aligned ? warp_lanes : inputs >= 16384 ? 16 : 8;
  const int columns = lanes * (aligned ? 4 : 1);
  const FewDecisions level{weight.data(),
                           above.data.data(),
                           static_cast<int>(above.channels),
                           static_cast<int>(inputs),
                           static_cast<int>(above.decisions()),
                           lanes};
  auto kernel = aligned ? sum_active_rows<4, few_decisions> : sum_active_rows<1, few_decisions>;
  if (level.decisions == 1) kernel = aligned ? sum_active_rows<4, 1> : sum_active_rows<1, 1>;
  launch(context.cuda().stream(), "linear_window_active_rows", kernel,
         Grid{dim3(static_cast<unsigned>((inputs + columns - 1) / columns)), dim3(product_threads)},
         level, target);
}

void many(const Context& context, const Tensor& weight, const WindowBatch& above,
          const GradientBelow& below) {
  const int64_t decisions = above.decisions(), area = below.batch.window.area();
  const int64_t inputs = below.batch.channels * area;
  if (area == 1) {  // (C, D) is the product itself
    gemm(context, inputs, decisions, above.channels, {weight.data(), inputs, true},
         {above.data.data(), decisions}, below.into == Accumulate::sum ? 1.0f : 0.0f,
         below.batch.data.data(), decisions);
    return mask_windows(context, below);
  }
  const Buffer product =
      below.batch.pool->take(decisions * inputs * static_cast<int64_t>(sizeof(float)));
  auto* rows = static_cast<float*>(product.get());
  gemm(context, decisions, inputs, above.channels, {above.data.data(), decisions, true},
       {weight.data(), inputs}, 0, rows, inputs);
  fill_from_rows(context, rows, above, below);
}

}  // namespace

void linear_window_backward(const Context& context, const Tensor& weight, const WindowBatch& above,
                            const GradientBelow& below) {
  if (above.decisions() == 0) return;
  if (above.one_hot) return fill_from_rows(context, weight.data(), above, below);
  return above.decisions() <= few_decisions ? few(context, weight, above, below)
                                            : many(context, weight, above, below);
}

}  // namespace hdecomp::cuda
