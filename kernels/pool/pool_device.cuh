/// Pooling's geometry on the device: which inputs an output reads, and which outputs read an input.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/core/adaptive_cells.h"
#include "kernels/core/to_int.h"
#include "kernels/pool/pool.h"
#include "kernels/window/window_device.cuh"

namespace hdecomp::cuda {

/// One axis of windows of one size, `stride` apart.
struct SlidingAxis {
  int32_t in, out;
  DeviceKernel kernel;

  SlidingAxis(int64_t in_size, int64_t out_size, const WindowKernel& spec)
      : in(device_extent(in_size)), out(device_extent(out_size)), kernel(checked(spec)) {}

  __device__ CellRange reach(int32_t i) const {
    const int32_t begin = i * kernel.stride - kernel.pad;
    return {max(begin, 0), min(begin + kernel.extent, in) - 1};
  }
  __device__ CellRange readers(int32_t cell) const {
    return kernel.covering(cell + kernel.pad, out);
  }

 private:
  static WindowKernel checked(const WindowKernel& spec) {
    return {device_extent(spec.size), std::min(spec.stride, int64_t{1} << 28),
            device_extent(spec.pad), device_extent(spec.dilation)};
  }
};

/// One axis of adaptive pooling's cells.
struct CellAxis {
  int32_t in, out;
  Divider by_in, by_out;

  CellAxis(int64_t in_size, int64_t out_size)
      : in(device_extent(in_size)),
        out(device_extent(out_size)),
        by_in(Divider::by(static_cast<uint32_t>(in))),
        by_out(Divider::by(static_cast<uint32_t>(out))) {
    device_extent((in_size + 1) * (out_size + 1));
  }

  __device__ CellRange reach(int32_t i) const {
    return divided(undivided_adaptive_cells(i, in, out), by_out);
  }
  __device__ CellRange readers(int32_t cell) const {
    return divided(undivided_adaptive_cells(cell, out, in), by_in);
  }

 private:
  static __device__ CellRange divided(const CellSpan<int32_t>& cells, const Divider& by) {
    return {static_cast<int32_t>(by.quotient(cells.begin)),
            static_cast<int32_t>(by.quotient(cells.end)) - 1};
  }
};

/// The positions of many planes, one after the other.
struct PlaneCells {
  Divider by_plane, by_width;
  int32_t plane;  // cells

  PlaneCells(int64_t height, int64_t width)
      : by_plane(Divider::by(static_cast<uint32_t>(device_extent(height * width)))),
        by_width(Divider::by(static_cast<uint32_t>(width))),
        plane(static_cast<int32_t>(height * width)) {}

  struct At {
    int32_t plane, y, x;
  };
  __device__ At at(int32_t i) const {
    const uint32_t index = by_plane.quotient(i);
    const uint32_t within = i - index * by_plane.divisor;
    const uint32_t y = by_width.quotient(within);
    return {static_cast<int32_t>(index), static_cast<int32_t>(y),
            static_cast<int32_t>(within - y * by_width.divisor)};
  }
};

/// Both axes, and the positions of inputs and outputs.
template <class Axis>
struct Pooling {
  Axis y, x;
  PlaneCells in, out;
};

inline Pooling<SlidingAxis> sliding(const Shape& x, const Shape& y, const PoolSpec& spec) {
  return {{x[2], y[2], {spec.kernel_h, spec.stride_h, spec.pad_h, spec.dilation_h}},
          {x[3], y[3], {spec.kernel_w, spec.stride_w, spec.pad_w, spec.dilation_w}},
          {x[2], x[3]},
          {y[2], y[3]}};
}

inline Pooling<CellAxis> cells(const Shape& x, const Shape& y) {
  return {{x[2], y[2]}, {x[3], y[3]}, {x[2], x[3]}, {y[2], y[3]}};
}

}  // namespace hdecomp::cuda
