/// The inputs of every output cell as a row, products with some rows of the weight at a time, the
/// bias and the ReLU on the way back.
#include "kernels/conv/conv_rows_cpu.h"

#include <algorithm>

#include "kernels/conv/active_channels_cpu.h"
#include "kernels/loops/pieces.h"
#include "kernels/product/narrow_weights_cpu.h"
#include "kernels/product/product_cpu.h"

namespace hdecomp::cpu {
namespace {

// Output channels of a product, whatever the thread count, and the floats of their weights without
// the channels that are zero.
constexpr int64_t most_outputs = 128, most_copied = 1 << 19;
constexpr int64_t most_rows = 1056;  // of a product

int64_t cells_of(const ConvSpec& spec) { return spec.out_height() * spec.out_width(); }
int64_t taps_of(const ConvSpec& spec) { return spec.kernel_h * spec.kernel_w; }

/// For every cell and tap: where in a map its input lies; -1: outside.
std::vector<int64_t> tap_places(const ConvSpec& spec) {
  std::vector<int64_t> places;
  for (int64_t cell = 0; cell < cells_of(spec); ++cell) {
    const int64_t top = cell / spec.out_width() * spec.stride_h - spec.pad_h;
    const int64_t left = cell % spec.out_width() * spec.stride_w - spec.pad_w;
    for (int64_t tap = 0; tap < taps_of(spec); ++tap) {
      const int64_t y = top + tap / spec.kernel_w, x = left + tap % spec.kernel_w;
      const bool inside = y >= 0 && y < spec.height && x >= 0 && x < spec.width;
      places.push_back(inside ? y * spec.width + x : -1);
    }
  }
  return places;
}

}  // namespace

/// What a run works on, in the context's scratch memory.
struct ConvRows::Parts {
  std::vector<int64_t> active;  // input channels
  int64_t depth, rows;          // of the whole product
  int64_t chunks, chunk_rows;   // rows go in chunks, the last one the smallest
  int64_t blocks, outputs;      // outputs go in blocks
  float* inputs;                // (rows, depth)
  float* products;              // (rows, out_channels), row n * cells + cell
  int64_t copies;  // of some outputs' weights at a time, without channels or widened; or 0
  float* weights;  // (copies, outputs, depth)

  Parts(std::vector<int64_t> channels, const ConvSpec& spec, const Context& context, bool narrow)
      : active(std::move(channels)),
        depth(std::ssize(active) * taps_of(spec)),
        rows(spec.batch * cells_of(spec)),
        chunks(pieces(rows, most_rows)),
        chunk_rows(pieces(rows, chunks)) {
    outputs = std::clamp<int64_t>(most_copied / depth / 16 * 16, 16, most_outputs);
    blocks = pieces(spec.out_channels, outputs);
    const bool as_they_lie = std::ssize(active) == spec.in_channels && !narrow;
    copies = as_they_lie ? 0 : std::min<int64_t>(context.threads(), blocks * chunks);
    const int64_t floats = rows * (depth + spec.out_channels) + copies * outputs * depth;
    context.cpu().reserve_scratch(floats * static_cast<int64_t>(sizeof(float)));
    products = reinterpret_cast<float*>(context.cpu().scratch());
    inputs = products + rows * spec.out_channels;
    weights = inputs + rows * depth;
  }
};

bool ConvRows::suits(const ConvSpec& spec) {
  // A product wants some rows and outputs, and rows take kernel_h * kernel_w times the input's
  // memory.
  constexpr int64_t few_cells = 36, enough_rows = 64, too_many_rows = 1 << 13, enough_outputs = 16;
  const int64_t rows = spec.batch * cells_of(spec);
  return spec.is_plain() && spec.groups == 1 && cells_of(spec) <= few_cells &&
         rows >= enough_rows && rows <= too_many_rows && taps_of(spec) <= 9 &&
         spec.in_channels >= 64 && spec.out_channels >= enough_outputs;
}

ConvRows::ConvRows(const Context& context, const ConvSpec& spec, const Tensor& weight,
                   const Tensor& bias)
    : context_(context),
      spec_(spec),
      weight_(weight),
      narrow_(find_narrow(context, weight)),
      bias_(bias),
      places_(tap_places(spec)) {}

void ConvRows::run(const Tensor& x, Tensor& y) {
  const Parts parts(active_channels(context_, spec_, x), spec_, context_, narrow_ != nullptr);
  gather(x, parts);
  multiply(parts);
  put(parts, y);
}

void ConvRows::gather(const Tensor& x, const Parts& p) const {
  const int64_t cells = cells_of(spec_), taps = taps_of(spec_), plane = spec_.height * spec_.width;
  parallel_for(context_, p.rows, [&](int64_t row) {
    float* to = p.inputs + row * p.depth;
    const float* image = x.data() + row / cells * spec_.in_channels * plane;
    const int64_t* place = places_.data() + row % cells * taps;
    for (const int64_t channel : p.active) {
      const float* map = image + channel * plane;
      for (int64_t tap = 0; tap < taps; ++tap) *to++ = place[tap] < 0 ? 0.0f : map[place[tap]];
    }
  });
}

/// The active channels' weights of `outputs` outputs from `first` on, (outputs, depth).
template <class Number>
void ConvRows::gather_weights(const Number* weight, const Parts& p, int64_t first, int64_t outputs,
                              float* to) const {
  const int64_t taps = taps_of(spec_);
  for (int64_t output = first; output < first + outputs; ++output) {
    const Number* row = weight + output * spec_.in_channels * taps;
    for (const int64_t channel : p.active) {
      for (int64_t tap = 0; tap < taps; ++tap) *to++ = row[channel * taps + tap];
    }
  }
}

void ConvRows::multiply(const Parts& p) const {
  for_each_product(context_, p.blocks * p.chunks, [&](int64_t task, float* packing) {
    const int64_t row = task % p.chunks * p.chunk_rows, first = task / p.chunks * p.outputs;
    const int64_t outputs = std::min(p.outputs, spec_.out_channels - first);
    const int64_t rows = std::min(p.chunk_rows, p.rows - row);
    const float* weight = weight_.data() + first * p.depth;
    if (p.copies > 0) {
      const int64_t copy = p.blocks * p.chunks == p.copies ? task : omp_get_thread_num();
      float* own = p.weights + copy * p.outputs * p.depth;
      with_numbers(weight_, narrow_,
                   [&](const auto* numbers) { gather_weights(numbers, p, first, outputs, own); });
      weight = own;
    }
    cpu::multiply({rows, outputs, p.depth}, {p.inputs + row * p.depth, p.depth},
                  {weight, p.depth, true}, false, p.products + row * spec_.out_channels + first,
                  spec_.out_channels, packing);
  });
}

void ConvRows::put(const Parts& p, Tensor& y) const {
  const int64_t cells = cells_of(spec_), outputs = spec_.out_channels;
  parallel_for(context_, spec_.batch, [&](int64_t image) {
    for (int64_t output = 0; output < outputs; ++output) {
      float* to = y.data() + (image * outputs + output) * cells;
      for (int64_t cell = 0; cell < cells; ++cell) {
        const float sum =
            p.products[(image * cells + cell) * outputs + output] + bias_.data()[output];
        to[cell] = activated(spec_.activation, sum);
      }
    }
  });
}

}  // namespace hdecomp::cpu
