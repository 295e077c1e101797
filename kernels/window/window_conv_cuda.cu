/// The convolution's window backward on CUDA: a product for all decisions at once, then each cell
/// below gathers its taps; for one-hot decisions the rows of the weight alone.
#include <algorithm>

#include "kernels/core/to_int.h"
#include "kernels/product/cuda_gemm.h"
#include "kernels/window/window_device.cuh"

namespace hdecomp::cuda {
namespace {

/// Columns in memory at a time. So many stay in the second-level cache (40 MB and more) between the
/// product that writes them and the gather that reads them, and make a product that fills the GPU.
constexpr int64_t columns_bytes = 32 << 20;

/// Sums over the taps that reach a cell. `columns` (C * k * k, d * h * w) of the target's d
/// decisions, h x w their windows above. `fixed`: the kernel's size where it is known here and the
/// stride is 1, so that a cell's loads are on their way at once; else 0.
template <int fixed>
struct TapSums {
  static constexpr int at_once = channels_at_once;
  const float* columns;
  int row;  // d * h * w; all columns are fewer than 2^31
  DeviceWindow above;
  DeviceKernel kernel_y, kernel_x;

  __device__ void add(const Site& site, const int (&channels)[at_once],
                      float (&sums)[at_once]) const {
    const int reach_y = kernel_y.reach(site.map_y, above.y, site.place_y);
    const int reach_x = kernel_x.reach(site.map_x, above.x, site.place_x);
    const int taps = fixed > 0 ? fixed * fixed : kernel_y.size * kernel_x.size;
    int from[at_once];  // where a channel's columns begin
    for (int q = 0; q < at_once; ++q) {
      from[q] = channels[q] * (taps * row) + site.decision * above.y.size * above.x.size;
    }
    if constexpr (fixed > 0) {
      add_fixed(reach_y, reach_x, from, sums);
    } else {
      add_covering(reach_y, reach_x, from, sums);
    }
  }

  /// Tap by tap, rising; the upper cell i reaches a cell through tap reach - i.
  __device__ void add_fixed(int reach_y, int reach_x, const int (&from)[at_once],
                            float (&sums)[at_once]) const {
    float taps[fixed * fixed][at_once];
    for (int t = 0; t < fixed * fixed; ++t) {
      const int i = reach_y - t / fixed, j = reach_x - t % fixed;
      const bool there = i >= 0 && i < above.y.size && j >= 0 && j < above.x.size;
      const int at = t * row + i * above.x.size + j;
      for (int q = 0; q < at_once; ++q) taps[t][q] = there ? columns[from[q] + at] : 0.0f;
    }
    for (int t = 0; t < fixed * fixed; ++t) {
      for (int q = 0; q < at_once; ++q) sums[q] += taps[t][q];
    }
  }

  __device__ void add_covering(int reach_y, int reach_x, const int (&from)[at_once],
                               float (&sums)[at_once]) const {
    const CellRange rows = kernel_y.covering(reach_y, above.y.size);
    const CellRange cells = kernel_x.covering(reach_x, above.x.size);
    for (int i = rows.last; i >= rows.first; --i) {
      const int tap_y = kernel_y.tap_at(reach_y - i * kernel_y.stride);
      for (int j = cells.last; j >= cells.first && tap_y >= 0; --j) {
        const int tap_x = kernel_x.tap_at(reach_x - j * kernel_x.stride);
        if (tap_x < 0) continue;
        const int at = (tap_y * kernel_x.size + tap_x) * row + i * above.x.size + j;
        for (int q = 0; q < at_once; ++q) sums[q] += columns[from[q] + at];
      }
    }
  }
};

/// The row of the weight (out, in / groups, k, k) that is a one-hot decision's own channel.
struct WeightRow {
  static constexpr int at_once = 2;
  const float* weight;
  int group_in, group_out;
  int first_channel, rows;  // of the decisions' layer, those that the weight has rows for
  DeviceWindow above;
  DeviceKernel kernel_y, kernel_x;

  __device__ void add(const Site& site, const int (&channels)[at_once],
                      float (&sums)[at_once]) const {
    const int tap_y = kernel_y.tap_at(kernel_y.reach(site.map_y, above.y, site.place_y));
    const int tap_x = kernel_x.tap_at(kernel_x.reach(site.map_x, above.x, site.place_x));
    const int row = site.channel - first_channel;
    if (row < 0 || row >= rows) return;
    if (tap_y < 0 || tap_x < 0) return;
    const int64_t taps = kernel_y.size * kernel_x.size, tap = tap_y * kernel_x.size + tap_x;
    const int first = row / group_out * group_in;  // of the channels that it sees
    const float* from = weight + row * group_in * taps + tap;
    for (int q = 0; q < at_once; ++q) {
      const int channel = channels[q] - first;
      if (channel >= 0 && channel < group_in) sums[q] += from[channel * taps];
    }
  }
};

/// Of a convolution with a group per input channel: sums over the taps that reach a cell, in the
/// `outputs` channels above that are made of its own.
struct DepthwiseTaps {
  static constexpr int at_once = 1;
  const float* weight;    // (out, 1, k_h, k_w)
  const float* gradient;  // (out, D, h, w)
  int outputs;
  int64_t channel_step;  // D * h * w
  DeviceWindow above;
  DeviceKernel kernel_y, kernel_x;

  __device__ void add(const Site& site, const int (&channels)[1], float (&sums)[1]) const {
    const int reach_y = kernel_y.reach(site.map_y, above.y, site.place_y);
    const int reach_x = kernel_x.reach(site.map_x, above.x, site.place_x);
    const CellRange rows = kernel_y.covering(reach_y, above.y.size);
    const CellRange cells = kernel_x.covering(reach_x, above.x.size);
    const int taps = kernel_y.size * kernel_x.size, area = above.y.size * above.x.size;
    for (int q = 0; q < outputs; ++q) {
      const int64_t k = int64_t{channels[0]} * outputs + q;
      const float* from = gradient + k * channel_step + int64_t{site.decision} * area;
      for (int i = rows.last; i >= rows.first; --i) {
        const int tap_y = kernel_y.tap_at(reach_y - i * kernel_y.stride);
        for (int j = cells.last; j >= cells.first && tap_y >= 0; --j) {
          const int tap_x = kernel_x.tap_at(reach_x - j * kernel_x.stride);
          if (tap_x < 0) continue;
          sums[0] += weight[k * taps + tap_y * kernel_x.size + tap_x] * from[i * above.x.size + j];
        }
      }
    }
  }
};

class ConvWindow {
 public:
  ConvWindow(const Context& context, const Tensor& weight, const WindowKernels& kernel,
             int64_t groups, const WindowBatch& above, const GradientBelow& below)
      : context_(context),
        weight_(weight),
        kernel_(kernel),
        groups_(groups),
        above_(above),
        below_(below),
        taps_(kernel.taps()),
        group_in_(below.batch.channels / groups),
        group_out_(above.channels / groups) {}

  void run() const {
    if (above_.decisions() == 0) return;
    if (above_.one_hot) return take_weight_rows();
    if (groups_ > 1 && group_in_ == 1) return gather_depthwise();
    // A 1x1 kernel of stride 1 between equal windows needs no gather: outside the map both are
    // zero.
    const bool direct = kernel_.is_identity() && above_.window == below_.batch.window;
    return direct ? multiply_into_below() : multiply_and_gather();
  }

 private:
  void take_weight_rows() const {
    const DeviceTarget target(below_, 0, above_.decisions());
    launch_fill(
        context_, "conv_window_weight_rows", target,
        WeightRow{weight_.data(), static_cast<int>(group_in_), static_cast<int>(group_out_),
                  static_cast<int>(above_.first_channel), static_cast<int>(above_.channels),
                  DeviceWindow(above_.window), DeviceKernel(kernel_.y), DeviceKernel(kernel_.x)});
  }

  void gather_depthwise() const {
    launch_fill(
        context_, "conv_window_depthwise", DeviceTarget(below_, 0, above_.decisions()),
        DepthwiseTaps{weight_.data(), above_.data.data(), to_int(group_out_),
                      above_.decisions() * above_.window.area(), DeviceWindow(above_.window),
                      DeviceKernel(kernel_.y), DeviceKernel(kernel_.x)});
  }

  void multiply_into_below() const {
    const int64_t row = above_.decisions() * above_.window.area();
    product(0, row, below_.into == Accumulate::sum ? 1.0f : 0.0f, below_.batch.data.data(), row);
    mask_windows(context_, below_);
  }

  void multiply_and_gather() const {
    const int64_t decisions = above_.decisions(), area = above_.window.area();
    const int64_t column_bytes =
        below_.batch.channels * taps_ * area * static_cast<int64_t>(sizeof(float));
    if (column_bytes > int64_t{8} << 30) {  // TapSums counts floats in 32 bits
      throw Error(joined("conv_window: ", column_bytes, " bytes for one decision; at most 2^33"));
    }
    const int64_t at_once = std::clamp<int64_t>(columns_bytes / column_bytes, 1, decisions);
    const Buffer memory = below_.batch.pool->take(at_once * column_bytes);
    auto* columns = static_cast<float*>(memory.get());
    for (int64_t first = 0; first < decisions; first += at_once) {
      const int64_t count = std::min(at_once, decisions - first), row = count * area;
      product(first * area, row, 0, columns, row);
      const bool is_three = kernel_.y.size == 3 && kernel_.x.size == 3 && kernel_.y.stride == 1 &&
                            kernel_.x.stride == 1 && kernel_.y.dilation == 1 &&
                            kernel_.x.dilation == 1;
      if (is_three) {
        gather<3>(first, count, columns);
      } else {
        gather<0>(first, count, columns);
      }
    }
  }

  template <int fixed>
  void gather(int64_t first, int64_t count, const float* columns) const {
    launch_fill(
        context_, "conv_window_gather", DeviceTarget(below_, first, count),
        TapSums<fixed>{columns, to_int(count * above_.window.area()), DeviceWindow(above_.window),
                       DeviceKernel(kernel_.y), DeviceKernel(kernel_.x)});
  }

  /// `to` (C * k * k, columns), rows `stride` apart, = keep * to + W^T G for the columns of G (K, D
  /// * h * w) from `first` on.
  void product(int64_t first, int64_t columns, float keep, float* to, int64_t stride) const {
    const int64_t above_row = above_.decisions() * above_.window.area();
    const int64_t rows = group_in_ * taps_;
    for (int64_t group = 0; group < groups_; ++group) {
      const Factor weight{weight_.data() + group * group_out_ * rows, rows, true};
      const Factor gradient{above_.data.data() + group * group_out_ * above_row + first, above_row};
      gemm(context_, rows, columns, group_out_, weight, gradient, keep, to + group * rows * stride,
           stride);
    }
  }

  const Context& context_;
  const Tensor& weight_;
  const WindowKernels& kernel_;
  int64_t groups_;
  const WindowBatch& above_;
  const GradientBelow& below_;
  int64_t taps_, group_in_, group_out_;
};

}  // namespace

void conv_window_backward(const Context& context, const Tensor& weight, const WindowKernels& kernel,
                          int64_t groups, const WindowBatch& above, const GradientBelow& below) {
  ConvWindow(context, weight, kernel, groups, above, below).run();
}

}  // namespace hdecomp::cuda
