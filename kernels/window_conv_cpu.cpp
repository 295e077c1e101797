/// The convolution's window backward on the CPU: a product per tile of channels and decisions, then
/// a gather.
#include <algorithm>
#include <atomic>

#include "kernels/core/context_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/window_backward.h"
#include "kernels/window_overlap.h"

namespace hdecomp::cpu {
namespace {

// A tile's columns (channels * k * k x decisions * h * w) are what one task computes at a time:
// large enough for an efficient product, small enough for the second-level cache. Tiles depend on
// the level's extents alone, and within one sums have a fixed order: the same bits for any thread
// count.
constexpr int64_t tile_rows = 256;
constexpr int64_t tile_elements = 64 * 1024;

/// The fixed cut of a level into tiles.
struct Tiling {
  int64_t channels, decisions;  // per tile
  int64_t channel_tiles, decision_tiles;

  Tiling(int64_t group_channels, int64_t all_decisions, int64_t taps, int64_t area) {
    channels = std::clamp<int64_t>(tile_rows / taps, 1, group_channels);
    decisions = std::clamp<int64_t>(tile_elements / (channels * taps * area), 1, all_decisions);
    channel_tiles = (group_channels + channels - 1) / channels;
    decision_tiles = (all_decisions + decisions - 1) / decisions;
  }
};

class ConvWindow {
 public:
  ConvWindow(const Tensor& weight, const WindowKernel& kernel, int64_t groups,
             const WindowBatch& above, WindowBatch& below, Into into)
      : weight_(weight),
        kernel_(kernel),
        above_(above),
        below_(below),
        into_(into),
        taps_(kernel.size * kernel.size),
        group_in_(below.channels / groups),
        group_out_(above.channels / groups),
        groups_(groups) {}

  void run(const Context& context) {
    const Tiling tiling(group_in_, above_.decisions(), taps_, above_.window.area());
    const int64_t tiles = groups_ * tiling.channel_tiles * tiling.decision_tiles;
    const int64_t columns = tiling.channels * taps_ * tiling.decisions * above_.window.area();
    context.cpu().reserve_scratch(context.threads() * columns *
                                  static_cast<int64_t>(sizeof(float)));
    auto* scratch = reinterpret_cast<float*>(context.cpu().scratch());
    const ThreadScope threads(context.threads());
    std::atomic<dnnl_status_t> status{dnnl_success};
    parallel_for(context, tiles, [&](int64_t tile) {
      omp_set_num_threads(1);  // a tile's product is one thread's
      const int64_t d = tile % tiling.decision_tiles * tiling.decisions;
      const int64_t c = tile / tiling.decision_tiles % tiling.channel_tiles * tiling.channels;
      const Tile here{tile / tiling.decision_tiles / tiling.channel_tiles, c,
                      std::min(tiling.channels, group_in_ - c), d,
                      std::min(tiling.decisions, above_.decisions() - d)};
      float* own = scratch + omp_get_thread_num() * columns;
      const dnnl_status_t done = direct_ ? multiply_into(here) : fill_columns(here, own);
      if (done != dnnl_success) status = done;
      if (!direct_) gather(here, own);
    });
    if (status != dnnl_success) throw Error(text("window product: sgemm failed, status ", status));
  }

 private:
  struct Tile {
    int64_t group, channel, channels, decision, decisions;
  };

  /// columns (channels * taps, decisions * h * w) = W^T G.
  dnnl_status_t fill_columns(const Tile& tile, float* columns) const {
    const int64_t rows = tile.channels * taps_, width = group_in_ * taps_;
    const int64_t area = above_.window.area(), n = tile.decisions * area;
    const float* w = weight_.data() + tile.group * group_out_ * width + tile.channel * taps_;
    if (above_.one_hot) {
      for (int64_t d = 0; d < tile.decisions; ++d) {
        const int64_t unit = above_.places[tile.decision + d].channel - tile.group * group_out_;
        const bool in_group = unit >= 0 && unit < group_out_;
        for (int64_t r = 0; r < rows; ++r) columns[r * n + d] = in_group ? w[unit * width + r] : 0;
      }
      return dnnl_success;
    }
    return product(tile, columns, n, 0);
  }

  /// Where there is nothing to gather, the product is the gradient below itself.
  dnnl_status_t multiply_into(const Tile& tile) {
    float* to = below_.plane(tile.group * group_in_ + tile.channel, tile.decision);
    return product(tile, to, below_.decisions() * below_.window.area(),
                   into_ == Into::sum ? 1.0f : 0.0f);
  }

  /// `to` (channels * taps, decisions * h * w), rows `stride` apart, = keep * to + W^T G.
  dnnl_status_t product(const Tile& tile, float* to, int64_t stride, float keep) const {
    const int64_t width = group_in_ * taps_, area = above_.window.area();
    const float* w = weight_.data() + tile.group * group_out_ * width + tile.channel * taps_;
    return dnnl_sgemm('T', 'N', tile.channels * taps_, tile.decisions * area, group_out_, 1, w,
                      width, above_.plane(tile.group * group_out_, tile.decision),
                      above_.decisions() * area, keep, to, stride);
  }

  /// Every input element's sum over the taps that reach it, plane by plane.
  void gather(const Tile& tile, const float* columns) {
    const int64_t area = above_.window.area(), n = tile.decisions * area;
    for (int64_t c = 0; c < tile.channels; ++c) {
      for (int64_t d = 0; d < tile.decisions; ++d) {
        float* to = below_.plane(tile.group * group_in_ + tile.channel + c, tile.decision + d);
        if (into_ == Into::empty) std::fill(to, to + below_.window.area(), 0.0f);
        const Place& place = below_.places[tile.decision + d];
        for (int64_t tap = 0; tap < taps_; ++tap) {
          add_tap(columns + (c * taps_ + tap) * n + d * area, tap, place, to);
        }
      }
    }
  }

  void add_tap(const float* from, int64_t tap, const Place& place, float* to) const {
    const auto rows =
        tap_span(above_.window.y, below_.window.y, kernel_, tap / kernel_.size, place.y);
    const auto columns =
        tap_span(above_.window.x, below_.window.x, kernel_, tap % kernel_.size, place.x);
    const int64_t in_width = above_.window.x.size, out_width = below_.window.x.size;
    for (int64_t i = rows.above.begin; i < rows.above.end; ++i) {
      const float* source = from + i * in_width;
      float* target = to + (i * kernel_.stride + rows.shift) * out_width + columns.shift;
      if (kernel_.stride == 1) {
        for (int64_t j = columns.above.begin; j < columns.above.end; ++j) target[j] += source[j];
      } else {
        for (int64_t j = columns.above.begin; j < columns.above.end; ++j) {
          target[j * kernel_.stride] += source[j];
        }
      }
    }
  }

  const Tensor& weight_;
  const WindowKernel& kernel_;
  const WindowBatch& above_;
  WindowBatch& below_;
  Into into_;
  int64_t taps_, group_in_, group_out_, groups_;
  /// A 1x1 kernel of stride 1 between equal windows needs no gather. Outside the map both are zero.
  bool direct_ = taps_ == 1 && kernel_.stride == 1 && kernel_.pad == 0 && !above_.one_hot &&
                 above_.window == below_.window;
};

}  // namespace

void conv_window_backward(const Context& context, const Tensor& weight, const WindowKernel& kernel,
                          int64_t groups, const WindowBatch& above, WindowBatch& below, Into into) {
  ConvWindow(weight, kernel, groups, above, below, into).run(context);
}

}  // namespace hdecomp::cpu
