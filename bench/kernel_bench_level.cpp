/// Levels of decisions at random places.
#include "bench/kernel_bench_level.h"

#include <algorithm>
#include <random>
#include <set>

namespace hdecomp {
namespace {

/// Positions whose windows lie inside both maps.
std::vector<int64_t> inner_positions(const WindowAxis& above, const WindowAxis& below) {
  const auto inside = [](const WindowAxis& axis, int64_t position) {
    return axis.begin(position) >= 0 && axis.begin(position) + axis.size <= axis.map;
  };
  std::vector<int64_t> positions;
  for (int64_t i = 0; i < above.map; ++i) {
    if (inside(above, i) && inside(below, i)) positions.push_back(i);
  }
  return positions;
}

PlaceTensor random_places(const LevelSize& size, const Window& above, const Window& below) {
  const std::vector<int64_t> inner = inner_positions(above.y, below.y);
  std::mt19937 random(3);
  PlaceTensor places({}, {size.decisions()});
  for (int64_t d = 0; d < places.elements(); ++d) {
    const auto channel = static_cast<int64_t>(random() % size.channels_above);
    const int64_t y = inner.at(random() % inner.size()), x = inner.at(random() % inner.size());
    places.data()[d] = {channel, y, x, d / size.per_image};
  }
  return places;
}

/// Cells of the maps in the 64 bytes that a window covers a part of: memory gives no less.
int64_t covered_cells(const PlaceTensor& places, const Window& window, int64_t images) {
  constexpr int64_t burst = 64 / sizeof(float);
  const int64_t map = window.y.map * window.x.map;
  std::vector<bool> covered((images * map + burst - 1) / burst);
  for (const Place& place : places.span()) {
    for (int64_t y = 0; y < window.y.size; ++y) {
      const int64_t row = place.image * map + (window.y.begin(place.y) + y) * window.x.map +
                          window.x.begin(place.x);
      for (int64_t cell = row; cell < row + window.x.size; ++cell) covered[cell / burst] = true;
    }
  }
  return std::ranges::count(covered, true) * burst;
}

}  // namespace

std::shared_ptr<Level> make_level(const Context& context, const LevelSize& size, bool one_hot) {
  const int64_t map_above = size.map_above();
  Window above = whole_window(map_above, map_above);
  if (size.above < map_above) above.y = above.x = {1, 0, size.above, map_above};
  const Window below = window_below(above, size.kernel, size.map, size.map);
  const PlaceTensor places = random_places(size, above, below);
  auto level = std::make_shared<Level>();
  level->covered = covered_cells(places, below, size.images);
  std::set<int64_t> channels;
  for (const Place& place : places.span()) channels.insert(place.channel);
  level->channels = std::ssize(channels);
  level->places = copied_to(context.device(), context, places);
  level->above.window = above;
  level->above.places = level->places.span();
  level->above.one_hot = one_hot;
  level->above.channels = size.channels_above;
  level->above.pool = std::make_shared<BufferPool>(context.device());
  if (!one_hot) {
    const Shape shape{size.channels_above, size.decisions(), above.y.size, above.x.size};
    level->above.data = random_on(context, shape);
  }
  level->below = window_batch_like(level->above, below, size.channels_below);
  level->feature = random_on(context, {size.images, size.channels_below, size.map, size.map}, 2);
  return level;
}

}  // namespace hdecomp
