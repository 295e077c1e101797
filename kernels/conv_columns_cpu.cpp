/// The inputs of every output cell as a column, oneDNN's sgemm on fixed rows of the weight, the
/// bias and the ReLU on the way back.
#include "kernels/conv_columns_cpu.h"

#include <algorithm>
#include <atomic>

#include "hdecomp/error.h"
#include "kernels/core/context_cpu.h"
#include "kernels/core/parallel.h"

namespace hdecomp::cpu {
namespace {

// Output channels per task, whatever the thread count: one thread computes a task's sums.
constexpr int64_t task_rows = 128;

int64_t cells_of(const ConvSpec& spec) { return spec.out_height() * spec.out_width(); }

/// A row of columns: one tap of one input channel, `x` its map, under every output cell.
float* gather_tap(const ConvSpec& spec, const float* x, int64_t r, int64_t s, float* to) {
  for (int64_t p = 0; p < spec.out_height(); ++p) {
    const int64_t row = p * spec.stride_h + r - spec.pad_h;
    for (int64_t q = 0; q < spec.out_width(); ++q) {
      const int64_t column = q * spec.stride_w + s - spec.pad_w;
      const bool inside = row >= 0 && row < spec.height && column >= 0 && column < spec.width;
      *to++ = inside ? x[row * spec.width + column] : 0.0f;
    }
  }
  return to;
}

}  // namespace

bool ConvColumns::suits(const ConvSpec& spec) {
  // A product wants some columns, and columns take kernel_h * kernel_w times the input's memory.
  constexpr int64_t few_cells = 36, enough_columns = 64, most_columns = 1 << 13;
  const int64_t columns = spec.batch * cells_of(spec);
  return spec.groups == 1 && cells_of(spec) <= few_cells && columns >= enough_columns &&
         columns <= most_columns && spec.kernel_h * spec.kernel_w <= 9 && spec.in_channels >= 64;
}

ConvColumns::ConvColumns(const ConvSpec& spec, const Tensor& weight, const Tensor& bias)
    : spec_(spec),
      weight_(weight),
      bias_(bias),
      columns_(Device{},
               {spec.in_channels * spec.kernel_h * spec.kernel_w, spec.batch * cells_of(spec)}),
      products_(Device{}, {spec.out_channels, spec.batch * cells_of(spec)}) {}

void ConvColumns::run(const Context& context, const Tensor& x, Tensor& y) {
  gather(context, x);
  multiply(context);
  put(context, y);
}

void ConvColumns::gather(const Context& context, const Tensor& x) {
  const int64_t plane = spec_.height * spec_.width, taps = spec_.kernel_h * spec_.kernel_w;
  parallel_for(context, spec_.in_channels, [&](int64_t c) {
    float* to = columns_.data() + c * taps * columns_.shape()[1];
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int64_t n = 0; n < spec_.batch; ++n) {
        const float* map = x.data() + (n * spec_.in_channels + c) * plane;
        to = gather_tap(spec_, map, tap / spec_.kernel_w, tap % spec_.kernel_w, to);
      }
    }
  });
}

void ConvColumns::multiply(const Context& context) {
  const int64_t depth = columns_.shape()[0], columns = columns_.shape()[1];
  const ThreadScope threads(context.threads());
  std::atomic<dnnl_status_t> status{dnnl_success};
  parallel_for(context, (spec_.out_channels + task_rows - 1) / task_rows, [&](int64_t task) {
    omp_set_num_threads(1);  // this task's own setting
    const int64_t first = task * task_rows, rows = std::min(task_rows, spec_.out_channels - first);
    const dnnl_status_t done =
        dnnl_sgemm('N', 'N', rows, columns, depth, 1, weight_.data() + first * depth, depth,
                   columns_.data(), columns, 0, products_.data() + first * columns, columns);
    if (done != dnnl_success) status = done;
  });
  if (status != dnnl_success) throw Error(text("convolution: sgemm failed, status ", status));
}

void ConvColumns::put(const Context& context, Tensor& y) const {
  const int64_t cells = cells_of(spec_), outputs = spec_.out_channels;
  parallel_for(context, spec_.batch * outputs, [&](int64_t i) {
    const int64_t n = i / outputs, o = i % outputs;
    const float* from = products_.data() + (o * spec_.batch + n) * cells;
    const float bias = bias_.data()[o];
    float* to = y.data() + i * cells;
    for (int64_t cell = 0; cell < cells; ++cell) {
      const float sum = from[cell] + bias;
      to[cell] = spec_.relu ? std::max(sum, 0.0f) : sum;
    }
  });
}

}  // namespace hdecomp::cpu
