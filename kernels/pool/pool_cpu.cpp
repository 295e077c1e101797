/// Pooling on the CPU: one plane (image, channel) per task, so no two threads write the same
/// memory.
#include <algorithm>

#include "kernels/core/adaptive_cells.h"
#include "kernels/core/parallel.h"
#include "kernels/pool/pool.h"
#include "kernels/pool/tap_range_cpu.h"

namespace hdecomp::cpu {
namespace {

TapRange cell(int64_t i, int64_t cells, int64_t size) {
  const CellSpan<int64_t> span = adaptive_cells(i, size, cells);
  return {span.begin, span.end};
}

/// body(from, to, rows, columns): for every plane and every output position, its input rectangle;
/// `from` is the position in the whole (n, c, h, w) tensor of the plane's start, `to` the output's.
template <class Rows, class Columns, class Body>
void for_each_window(const Context& context, const Shape& x, const Shape& y, Rows rows,
                     Columns columns, Body body) {
  const int64_t in_plane = x[2] * x[3];
  parallel_for(context, x[0] * x[1], [&](int64_t plane) {
    int64_t to = plane * y[2] * y[3];
    for (int64_t i = 0; i < y[2]; ++i) {
      const TapRange r = rows(i);
      for (int64_t j = 0; j < y[3]; ++j) body(plane * in_plane, to++, r, columns(j));
    }
  });
}

template <class Body>
void for_each_window(const Context& context, const PoolSpec& spec, const Shape& x, const Shape& y,
                     Body body) {
  for_each_window(
      context, x, y, [&](int64_t i) { return taps_inside(i, spec.y(), x[2]); },
      [&](int64_t j) { return taps_inside(j, spec.x(), x[3]); }, body);
}

template <class Body>
void for_each_cell(const Context& context, const Shape& x, const Shape& y, Body body) {
  for_each_window(
      context, x, y, [&](int64_t i) { return cell(i, y[2], x[2]); },
      [&](int64_t j) { return cell(j, y[3], x[3]); }, body);
}

/// Row by row: the error of one long sum of terms that are alike would grow with its length.
float rectangle_sum(const float* plane, int64_t width, TapRange rows, TapRange columns) {
  float sum = 0;
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    float row = 0;
    for (int64_t c = columns.begin; c < columns.end; ++c) row += plane[r * width + c];
    sum += row;
  }
  return sum;
}

void rectangle_add(float* plane, int64_t width, TapRange rows, TapRange columns, float value) {
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    for (int64_t c = columns.begin; c < columns.end; ++c) plane[r * width + c] += value;
  }
}

int64_t area(TapRange rows, TapRange columns) {
  return (rows.end - rows.begin) * (columns.end - columns.begin);
}

}  // namespace

void max_pool_forward(const Context& context, const PoolSpec& spec, const Tensor& x, Tensor& y,
                      IndexTensor& argmax) {
  const int64_t width = x.shape()[3];
  const float* in = x.data();
  float* out = y.data();
  int32_t* chosen = argmax.data();
  for_each_window(context, spec, x.shape(), y.shape(),
                  [=](int64_t from, int64_t to, TapRange rows, TapRange columns) {
                    int64_t best = rows.begin * width + columns.begin;
                    for (int64_t r = rows.begin; r < rows.end; r += rows.step) {
                      for (int64_t c = columns.begin; c < columns.end; c += columns.step) {
                        const int64_t here = r * width + c;
                        if (in[from + here] > in[from + best]) best = here;
                      }
                    }
                    out[to] = in[from + best];
                    chosen[to] = static_cast<int32_t>(best);
                  });
}

void max_pool_backward(const Context& context, const PoolSpec& spec, const Tensor& dy,
                       const IndexTensor& argmax, Tensor& dx) {
  std::ranges::fill(dx.span(), 0.0f);
  const float* in = dy.data();
  float* out = dx.data();
  const int32_t* chosen = argmax.data();
  for_each_window(
      context, spec, dx.shape(), dy.shape(),
      [=](int64_t plane, int64_t at, TapRange, TapRange) { out[plane + chosen[at]] += in[at]; });
}

void adaptive_avg_pool_forward(const Context& context, const Tensor& x, Tensor& y) {
  const int64_t width = x.shape()[3];
  const float* in = x.data();
  float* out = y.data();
  for_each_cell(context, x.shape(), y.shape(),
                [=](int64_t from, int64_t to, TapRange rows, TapRange columns) {
                  out[to] = rectangle_sum(in + from, width, rows, columns) /
                            static_cast<float>(area(rows, columns));
                });
}

void adaptive_avg_pool_backward(const Context& context, const Tensor& dy, Tensor& dx) {
  std::ranges::fill(dx.span(), 0.0f);
  const int64_t width = dx.shape()[3];
  const float* in = dy.data();
  float* out = dx.data();
  for_each_cell(context, dx.shape(), dy.shape(),
                [=](int64_t plane, int64_t at, TapRange rows, TapRange columns) {
                  rectangle_add(out + plane, width, rows, columns,
                                in[at] / static_cast<float>(area(rows, columns)));
                });
}

}  // namespace hdecomp::cpu
