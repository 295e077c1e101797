/// What goes over maps without weights: max-pooling, channels behind each other, other layouts.
#include <omp.h>

#include <algorithm>

#include "kernels/plain/conv_kernels.h"
#include "kernels/plain/relayout.h"

namespace dnnl {
namespace {

using hdecomp::plain::Axis;
using hdecomp::plain::is_channels_last;

/// Where maps' numbers lie, without blocks.
struct Strides {
  explicit Strides(const memory::desc& layout) {
    const dnnl_blocking_desc_t& blocks = layout.data.format_desc.blocking;
    if (layout.data.format_kind != dnnl_blocked || blocks.inner_nblks > 0) {
      throw error(dnnl_unimplemented, "maps in blocks of channels");
    }
    const int64_t* each = blocks.strides;
    image = each[0], channel = each[1], row = each[2], cell = each[3];
  }
  int64_t image, channel, row, cell;
};

/// The other map's layout for one of other extents.
memory::desc alike(const memory::desc& layout, const memory::dims& extent) {
  const bool last = is_channels_last(layout);
  return {extent, memory::data_type::f32,
          last ? memory::format_tag::nhwc : memory::format_tag::nchw};
}

class MaxPool final : public kernel {
 public:
  MaxPool(const pooling_forward::desc& op, int threads)
      : channels_(op.src.data.dims[1]),
        images_(op.src.data.dims[0]),
        y_{op.src.data.dims[2], op.dst.data.dims[2], op.kernel[0], op.strides[0], 1, op.pads[0]},
        x_{op.src.data.dims[3], op.dst.data.dims[3], op.kernel[1], op.strides[1], 1, op.pads[1]},
        threads_(threads) {
    src = op.src;
    const bool any = op.dst.data.format_kind == dnnl_format_kind_any;
    dst = any ? alike(src, op.dst.dims()) : op.dst;
  }
  const char* name() const override { return "plain:max_pool"; }

  void run(const arguments& given) const override {
    const float* from = given.at(DNNL_ARG_SRC).floats();
    float* to = given.at(DNNL_ARG_DST).floats();
    const Strides in(src), out(dst);
    const int64_t each = in.channel == 1 ? channels_ : 1, parts = channels_ / each;
#pragma omp parallel for schedule(static) num_threads(threads_)
    for (int64_t task = 0; task < images_ * parts * y_.to; ++task) {
      const int64_t i = task % y_.to, part = task / y_.to % parts, image = task / y_.to / parts;
      for (int64_t j = 0; j < x_.to; ++j) {
        const int64_t c = part * each;
        put_largest(from + image * in.image + c * in.channel, in, i, j, each,
                    to + image * out.image + c * out.channel + i * out.row + j * out.cell,
                    out.channel);
      }
    }
  }

 private:
  /// Of the window at (i, j) in `each` channels, side by side if there are several.
  void put_largest(const float* from, const Strides& in, int64_t i, int64_t j, int64_t each,
                   float* to, int64_t step) const {
    for (int64_t c = 0; c < each; ++c) to[c * step] = std::numeric_limits<float>::lowest();
    for (int64_t r = 0; r < y_.taps; ++r) {
      const int64_t y = y_.at(i, r);
      if (y < 0) continue;
      for (int64_t s = 0; s < x_.taps; ++s) {
        const int64_t x = x_.at(j, s);
        if (x < 0) continue;
        const float* cell = from + y * in.row + x * in.cell;
        for (int64_t c = 0; c < each; ++c) {
          to[c * step] = cell[c] > to[c * step] ? cell[c] : to[c * step];
        }
      }
    }
  }

  int64_t channels_, images_;
  Axis y_, x_;
  int threads_;
};

class Concat final : public kernel {
 public:
  Concat(const std::vector<memory::desc>& from, int threads) : from_(from), threads_(threads) {
    memory::dims extent = from[0].dims();
    extent.at(1) = 0;
    for (const memory::desc& each : from) extent[1] += each.data.dims[1];
    const auto last = std::ranges::count_if(from, is_channels_last);
    const bool most = 2 * last > static_cast<int64_t>(from.size());
    dst = {extent, memory::data_type::f32,
           most ? memory::format_tag::nhwc : memory::format_tag::nchw};
  }
  const char* name() const override { return "plain:concat"; }

  void run(const arguments& given) const override {
    float* to = given.at(DNNL_ARG_DST).floats();
    const Strides whole(dst);
    for (size_t i = 0; i < from_.size(); ++i) {
      const float* from = given.at(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i)).floats();
      memory::desc part = dst;  // these channels' places in the whole
      part.data.dims[1] = part.data.padded_dims[1] = from_[i].data.dims[1];
      hdecomp::plain::relayout(from_[i], from, part, to, threads_);
      to += part.data.dims[1] * whole.channel;
    }
  }

 private:
  std::vector<memory::desc> from_;
  int threads_;
};

class Relayout final : public kernel {
 public:
  Relayout(const memory::desc& from, const memory::desc& to, int threads) : threads_(threads) {
    src = from, dst = to;
  }
  const char* name() const override { return "plain:reorder"; }

  void run(const arguments& given) const override {
    const float* from = given.at(DNNL_ARG_FROM).floats();
    float* to = given.at(DNNL_ARG_TO).floats();
    if (dst.data.format_kind == dnnl_format_kind_wino) {
      hdecomp::plain::fill_winograd(from, dst.data.format_desc.wino_desc, src.data.dims[0],
                                    src.data.dims[1], to, threads_);
    } else {
      hdecomp::plain::relayout(src, from, dst, to, threads_);
    }
  }

 private:
  int threads_;
};

}  // namespace

pooling_forward::desc::desc(prop_kind, algorithm, const memory::desc& in, const memory::desc& out,
                            const memory::dims& stride, const memory::dims& size,
                            const memory::dims& pad, const memory::dims&)
    : src(in), dst(out), strides(stride), kernel(size), pads(pad) {}

pooling_forward::primitive_desc::primitive_desc(const desc& op, const primitive_attr&,
                                                const engine&)
    : dnnl::primitive_desc(std::make_shared<MaxPool>(op, omp_get_max_threads())) {}

concat::primitive_desc::primitive_desc(int axis, const std::vector<memory::desc>& from,
                                       const engine&, const primitive_attr&)
    : dnnl::primitive_desc(std::make_shared<Concat>(from, omp_get_max_threads())) {
  if (axis != 1) throw error(dnnl_unimplemented, "a concatenation of other than channels");
}

reorder::primitive_desc::primitive_desc(const engine&, const memory::desc& from, const engine&,
                                        const memory::desc& to, const primitive_attr&)
    : dnnl::primitive_desc(std::make_shared<Relayout>(from, to, omp_get_max_threads())) {}

}  // namespace dnnl
