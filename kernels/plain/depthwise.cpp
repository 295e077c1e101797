/// Convolutions of each channel by itself, eight of them at a time.
#include <omp.h>

#include <algorithm>
#include <array>

#include "kernels/plain/conv_kernels.h"

namespace hdecomp::plain {
namespace {

/// Cells of a row that are computed together, so that a weight is read once for all.
constexpr int64_t together = 4;

struct Tap {
  std::array<const float*, together> cells;
  const float* weights;
};

class Depthwise final : public ConvKernel {
 public:
  Depthwise(const Geometry& g, int threads) : ConvKernel(g, threads), zeros_(g.from_channels) {
    reserve(g.taps() * static_cast<int64_t>(sizeof(Tap) / sizeof(float)));
  }
  const char* name() const override { return "plain:depthwise"; }

  void run(const dnnl::arguments& given) const override {
    const Operands operands(g_, given);
#pragma omp parallel for schedule(static) num_threads(threads_)
    for (int64_t row = 0; row < g_.images * g_.y.to; ++row) {
      auto* taps = reinterpret_cast<Tap*>(own_scratch(given));
      for (int64_t x = 0; x < g_.x.to; x += together) {
        const int64_t count = std::min(together, g_.x.to - x);
        const int64_t found = find_taps(operands, row, x, count, taps);
        float* to = operands.to + (row * g_.x.to + x) * g_.to_channels;
        for (int64_t c = 0; c < g_.to_channels; c += lanes) {
          sum_up(operands, taps, found, count, c, to + c);
        }
      }
    }
  }

 private:
  int64_t find_taps(const Operands& operands, int64_t row, int64_t x, int64_t count,
                    Tap* taps) const {
    const int64_t image = row / g_.y.to;
    int64_t found = 0;
    for (int64_t tap = 0; tap < g_.taps(); ++tap) {
      const int64_t y = g_.y.at(row % g_.y.to, tap / g_.x.taps);
      if (y < 0) continue;
      Tap& to = taps[found];
      to.weights = operands.weights + tap * g_.to_channels;
      bool any = false;
      for (int64_t i = 0; i < together; ++i) {
        const int64_t place = i < count ? g_.x.at(x + i, tap % g_.x.taps) : -1;
        any = any || place >= 0;
        to.cells[i] = place < 0 ? zeros_.data()
                                : operands.from + g_.from_cell(image, y, place) * g_.from_channels;
      }
      if (any) ++found;
    }
    return found;
  }

  void sum_up(const Operands& operands, const Tap* taps, int64_t found, int64_t count, int64_t c,
              float* to) const {
    const int64_t some = std::min(lanes, g_.to_channels - c);
    const Lanes begin = operands.bias == nullptr ? Lanes{} : load_some(operands.bias + c, some);
    Lanes sums[together] = {begin, begin, begin, begin};
    for (int64_t t = 0; t < found; ++t) {
      const Lanes weight = load_some(taps[t].weights + c, some);
#pragma GCC unroll 4
      for (int64_t i = 0; i < together; ++i)
        sums[i] += weight * load_some(taps[t].cells[i] + c, some);
    }
    for (int64_t i = 0; i < count; ++i) {
      store_some(held(sums[i]), to + i * g_.to_channels, some);
    }
  }

  std::vector<float> zeros_;
};

}  // namespace

std::shared_ptr<ConvKernel> make_depthwise(const Geometry& g, const dnnl::memory::dims& weights,
                                           int threads) {
  auto made = std::make_shared<Depthwise>(g, threads);
  made->weights = ordered(weights, {3, 4, 1, 2, 0});  // channels last
  return made;
}

}  // namespace hdecomp::plain
