/// Outputs of the forward plan brought to planes where windows lie.
#include "kernels/loops/pieces.h"
#include "kernels/plan/channels_last_cpu.h"
#include "kernels/plan/forward_plan_cpu.h"
#include "kernels/plan/map_layouts_cpu.h"
#include "kernels/window/window_overlap.h"

namespace hdecomp::cpu {

const Tensor& ForwardPlanCpu::output_in(int step, const Window& window,
                                        std::span<const Place> places) const {
  const Output& out = outputs_.at(step);
  if (out.fresh || window.whole()) return output(step);
  const auto maps = side_by_side_cells(out.images[0].get_desc(), out.shape);
  if (!maps) return output(step);
  make_plain(out);
  const int64_t channels = maps->channels, cells = maps->cells;
  const int64_t all = pieces(cells, turned_cells);
  if (out.fresh_pieces.empty()) out.fresh_pieces.resize(batch_ * all);
  std::vector<std::vector<int64_t>> missing(batch_);
  for (const Place& place : places) {
    if (place.image < 0) continue;
    for_each_run(window, place.y, place.x, [&](int64_t, int64_t at, int64_t count) {
      for (int64_t i = at / turned_cells; i * turned_cells < at + count; ++i) {
        auto fresh = out.fresh_pieces[place.image * all + i];
        if (!fresh) missing[place.image].push_back(i);
        fresh = true;
      }
    });
  }
  for (int64_t image = 0; image < batch_; ++image) {
    if (missing[image].empty()) continue;
    channels_to_planes(context_, *maps,
                       static_cast<const float*>(out.images[image].get_data_handle()),
                       out.plain->data() + image * channels * cells, missing[image]);
  }
  return *out.plain;
}

}  // namespace hdecomp::cpu
