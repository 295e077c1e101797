/// The convolution's window backward on the CPU: a product per tile of channels and decisions, then
/// a gather.
#include <algorithm>

#include "kernels/loops/pieces.h"
#include "kernels/product/product_cpu.h"
#include "kernels/product/product_tile_cpu.h"
#include "kernels/product/thin_product_cpu.h"
#include "kernels/window/gathered_plane_cpu.h"
#include "kernels/window/window_groups_cpu.h"
#include "kernels/window/window_padded_conv_cpu.h"

namespace hdecomp::cpu {
namespace {

// A tile's columns (channels * k * k x decisions * h * w) are what one task computes at a time:
// large enough for an efficient product, small enough for the second-level cache. Tiles depend on
// the level's extents alone, and within one sums have a fixed order: the same bits for any thread
// count.
constexpr int64_t tile_rows = 256;
constexpr int64_t tile_elements = 64 * 1024;
// Enough to pay for bringing the weights in order.
constexpr int64_t tile_columns = 192;
// Of few tiles one thread has more than the others.
constexpr int64_t least_tiles = 8, least_rows = 64;

/// The fixed cut of a level into tiles.
struct Tiling {
  int64_t channels, decisions;  // per tile
  int64_t channel_tiles, decision_tiles;

  Tiling(int64_t group_channels, int64_t all_decisions, int64_t taps, int64_t area) {
    const int64_t rows = area == 1 ? tile_rows / 4 : tile_rows;  // nothing is packed
    channels = std::clamp<int64_t>(rows / taps, 1, group_channels);
    channel_tiles = pieces(group_channels, channels);
    decisions = std::clamp<int64_t>(tile_elements / (channels * taps * area), 1, all_decisions);
    if (taps == 1 && area > 1) {
      // Of few tiles the last would leave threads without one.
      const int64_t wanted = std::clamp<int64_t>(all_decisions * area / tile_columns, 1, 8);
      decisions = std::min(decisions, pieces(all_decisions, pieces(wanted, channel_tiles)));
    }
    decision_tiles = pieces(all_decisions, decisions);
    if (taps == 1 && area > 1) {
      const int64_t each = pieces(group_channels, pieces(least_tiles, decision_tiles));
      channels = std::min(channels, std::max(in_whole(each, product_rows), least_rows));
      channel_tiles = pieces(group_channels, channels);
    }
  }
};

class ConvWindow {
 public:
  ConvWindow(const Tensor& weight, const WindowKernels& kernel, int64_t groups,
             const WindowBatch& above, const GradientBelow& target)
      : weight_(weight),
        kernel_(kernel),
        above_(above),
        target_(target),
        below_(target.batch),
        taps_(kernel.taps()),
        group_in_(target.batch.channels / groups),
        group_out_(above.channels / groups),
        groups_(groups) {
    if (direct_ || !GatheredPlane::takes(kernel)) return;
    for (const Place& place : above.places) {
      planes_.emplace_back(kernel, above.window, below_.window, place);
    }
  }

  void run(const Context& context) {
    const Tiling tiling(group_in_, above_.decisions(), taps_, above_.window.area());
    const int64_t tiles = groups_ * tiling.channel_tiles * tiling.decision_tiles;
    const int64_t columns = tiling.channels * taps_ * tiling.decisions * above_.window.area();
    const int64_t own_scratch = columns + 2 * lanes;  // readable before and behind
    context.cpu().reserve_scratch(context.threads() * own_scratch *
                                  static_cast<int64_t>(sizeof(float)));
    auto* scratch = reinterpret_cast<float*>(context.cpu().scratch());
    for_each_product(context, tiles, [&](int64_t tile, float* packing) {
      const int64_t d = tile % tiling.decision_tiles * tiling.decisions;
      const int64_t c = tile / tiling.decision_tiles % tiling.channel_tiles * tiling.channels;
      const Tile here{tile / tiling.decision_tiles / tiling.channel_tiles, c,
                      std::min(tiling.channels, group_in_ - c), d,
                      std::min(tiling.decisions, above_.decisions() - d)};
      float* own = scratch + omp_get_thread_num() * own_scratch + lanes;
      direct_ && !copied_ ? multiply_into(here, packing) : fill_columns(here, own, packing);
      gather(here, own);
    });
  }

 private:
  struct Tile {
    int64_t group, channel, channels, decision, decisions;
  };

  /// columns (channels * taps, decisions * h * w) = W^T G.
  void fill_columns(const Tile& tile, float* columns, float* packing) const {
    const int64_t rows = tile.channels * taps_, width = group_in_ * taps_;
    const int64_t n = tile.decisions * above_.window.area();
    if (!above_.one_hot) return product(tile, columns, n, false, packing);
    const float* w = weight_.data() + tile.group * group_out_ * width + tile.channel * taps_;
    for (int64_t d = 0; d < tile.decisions; ++d) {
      const int64_t unit =
          above_.places[tile.decision + d].channel - above_.first_channel - tile.group * group_out_;
      const bool in_group = unit >= 0 && unit < group_out_;
      for (int64_t r = 0; r < rows; ++r) columns[r * n + d] = in_group ? w[unit * width + r] : 0;
    }
  }

  /// Where there is nothing to gather, the product is the gradient below itself.
  void multiply_into(const Tile& tile, float* packing) {
    float* to = below_.plane(tile.group * group_in_ + tile.channel, tile.decision);
    product(tile, to, below_.decisions() * below_.window.area(), target_.into == Accumulate::sum,
            packing);
  }

  /// `to` (channels * taps, decisions * h * w), rows `stride` apart, = W^T G, or += it.
  void product(const Tile& tile, float* to, int64_t stride, bool keep, float* packing) const {
    const int64_t width = group_in_ * taps_, rows = tile.channels * taps_;
    const int64_t columns = tile.decisions * above_.window.area();
    const float* w = weight_.data() + tile.group * group_out_ * width + tile.channel * taps_;
    const float* g = above_.plane(tile.group * group_out_, tile.decision);
    const int64_t g_stride = above_.decisions() * above_.window.area();
    if (above_.window.area() == 1) {
      return thin_product(rows, columns, group_out_, {w, width}, {g, g_stride}, keep, {to, stride});
    }
    multiply({rows, columns, group_out_}, {w, width, true}, {g, g_stride}, keep, to, stride,
             packing);
  }

  /// Every input element's sum over the taps that reach it, and its ReLU, plane by plane.
  void gather(const Tile& tile, const float* columns) {
    const bool masked = !direct_ && target_.mask.feature != nullptr;
    with_constant(masked ? target_.mask.activation : Activation::none, [&](auto kind) {
      const int64_t area = above_.window.area(), n = tile.decisions * area;
      for (int64_t c = 0; c < tile.channels; ++c) {
        const int64_t channel = tile.group * group_in_ + tile.channel + c;
        for (int64_t d = 0; d < tile.decisions; ++d) {
          if (c + 1 < tile.channels) bring_near(channel + 1, tile.decision + d);
          gather_plane(kind, channel, tile.decision + d, columns + c * taps_ * n + d * area, n);
        }
      }
    });
  }

  /// What the plane below is put to and its features, while the one before is put: planes of a tile
  /// are short and lie apart, so that no cache would see the next one coming.
  void bring_near(int64_t channel, int64_t decision) const {
    constexpr int64_t line = 64 / sizeof(float), most = 16 * line;
    const Place& place = below_.places[decision];
    if (place.image < 0) return;
    const float* plane = below_.plane(channel, decision);
    const bool there = direct_ && !copied_;  // the product has just been written
    const int64_t cells = there ? 0 : std::min(below_.window.area(), most);
    for (int64_t i = 0; i < cells; i += line) __builtin_prefetch(plane + i, 1);
    const ActivationMask& mask =
        target_.through.scale != nullptr ? target_.through.mask : target_.mask;
    if (mask.feature == nullptr) return;
    const float* feature = feature_plane(*mask.feature, place, channel);
    for_each_run(below_.window, place.y, place.x, [&](int64_t, int64_t at, int64_t count) {
      for (int64_t i = 0; i < std::min(count, most); i += line)
        __builtin_prefetch(feature + at + i);
    });
  }

  template <class Kind>
  void gather_plane(Kind kind, int64_t channel, int64_t decision, const float* columns,
                    int64_t step) {
    const Place& place = below_.places[decision];
    const bool is_one = place.image >= 0;
    if (direct_) {
      if (copied_ && is_one) return put_plane(target_, channel, decision, columns);
      if (!is_one) return begin_plane(target_, channel, decision);
      return mask_plane(target_, channel, decision);
    }
    if (planes_.empty() || !is_one || !planes_[decision].fills()) {
      begin_plane(target_, channel, decision);
    }
    if (!is_one) return;
    float* plane = below_.plane(channel, decision);
    if (planes_.empty()) {
      add_taps(kernel_, above_.window, below_.window, place, columns, step, plane);
      return mask_plane(target_, channel, decision);
    }
    const bool masked = kind() != Activation::none, sum = target_.into == Accumulate::sum;
    const float* feature = masked ? feature_plane(*target_.mask.feature, place, channel) : nullptr;
    planes_[decision].put(kind, columns, step,
                          PlaneTarget::of(below_.window, place, plane, feature,
                                          least_passed(target_.mask.rule), sum));
  }

  const Tensor& weight_;
  const WindowKernels& kernel_;
  const WindowBatch& above_;
  const GradientBelow& target_;
  WindowBatch& below_;
  int64_t taps_, group_in_, group_out_, groups_;
  /// A 1x1 kernel of stride 1 between equal windows needs no gather. Outside the map both are zero.
  bool direct_ = kernel_.is_identity() && !above_.one_hot && above_.window == below_.window;
  /// The product itself, but for what it passes on its way out of the cache.
  bool copied_ =
      direct_ && (target_.through.scale != nullptr ||
                  (target_.into == Accumulate::empty && target_.mask.feature != nullptr));
  std::vector<GatheredPlane> planes_;  // of decisions; none where the product is the gradient
};

}  // namespace

void conv_window_backward(const Context& context, const Tensor& weight, const WindowKernels& kernel,
                          int64_t groups, const WindowBatch& above, const GradientBelow& below) {
  if (goes_by_groups(kernel, groups, above, below.batch)) {
    return grouped_window_backward(context, weight, kernel, groups, above, below);
  }
  if (goes_padded(kernel, groups, above, below.batch)) {
    return padded_conv_window_backward(context, weight, kernel, above, below);
  }
  ConvWindow(weight, kernel, groups, above, below).run(context);
}

}  // namespace hdecomp::cpu
