/// Laying levels out and bringing them to the host.
#include "runtime/tree/level_results.h"

#include <algorithm>

#include "kernels/core/copy.h"

namespace hdecomp {
namespace {

/// Arrays that follow one another, each from a cache line on.
class Pieces {
 public:
  Pieces(Device device, std::byte* memory) : device_(device), memory_(memory) {}

  template <class T>
  void next(TensorOf<T>& tensor, const Shape& shape) {
    constexpr int64_t line = 64;
    tensor = {device_, shape, reinterpret_cast<T*>(memory_ + used_)};
    used_ += (shape.elements() * static_cast<int64_t>(sizeof(T)) + line - 1) / line * line;
  }
  int64_t used() const { return used_; }

 private:
  Device device_;
  std::byte* memory_;
  int64_t used_ = 0;
};

/// Puts a level's arrays into `pieces`.
GapLevel lay_out(const LevelShape& shape, Pieces& pieces) {
  const Shape per_channel{shape.decisions, shape.channels};
  const Shape per_choice{shape.decisions, shape.choices};
  GapLevel level;
  pieces.next(level.reduced.alpha, per_channel);
  pieces.next(level.reduced.peak, per_channel);
  pieces.next(level.reduced.mean_gradient, per_channel);
  pieces.next(level.reduced.max_gradient, per_channel);
  pieces.next(level.reduced.position, per_channel);
  pieces.next(level.chosen, per_choice);
  pieces.next(level.values, per_choice);
  pieces.next(level.next, {per_choice.elements()});
  return level;
}

/// Maps in the host's memory for copies, complete once the context's ops are; none of none.
Tensor maps_to_host(const WindowExecutor& windows, const Tensor& maps) {
  if (maps.data() == nullptr) return {};
  Tensor host = take_tensor<float>(windows.host_pool(), maps.shape());
  copy(windows.context(), maps, host);
  return host;
}

}  // namespace

LevelShape level_shape(const Graph& graph, const GapQuestion& question, int64_t decisions) {
  const int64_t channels = graph.shapes[question.to].channels;
  return {decisions, channels, std::min<int64_t>(question.top, channels)};
}

int64_t LevelShape::bytes() const {
  Pieces pieces({}, nullptr);
  lay_out(*this, pieces);
  return pieces.used();
}

GapLevel lay_out(const LevelShape& shape, Device device, std::byte* memory) {
  Pieces pieces(device, memory);
  return lay_out(shape, pieces);
}

void take_maps(const WindowExecutor& windows, const GapQuestion& question, const LevelShape& shape,
               GapLevel& level) {
  if (!question.keep_maps) return;
  const FeatureShape& map = windows.graph().shapes[question.to];
  level.maps =
      take_tensor<float>(windows.pool(), {shape.decisions, shape.choices, map.height, map.width});
}

GapLevel take_level(const WindowExecutor& windows, const GapQuestion& question, int64_t decisions) {
  BufferPool& pool = windows.pool();
  const LevelShape shape = level_shape(windows.graph(), question, decisions);
  TensorOf<std::byte> memory = take_tensor<std::byte>(pool, {shape.bytes()});
  GapLevel level = lay_out(shape, pool.device(), memory.data());
  level.memory = std::move(memory);
  take_maps(windows, question, shape, level);
  return level;
}

HostLevel to_host(const WindowExecutor& windows, GapLevel level) {
  const Context& context = windows.context();
  if (context.device().kind != DeviceKind::cpu) {
    const Shape& alpha = level.reduced.alpha.shape();
    TensorOf<std::byte> copied = take_tensor<std::byte>(windows.host_pool(), level.memory.shape());
    copy(context, level.memory, copied);
    GapLevel host = lay_out({alpha[0], alpha[1], level.chosen.shape()[1]}, {}, copied.data());
    host.maps = maps_to_host(windows, level.maps);
    host.memory = std::move(copied);
    level = std::move(host);
  }
  context.finish();
  auto owner = std::make_shared<TensorOf<std::byte>>(std::move(level.memory));
  return {std::move(level), std::move(owner)};
}

CopiedLevels copy_to_host(const WindowExecutor& windows, const std::vector<GapLevel>& levels,
                          const std::vector<LevelShape>& shapes,
                          const TensorOf<std::byte>& memory) {
  // Waking another stream takes longer than a small copy.
  constexpr int64_t worth_an_aside = int64_t{1} << 20;
  const Context& context = windows.context();
  const auto owner = std::make_shared<TensorOf<std::byte>>(
      take_tensor<std::byte>(windows.host_pool(), memory.shape()));
  CopiedLevels copied;
  int64_t begin = 0;
  for (size_t l = 0; l < levels.size(); ++l) {
    copied.levels.push_back({lay_out(shapes[l], {}, owner->data() + begin), owner});
    copied.levels.back().level.maps = maps_to_host(windows, levels[l].maps);
    begin += shapes[l].bytes();
  }
  if (memory.elements() >= worth_an_aside) {
    copied.done = copy_aside(context, memory.data(), owner->data(), memory.elements());
  } else {
    copy(context, memory, *owner);
    copied.done = mark(context);
  }
  return copied;
}

}  // namespace hdecomp
