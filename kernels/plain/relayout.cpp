/// Maps between planes and channels last in small squares; any other layouts by tables of offsets.
#include "kernels/plain/relayout.h"

#include <algorithm>
#include <array>
#include <vector>

namespace hdecomp::plain {
namespace {

using Desc = dnnl::memory::desc;

/// Of every index of a dimension, as far as `padded`.
std::vector<int64_t> offsets(const dnnl_memory_desc_t& told, int d, int64_t padded) {
  const dnnl_blocking_desc_t& blocks = told.format_desc.blocking;
  const bool blocked = blocks.inner_nblks > 0 && blocks.inner_idxs[0] == d;
  const int64_t block = blocked ? blocks.inner_blks[0] : 1;
  std::vector<int64_t> made(padded);
  for (int64_t i = 0; i < padded; ++i) made[i] = i / block * blocks.strides[d] + i % block;
  return made;
}

/// Both layouts with five dimensions, the first ones of one index.
struct Tables {
  std::array<std::vector<int64_t>, dnnl_plain_max_ndims> in, out;
  std::array<int64_t, dnnl_plain_max_ndims> inside;

  Tables(const Desc& from, const Desc& to) {
    const int missing = dnnl_plain_max_ndims - to.data.ndims;
    for (int d = 0; d < dnnl_plain_max_ndims; ++d) {
      if (d < missing) {
        in[d] = out[d] = {0};
        inside[d] = 1;
        continue;
      }
      inside[d] = to.data.dims[d - missing];
      in[d] = offsets(from.data, d - missing, inside[d]);
      out[d] = offsets(to.data, d - missing, to.data.padded_dims[d - missing]);
    }
  }
  int64_t count(int d) const { return static_cast<int64_t>(out[d].size()); }
};

void by_tables(const Desc& from_layout, const float* from, const Desc& to_layout, float* to,
               int threads) {
  const Tables t(from_layout, to_layout);
  const int64_t second = t.count(1), third = t.count(2);
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t task = 0; task < t.count(0) * second; ++task) {
    const int64_t g = task / second, o = task % second;
    for (int64_t i = 0; i < third; ++i) {
      const bool inside = o < t.inside[1] && i < t.inside[2];
      const float* x = inside ? from + t.in[0][g] + t.in[1][o] + t.in[2][i] : nullptr;
      float* y = to + t.out[0][g] + t.out[1][o] + t.out[2][i];
      for (int64_t r = 0; r < t.count(3); ++r) {
        for (int64_t s = 0; s < t.count(4); ++s) {
          y[t.out[3][r] + t.out[4][s]] = inside ? x[t.in[3][r] + t.in[4][s]] : 0.0f;
        }
      }
    }
  }
}

/// Maps of which channels or cells lie side by side, images `image` floats apart.
struct Maps {
  int64_t images, channels, cells;
  int64_t image, channel, cell;

  explicit Maps(const Desc& layout)
      : images(layout.data.dims[0]),
        channels(layout.data.dims[1]),
        cells(layout.data.dims[2] * layout.data.dims[3]) {
    const int64_t* strides = layout.data.format_desc.blocking.strides;
    image = strides[0], channel = strides[1], cell = strides[3];
  }

  static bool are(const Desc& layout) {
    const dnnl_memory_desc_t& told = layout.data;
    if (told.ndims != 4 || told.format_desc.blocking.inner_nblks > 0) return false;
    const int64_t* strides = told.format_desc.blocking.strides;
    return strides[2] == told.dims[3] * strides[3] && (strides[1] == 1 || strides[3] == 1);
  }
};

/// Squares of cells and channels, which stay in the first-level cache.
void by_squares(const Maps& in, const float* from, const Maps& out, float* to, int threads) {
  constexpr int64_t side = 16;
  const int64_t bands = (in.cells + side - 1) / side;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t task = 0; task < in.images * bands; ++task) {
    const float* x = from + task / bands * in.image;
    float* y = to + task / bands * out.image;
    const int64_t first = task % bands * side, last = std::min(first + side, in.cells);
    for (int64_t channel = 0; channel < in.channels; channel += side) {
      const int64_t end = std::min(channel + side, in.channels);
      if (out.channel == 1) {
        for (int64_t p = first; p < last; ++p) {
          for (int64_t c = channel; c < end; ++c) {
            y[p * out.cell + c] = x[p * in.cell + c * in.channel];
          }
        }
      } else {
        for (int64_t c = channel; c < end; ++c) {
          for (int64_t p = first; p < last; ++p) {
            y[c * out.channel + p] = x[p * in.cell + c * in.channel];
          }
        }
      }
    }
  }
}

}  // namespace

void relayout(const Desc& in, const float* from, const Desc& out, float* to, int threads) {
  if (Maps::are(in) && Maps::are(out)) return by_squares(Maps(in), from, Maps(out), to, threads);
  by_tables(in, from, out, to, threads);
}

}  // namespace hdecomp::plain
