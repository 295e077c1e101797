/// Where the forward plan's maps lie: which outputs follow each other in the same memory.
#include <algorithm>

#include "kernels/plan/forward_plan_cpu.h"

namespace hdecomp::cpu {

using dnnl::memory;

std::vector<memory> ForwardPlanCpu::take(const memory::desc& layout, int until) {
  std::vector<memory> images;
  for (int64_t i = 0; i < batch_; ++i) {
    images.emplace_back(layout, engine(), place(layout.get_size(), until, i));
  }
  return images;
}

void* ForwardPlanCpu::place(size_t bytes, int until, int64_t image) {
  Room* best = nullptr;  // the smallest that is free
  for (Room& room : rooms_) {
    const bool fits =
        until != kept && room.image == image && room.until < next_step() && room.bytes >= bytes;
    if (fits && (best == nullptr || room.bytes < best->bytes)) best = &room;
  }
  if (best == nullptr) {
    if (over_ == nullptr) {
      placed_.push_back({pieces_.take(static_cast<int64_t>(bytes)), bytes});
    } else {
      placed_.push_back(over_->placed_.at(placed_.size()));
      if (placed_.back().bytes != bytes) throw Error("forward plan: not over one of its steps");
    }
    void* data = placed_.back().data.get();
    if (until == kept) return data;
    best = &rooms_.emplace_back(data, bytes, until, image);
  }
  best->until = until;
  return best->data;
}

std::vector<memory> ForwardPlanCpu::take_over(int from, const memory::desc& layout) {
  const int until = last_reader(next_step());
  if (last_reader(from) != next_step() || until == kept || is_at_home(from)) return {};
  std::vector<memory> images;
  for (const memory& image : outputs_.at(from).images) {
    const auto room = std::ranges::find(rooms_, image.get_data_handle(), &Room::data);
    // One that lives on has parts of a concatenation that are still to be read.
    const bool ends = room != rooms_.end() && room->until == next_step();
    if (!ends || image.get_desc() != layout) return {};
    images.emplace_back(layout, engine(), room->data);
  }
  for (const memory& image : images) {
    std::ranges::find(rooms_, image.get_data_handle(), &Room::data)->until = until;
  }
  return images;
}

}  // namespace hdecomp::cpu
