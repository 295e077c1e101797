/// A gather on the CPU: where rows and columns come from is found once, not for each cell.
#include <algorithm>
#include <vector>

#include "kernels/cell/cell_rows_cpu.h"

namespace hdecomp::cpu {
namespace {

/// Of `count` cells from the first that is given on; -1: outside of the map.
std::vector<int> sources_of(const cell::GatherAxis& axis, int64_t count) {
  std::vector<int> sources(static_cast<size_t>(count), -1);
  for (int64_t i = 0; i < count; ++i) {
    const int at = to_int(i + axis.out_first);
    if (axis.is_inside(at)) sources[i] = axis.source(at);
  }
  return sources;
}

}  // namespace

void gather_forward(const Context& context, const cell::GatherRule& rule, Tensor& y) {
  const Shape& shape = y.shape();
  const int64_t channels = shape[1], height = shape[2], width = shape[3];
  const std::vector<int> rows = sources_of(rule.y, height), columns = sources_of(rule.x, width);
  parallel_for(context, shape[0] * channels, [&](int64_t plane) {
    const float* from = rule.in.data + plane / channels * rule.in.image_step +
                        plane % channels * rule.in.channel_step;
    float* to = y.data() + plane * height * width;
    for (int64_t i = 0; i < height; ++i, to += width) {
      if (rows[i] < 0) {
        std::fill_n(to, width, 0.0f);
        continue;
      }
      const float* row = from + int64_t{rows[i]} * rule.in.row_step;
      for (int64_t j = 0; j < width; ++j) {
        to[j] = columns[j] < 0 ? 0.0f : row[columns[j] * rule.in.column_step];
      }
    }
  });
}

/// Each row above goes to the cells that its own are, and then as a whole to the row that it is.
void gather_rows_backward(const RowPlanes& planes, const cell::GatherRule& rule) {
  const Window &above = planes.above.window, &below = planes.below.batch.window;
  const std::vector<int> rows = sources_of(rule.y, above.y.map),
                         columns = sources_of(rule.x, above.x.map);
  const int64_t width = below.x.map;
  planes.context.cpu().reserve_scratch(planes.context.threads() * width *
                                       static_cast<int64_t>(sizeof(float)));
  auto* const all = reinterpret_cast<float*>(planes.context.cpu().scratch());
  for_each_plane_below(planes.context, planes.below, [&](int64_t c, int64_t d, const Place& place) {
    const Span inside = inside_map(above.y, place.y), across = inside_map(above.x, place.x);
    const int64_t top = above.y.begin(place.y), left = above.x.begin(place.x);
    float* const sums = all + omp_get_thread_num() * width;
    for (int64_t i = inside.begin; i < inside.end; ++i) {
      const float* g = planes.above.plane(c, d) + i * above.x.size;
      std::fill_n(sums, width, 0.0f);
      for (int64_t j = across.begin; j < across.end; ++j) sums[columns[left + j]] += g[j];
      float* to = planes.below.batch.plane(c, d) + rows[top + i] * width;
      for (int64_t j = 0; j < width; ++j) to[j] += sums[j];
    }
  });
}

}  // namespace hdecomp::cpu
