/// The convolutions' kernels, forward and back to the input, between maps that lie channels last.
#pragma once

#include <vector>

#include "kernels/loops/lanes_cpu.h"
#include "kernels/loops/pieces.h"
#include "kernels/plain/primitives.h"

namespace hdecomp::plain {

using cpu::lanes, cpu::Lanes, cpu::load_lanes, cpu::load_some, cpu::store_some;

/// How a kernel goes along one axis of the map that it reads, for each index of the one it writes.
struct Axis {
  int64_t from = 1, to = 1;  // extents
  int64_t taps = 1, stride = 1, reach = 1, pad = 0;
  bool back = false;  // from the gradient of the convolution's output

  /// Where tap `tap` of index i reads; -1: nowhere.
  int64_t at(int64_t i, int64_t tap) const {
    int64_t place = back ? i + pad - tap * reach : i * stride - pad + tap * reach;
    if (place < 0) return -1;
    if (back && place % stride != 0) return -1;
    if (back) place /= stride;
    return place < from ? place : -1;
  }
};

struct Geometry {
  int64_t images = 1, groups = 1;
  int64_t from_channels = 0, to_channels = 0;  // of all groups
  Axis y, x;
  float low, high;
  bool has_bias = true;

  bool back() const { return y.back; }
  int64_t taps() const { return y.taps * x.taps; }
  int64_t from_each() const { return from_channels / groups; }
  int64_t to_each() const { return to_channels / groups; }
  int64_t cells() const { return images * y.to * x.to; }  // written
  int64_t from_cell(int64_t image, int64_t in_y, int64_t in_x) const {
    return (image * y.from + in_y) * x.from + in_x;
  }
  bool is_depthwise() const { return groups > 1 && from_each() == 1 && to_each() == 1; }
  /// What Winograd's kernel takes: 3 x 3 taps side by side, on a map of some size.
  bool suits_winograd() const;
};

/// Maps and weights as a kernel is called with them.
struct Operands {
  const float *from, *weights, *bias;  // bias: null without
  float* to;

  Operands(const Geometry& g, const dnnl::arguments& given);
};

/// A kernel with its scratch memory, given out by thread.
class ConvKernel : public dnnl::kernel {
 public:
  ConvKernel(const Geometry& g, int threads) : g_(g), threads_(threads) {}

 protected:
  /// Has memory for one thread's `floats`, in whole cache lines.
  void reserve(int64_t floats);
  float* own_scratch(const dnnl::arguments& given) const;
  /// Between the bounds that the layer ends with. A NaN stays one.
  Lanes held(const Lanes& x) const {
    return cpu::smaller(Lanes{} + g_.high, cpu::larger(Lanes{} + g_.low, x));
  }

  const Geometry g_;
  const int threads_;
  int64_t floats_each_ = 0;
};

/// How many of all panels of output channels a task takes: all where there are tasks enough so.
inline int64_t panels_of_task(int64_t tasks, int64_t all) {
  constexpr int64_t many = 16, few = 8;
  return tasks >= many ? all : few;
}

/// `weights` is what the description asks for: of ndims 5 where there are groups.
std::shared_ptr<ConvKernel> make_direct(const Geometry& g, const dnnl::memory::dims& weights,
                                        int threads);
std::shared_ptr<ConvKernel> make_depthwise(const Geometry& g, const dnnl::memory::dims& weights,
                                           int threads);
std::shared_ptr<ConvKernel> make_winograd(const Geometry& g, const dnnl::memory::dims& weights,
                                          int threads);

/// Fills Winograd's weights `to`, in the layout that its kernel asks for, from (out, in, 3, 3).
void fill_winograd(const float* weight, const dnnl_wino_desc_t& layout, int64_t out, int64_t in,
                   float* to, int threads);

}  // namespace hdecomp::plain
