/// Concatenations of the forward plan whose parts are computed where they belong: in blocks of
/// channels a step's output is one piece of the whole.
#include <algorithm>

#include "kernels/plan/forward_plan_cpu.h"
#include "kernels/plan/map_layouts_cpu.h"

namespace hdecomp::cpu {

using dnnl::memory;
using Tag = memory::format_tag;

namespace {

/// Whether its channels fill whole blocks.
bool fills_blocks(const memory::desc& layout, const Shape& shape) {
  const int64_t block = channel_block(Tag::nChw16c, shape);
  return shape[1] % block == 0 && layout == described(shape, Tag::nChw16c);
}

}  // namespace

std::vector<memory> ForwardPlanCpu::take_output(const memory::desc& layout) {
  const int step = next_step();
  if (has_home(step)) {
    const StepsAhead::Home& home = homes_[step];
    const std::vector<int64_t> dims = layout.dims();
    const Shape shape{1, dims.at(1), dims.at(2), dims.at(3)};
    const int64_t block = channel_block(Tag::nChw16c, shape);
    if (fills_blocks(layout, shape) && home.channel % block == 0 && home.whole[1] % block == 0) {
      at_home_[step] = true;
      return part(whole(home), home.channel, layout);
    }
  }
  return take(layout, last_reader(step));
}

const std::vector<memory>& ForwardPlanCpu::whole(const StepsAhead::Home& home) {
  const auto known = wholes_.find(home.concat);
  if (known != wholes_.end()) return known->second.images;
  int until = last_reader(home.concat);
  for (size_t step = 0; step < homes_.size(); ++step) {
    if (homes_[step].concat == home.concat) {
      until = std::max(until, last_reader(static_cast<int>(step)));
    }
  }
  Whole& made = wholes_[home.concat];
  made = {take(described(home.whole, Tag::nChw16c), until), until};
  return made.images;
}

std::vector<memory> ForwardPlanCpu::part(const std::vector<memory>& whole, int64_t first,
                                         const memory::desc& layout) const {
  const std::vector<int64_t> dims = layout.dims();
  std::vector<memory> images;
  for (const memory& image : whole) {
    auto* begin = static_cast<float*>(image.get_data_handle());
    images.emplace_back(layout, engine(), begin + first * dims.at(2) * dims.at(3));
  }
  return images;
}

std::optional<std::vector<memory>> ForwardPlanCpu::joined_parts(std::span<const int> from,
                                                                const Shape& shape) {
  if (!is_at_home(from[0])) return {};
  const StepsAhead::Home& first = homes_[from[0]];
  int64_t next = first.channel;
  for (const int step : from) {
    const StepsAhead::Home& home = homes_[step];
    if (!at_home_[step] || home.concat != first.concat || home.channel != next) return {};
    next += outputs_.at(step).shape[1];
  }
  const Whole& whole = wholes_.at(first.concat);
  if (last_reader(next_step()) > whole.until) return {};
  const StepsAhead::Home& own = homes_.at(next_step());
  if (own.concat >= 0)
    at_home_[next_step()] = own.concat == first.concat && own.channel == first.channel;
  return part(whole.images, first.channel, described(shape, Tag::nChw16c));
}

}  // namespace hdecomp::cpu
