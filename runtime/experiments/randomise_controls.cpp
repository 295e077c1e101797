/// The controls' inputs, and their comparison with the images' own maps.
#include "runtime/experiments/randomise_controls.h"

#include <algorithm>

#include "kernels/core/copy.h"

namespace hdecomp {

Tensor inputs_of(const Tensor& run, std::span<const MeasuredImage> images) {
  const Shape& shape = run.shape();
  Tensor some({}, {std::ssize(images), shape[1], shape[2], shape[3]});
  const int64_t size = some.elements() / std::ssize(images);
  for (size_t i = 0; i < images.size(); ++i) {
    std::copy_n(run.data() + images[i].image * size, size, some.data() + i * size);
  }
  return some;
}

std::vector<int64_t> second_classes(const NetworkRunner& network,
                                    std::span<const MeasuredImage> images) {
  std::vector<int64_t> second;
  for (const MeasuredImage& image : images) {
    const std::vector<ClassScore> best = network.scores().ranking(image.image, 2);
    const bool is_best = best.front().index == image.decision.index;
    second.push_back(is_best ? best.back().index : best.front().index);
  }
  return second;
}

Tensor other_inputs(NetworkRunner& network, std::span<const MeasuredImage> images,
                    const std::vector<Image>& candidates) {
  std::vector<Image> others;
  for (const MeasuredImage& image : images) {
    const auto other = std::ranges::find_if(
        candidates, [&](const Image& candidate) { return candidate.rgb != image.photo.rgb; });
    if (other == candidates.end()) return {};
    others.push_back(*other);
  }
  const Tensor there = network.input(others);
  return copied_to({}, network.context, there);
}

namespace {

void put_control(RandomiseRow& row, int64_t method, int64_t control, const SummedMap& map,
                 const SummedMap& other) {
  row.put_control(method, control, map, other.sign_ranks, other.size_ranks);
}

}  // namespace

void put_randomise_controls(const ControlMaps& maps, std::vector<RandomiseRow>& rows) {
  const Shape& shape = maps.inputs.shape();
  const int64_t size = maps.inputs.elements() / shape[0];
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::span<const float> input =
        maps.inputs.span().subspan(static_cast<int64_t>(i) * size, size);
    const std::vector<double> edges = ranks_of(edge_map(input, shape[1], shape[2], shape[3]));
    for (size_t m = 0; m < maps.before.size(); ++m) {
      const auto method = static_cast<int64_t>(m);
      const SummedMap& before = maps.before[m][i];
      if (!maps.of_others.empty()) {
        put_control(rows[i], method, 0, before, SummedMap(maps.of_others[m][i]));
      }
      put_control(rows[i], method, 1, before, SummedMap(maps.of_second[m][i]));
      // A layer's map has other places than the input's edges.
      if (before.size.size() != edges.size()) continue;
      rows[i].put_control(method, 2, before, edges, edges);
    }
  }
}

}  // namespace hdecomp
