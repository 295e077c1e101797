/// The gradients above are copied once with zeros between their rows, so that the cells that a tap
/// reaches are neighbours, too:
///
///   below (in, cells) = sum over (out, tap) of W (out, in, tap) * padded (out, cells - shift(tap))
///
/// Per cell below it multiplies as often as the product that is gathered from does per cell above,
/// but writes each cell once, not once for each tap; and it has depth where channels above are few.
#include "kernels/window/window_padded_conv_cpu.h"

#include <algorithm>

#include "kernels/core/context_cpu.h"
#include "kernels/loops/pieces.h"
#include "kernels/product/product_tile_cpu.h"
#include "kernels/window/plane_rows_cpu.h"

namespace hdecomp::cpu {
namespace {

// What gathering costs a cell above, in multiply-adds for each channel and tap.
constexpr double gathering = 24;
// The weights, which every task reads, stay in the second-level cache; so do a task's results.
constexpr int64_t most_weights = 128 * 1024, task_floats = 64 * 1024, least_tasks = 8;
// Of a panel, which stays in the first cache; and of a chain of sums, whose rounding grows with it.
constexpr int64_t depth_at_once = 64;

/// One axis of a plane with zeros: so many behind each row are those before the next one, too.
struct PaddedAxis {
  int64_t shift;  // where the first tap carries cell 0 above, in the window below
  int64_t before, size;

  PaddedAxis(const WindowKernel& kernel, const WindowAxis& above, const WindowAxis& below,
             int64_t position)
      : shift(first_tap(kernel, above, below, position)),
        before(std::max<int64_t>(shift + kernel.size - 1, 0)),
        size(std::max(above.size + std::max(before, below.size - shift - above.size), below.size)) {
  }
};

/// Windows whose axes differ by the same shift wherever the decision is.
bool is_steady(const WindowAxis& above, const WindowAxis& below) {
  return above.stride == below.stride;
}

class PaddedConv {
 public:
  PaddedConv(const Context& context, const Tensor& weight, const WindowKernels& kernel,
             const WindowBatch& above, const GradientBelow& below)
      : context_(context),
        weight_(weight),
        kernel_(kernel),
        above_(above),
        target_(below),
        below_(below.batch),
        y_(kernel.y, above.window.y, below.batch.window.y, 0),
        x_(kernel.x, above.window.x, below.batch.window.x, 0),
        taps_(kernel.taps()),
        depth_(above.channels * taps_),
        at_once_(std::max<int64_t>(depth_at_once / taps_, 1)),
        plane_(y_.size * x_.size),
        channel_(y_.before * x_.size + x_.before + above.decisions() * plane_ +
                 kernel.y.size * x_.size + panel_columns()),
        rows_(in_whole(below.batch.channels, product_rows)) {
    const int64_t height = below_.window.y.size, decisions = above.decisions();
    const int64_t fit = std::max<int64_t>(task_floats / (rows_ * x_.size), 1);
    bands_ = std::max(pieces(height, fit), pieces(least_tasks, decisions));
    band_ = pieces(height, std::min(bands_, height));
    bands_ = pieces(height, band_);
    columns_ = in_whole(band_ * x_.size, vector_columns());
  }

  void run() {
    padded_ = take_tensor<float>(*above_.pool, {above_.channels, channel_});
    packed_ = take_tensor<float>(*above_.pool, {rows_, depth_});
    parallel_for(context_, above_.channels, [&](int64_t o) { pad(o), pack(o); });
    const int64_t results = rows_ * columns_, panel = at_once_ * taps_ * panel_columns();
    const int64_t own = results + panel + 2 * lanes;
    context_.cpu().reserve_scratch(context_.threads() * own * static_cast<int64_t>(sizeof(float)));
    auto* scratch = reinterpret_cast<float*>(context_.cpu().scratch());
    parallel_for(context_, above_.decisions() * bands_, [&](int64_t task) {
      float* sums = scratch + omp_get_thread_num() * own;
      const int64_t d = task / bands_, first = task % bands_ * band_;
      const Span rows{first, std::min(first + band_, below_.window.y.size)};
      if (below_.places[d].image >= 0) multiply(d, rows, sums, sums + results + 2 * lanes);
      put(d, rows, sums);
    });
  }

 private:
  /// A channel above with its zeros: all decisions', one behind the other.
  void pad(int64_t o) {
    float* to = padded_.data() + o * channel_;
    const int64_t height = above_.window.y.size, width = above_.window.x.size;
    std::fill_n(to, channel_, 0.0f);
    to += y_.before * x_.size + x_.before;
    for (int64_t d = 0; d < above_.decisions(); ++d, to += plane_) {
      const float* from = above_.plane(o, d);
      for (int64_t i = 0; i < height; ++i) std::copy_n(from + i * width, width, to + i * x_.size);
    }
  }

  /// A channel above's weights: by eights of the channels below, tap by tap.
  void pack(int64_t o) {
    const int64_t channels = below_.channels;
    const float* from = weight_.data() + o * channels * taps_;
    for (int64_t c = 0; c < rows_; ++c) {
      float* to = packed_.data() + c / product_rows * product_rows * depth_ +
                  o * taps_ * product_rows + c % product_rows;
      for (int64_t tap = 0; tap < taps_; ++tap) {
        to[tap * product_rows] = c < channels ? from[c * taps_ + tap] : 0.0f;
      }
    }
  }

  /// sums (channels below, columns_): some rows of a decision's window below.
  void multiply(int64_t d, const Span& rows, float* sums, float* panel) const {
    const int64_t vector = vector_columns(), vectors = pieces(rows.size() * x_.size, vector);
    const int64_t panels = pieces(vectors * vector, panel_columns());
    const float* cells = padded_.data() + y_.before * x_.size + x_.before + d * plane_ +
                         (rows.begin - y_.shift) * x_.size - x_.shift;
    for (int64_t p = 0, first = 0; p < panels; ++p) {
      const int64_t wide = pieces(vectors - first / vector, panels - p) * vector;
      for (int64_t o = 0; o < above_.channels; o += at_once_) {
        const int64_t some = std::min(at_once_, above_.channels - o);
        fill_panel(cells + first, o, some, wide, panel);
        const float* a = packed_.data() + o * taps_ * product_rows;
        ProductTile tile{a,    panel, product_rows, wide,    some * taps_, product_rows,
                         wide, o > 0, sums + first, columns_};
        for (int64_t row = 0; row < rows_; row += product_rows) {
          run_tile(tile);
          tile.a += product_rows * depth_, tile.c += product_rows * columns_;
        }
      }
      first += wide;
    }
  }

  /// panel (channels * taps, wide): what each tap of some channels above carries to cells below.
  void fill_panel(const float* cells, int64_t o, int64_t some, int64_t wide, float* panel) const {
    for (int64_t k = o; k < o + some; ++k) {
      for (int64_t i = 0; i < kernel_.y.size; ++i) {
        for (int64_t j = 0; j < kernel_.x.size; ++j, panel += wide) {
          const float* from = cells + k * channel_ - i * x_.size - j;
          for (int64_t x = 0; x < wide; x += lanes) store_lanes(load_lanes(from + x), panel + x);
        }
      }
    }
  }

  /// Those rows of the planes below, through the activation there.
  void put(int64_t d, const Span& band, const float* sums) {
    const Place& place = below_.places[d];
    const int64_t width = below_.window.x.size;
    const bool masked = target_.mask.feature != nullptr, sum = target_.into == Accumulate::sum;
    const bool fills = place.image >= 0 && lies_inside(below_.window, place.y, place.x);
    const Span y = inside_map(below_.window.y, place.y), x = inside_map(below_.window.x, place.x);
    with_constant(masked ? target_.mask.activation : Activation::none, [&](auto kind) {
      for (int64_t c = 0; c < below_.channels; ++c, sums += columns_) {
        float* plane = below_.plane(c, d);
        if (!fills && !sum) {
          std::fill(plane + band.begin * width, plane + band.end * width, 0.0f);
        }
        if (place.image < 0) continue;
        const float* feature = masked ? feature_plane(*target_.mask.feature, place, c) : nullptr;
        PlaneTarget to = PlaneTarget::of(below_.window, place, plane, feature,
                                         least_passed(target_.mask.rule), sum);
        to.end = plane + band.end * width;  // the next band may be another thread's
        for (int64_t r = std::max(band.begin, y.begin); r < std::min(band.end, y.end); ++r) {
          const float* row = sums + (r - band.begin) * x_.size;
          for (int64_t i = x.begin; i < x.end; i += lanes) {
            to.put(kind, load_lanes(row + i), r, i, x.end - i);
          }
        }
      }
    });
  }

  const Context& context_;
  const Tensor& weight_;
  const WindowKernels& kernel_;
  const WindowBatch& above_;
  const GradientBelow& target_;
  WindowBatch& below_;
  PaddedAxis y_, x_;
  int64_t taps_, depth_, at_once_;  // channels above, of a panel
  int64_t plane_, channel_;         // floats of a decision's padded plane, of all of a channel's
  int64_t rows_;                    // channels below, in whole tiles
  int64_t bands_, band_, columns_;
  Tensor padded_;  // (channels above, zeros before, decisions, y_.size, x_.size, zeros behind)
  Tensor packed_;  // (channels below / 8, channels above, taps, 8)
};

}  // namespace

bool goes_padded(const WindowKernels& kernel, int64_t groups, const WindowBatch& above,
                 const WindowBatch& below) {
  const Window &up = above.window, &down = below.window;
  const auto slides = [](const WindowKernel& axis) {
    return axis.stride == 1 && axis.dilation == 1;
  };
  if (above.one_hot || groups > 1 || kernel.taps() == 1 || up.area() == 1) return false;
  if (!slides(kernel.y) || !slides(kernel.x)) return false;
  if (!is_steady(up.y, down.y) || !is_steady(up.x, down.x)) return false;
  if (above.channels * below.channels * kernel.taps() > most_weights) return false;
  const auto out = static_cast<double>(above.channels);
  const int64_t pitch = PaddedAxis(kernel.x, up.x, down.x, 0).size;
  return out * static_cast<double>(down.y.size * pitch) <
         (out + gathering) * static_cast<double>(up.area());
}

void padded_conv_window_backward(const Context& context, const Tensor& weight,
                                 const WindowKernels& kernel, const WindowBatch& above,
                                 const GradientBelow& below) {
  PaddedConv(context, weight, kernel, above, below).run();
}

}  // namespace hdecomp::cpu
