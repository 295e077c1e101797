/// The window backward of convolutions with a group per input channel, on the CPU: no product, each
/// row below adds up all taps of its own few planes above.
#include "kernels/window/window_depthwise_cpu.h"

#include <array>
#include <vector>

#include "kernels/core/context_cpu.h"
#include "kernels/core/pieces.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {
namespace {

/// Lanes that are summed side by side, so that no sum waits for the one before it.
constexpr int64_t most_vectors = 4;

/// A row of the kernel, and the row above that it carries.
struct RowTap {
  int64_t tap, above;
};

/// One decision's way from the rows and columns above to those below: the same for all channels.
/// The plane above is spread out first: cells lie the stride apart, zeros between and around them,
/// so that column x below is the sum of w_t * spread[x + offset - t * dilation] over the taps t,
/// whatever the stride, in whole lanes from the first column inside the map on.
class DepthwisePlane {
 public:
  DepthwisePlane(const WindowKernels& kernel, const Window& above, const Window& below,
                 const Place& place)
      : kernel_(kernel),
        above_(above),
        columns_(inside_map(below.x, place.x)),
        rows_(inside_map(below.y, place.y)),
        below_width_(below.x.size) {
    const int64_t shift = first_tap(kernel.x, above.x, below.x, place.x);
    margin_ = std::max<int64_t>(shift + kernel.x.extent() - 1 - columns_.begin, 0);
    offset_ = margin_ - shift;
    const int64_t end = columns_.begin + in_whole(columns_.size(), most_vectors * lanes);
    width_ = std::max(margin_ + (above.x.size - 1) * kernel.x.stride + 1, end + offset_);
    find_rows(first_tap(kernel.y, above.y, below.y, place.y));
  }

  /// Floats of a spread plane, and of what is written behind its last cell.
  int64_t floats() const { return above_.y.size * width_ + lanes; }

  void spread(const float* from, float* to) const {
    std::fill_n(to, above_.y.size * width_, 0.0f);
    const int64_t count = above_.x.size;
    for (int64_t i = 0; i < above_.y.size; ++i, from += count) {
      float* row = to + i * width_ + margin_;
      if (kernel_.x.stride > 1) {
        for (int64_t j = 0; j < count; ++j) row[j * kernel_.x.stride] = from[j];
        continue;
      }
      for (int64_t j = 0; j < count; j += lanes) {
        store_lanes(load_some(from + j, count - j), row + j);
      }
    }
  }

  /// The plane below += the kernel `weight` over a spread plane.
  void add(const float* weight, const float* spread, float* below) const {
    const RowTap* tap = taps_.data();
    for (int64_t r = rows_.begin; r < rows_.end; ++r) {
      const Row row{{tap, static_cast<size_t>(counts_[r - rows_.begin])}, weight, spread};
      for (int64_t x = columns_.begin; x < columns_.end; x += most_vectors * lanes) {
        const int64_t left = columns_.end - x;
        float* to = below + r * below_width_ + x;
        if (left > 2 * lanes) {
          add_lanes<most_vectors>(row, x, left, to);
        } else if (left > lanes) {
          add_lanes<2>(row, x, left, to);
        } else {
          add_lanes<1>(row, x, left, to);
        }
      }
      tap += std::ssize(row.taps);
    }
  }

 private:
  struct Row {
    std::span<const RowTap> taps;
    const float* weight;
    const float* spread;
  };

  /// The first `left` of a row's cells from column x on.
  template <int64_t vectors>
  void add_lanes(const Row& row, int64_t x, int64_t left, float* to) const {
    std::array<Lanes, vectors> sums{};
    for (const RowTap& each : row.taps) {
      const float* from = row.spread + each.above * width_ + x + offset_;
      const float* w = row.weight + each.tap * kernel_.x.size;
      for (int64_t t = 0; t < kernel_.x.size; ++t, from -= kernel_.x.dilation) {
        for (int64_t v = 0; v < vectors; ++v) sums[v] += w[t] * load_lanes(from + v * lanes);
      }
    }
    for (int64_t v = 0; v < vectors && v * lanes < left; ++v) {
      const int64_t some = std::min(left - v * lanes, lanes);
      store_some(load_some(to + v * lanes, some) + sums[v], to + v * lanes, some);
    }
  }

  /// Where the first tap carries cell 0 above.
  static int64_t first_tap(const WindowKernel& kernel, const WindowAxis& above,
                           const WindowAxis& below, int64_t position) {
    return above.begin(position) * kernel.stride - kernel.pad - below.begin(position);
  }

  void find_rows(int64_t shift) {
    for (int64_t r = rows_.begin; r < rows_.end; ++r) {
      const size_t before = taps_.size();
      for (int64_t tap = 0; tap < kernel_.y.size; ++tap) {
        const int64_t at = r - shift - tap * kernel_.y.dilation;
        if (at < 0 || at % kernel_.y.stride != 0 || at / kernel_.y.stride >= above_.y.size)
          continue;
        taps_.push_back({tap, at / kernel_.y.stride});
      }
      counts_.push_back(std::ssize(taps_) - static_cast<int64_t>(before));
    }
  }

  const WindowKernels& kernel_;
  const Window& above_;
  Span columns_, rows_;  // of the window below, inside the map
  int64_t below_width_;
  int64_t margin_;  // zeros before the first cell of a spread row
  int64_t offset_;  // of column 0 below, for tap 0
  int64_t width_;   // of a spread row
  std::vector<RowTap> taps_;
  std::vector<int64_t> counts_;  // of taps, for each row
};

}  // namespace

void depthwise_window_backward(const Context& context, const Tensor& weight,
                               const WindowKernels& kernel, const WindowBatch& above,
                               const GradientBelow& below) {
  const int64_t outputs = above.channels / below.batch.channels;
  std::vector<DepthwisePlane> planes;
  int64_t floats = 0;
  for (const Place& place : above.places) {
    planes.emplace_back(kernel, above.window, below.batch.window, place);
    floats = std::max(floats, planes.back().floats());
  }
  context.cpu().reserve_scratch(context.threads() * floats * static_cast<int64_t>(sizeof(float)));
  auto* scratch = reinterpret_cast<float*>(context.cpu().scratch());
  for_each_plane_below(context, below, [&](int64_t c, int64_t d, const Place&) {
    float* spread = scratch + omp_get_thread_num() * floats;
    for (int64_t k = c * outputs; k < (c + 1) * outputs; ++k) {
      float single = 0;
      const float* from = plane_or(above, k, d, single);
      if (above.one_hot && single == 0) continue;
      planes[d].spread(from, spread);
      planes[d].add(weight.data() + k * kernel.taps(), spread, below.batch.plane(c, d));
    }
  });
}

}  // namespace hdecomp::cpu
