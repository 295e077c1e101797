/// Guided backpropagation of a tree's nodes, one batch a level.
#include "runtime/tree/guided.h"

#include <map>
#include <set>

#include "kernels/core/copy.h"
#include "runtime/network/receptive_fields.h"
#include "runtime/tree/split_level.h"

namespace hdecomp {
namespace {

constexpr int image_node = 0;

/// The part of its window that the neuron depends on; `batch` is on the host.
GuidedCrop crop_of(const WindowBatch& batch, int64_t decision, const ReceptiveFields& fields) {
  const WindowAxis &wy = batch.window.y, &wx = batch.window.x;
  const Place& place = batch.places[decision];
  const PixelRectangle field = fields.at(place.y, place.x);
  GuidedCrop crop{field.y, field.x, field.height, field.width, {}};
  if (field.width == 0) return crop;
  const int64_t from_y = field.y - wy.begin(place.y), from_x = field.x - wx.begin(place.x);
  crop.gradient.reserve(batch.channels * field.height * field.width);
  for (int64_t c = 0; c < batch.channels; ++c) {
    const float* plane = batch.plane(c, decision);
    for (int64_t y = 0; y < field.height; ++y) {
      const float* row = plane + (from_y + y) * wx.size + from_x;
      crop.gradient.insert(crop.gradient.end(), row, row + field.width);
    }
  }
  return crop;
}

using Step = std::shared_ptr<const Decomposition>;
using Crops = std::map<Neuron, std::shared_ptr<const GuidedCrop>>;

Neuron neuron_of(const TreeNode& node, int64_t image) {
  return {node.channel, node.y, node.x, image};
}

/// The evidence of a level's steps, each neuron once.
Crops neurons_of(const std::set<Step>& steps, int64_t image) {
  Crops crops;
  for (const Step& step : steps) {
    for (const TreeNode& node : step->evidence) crops[neuron_of(node, image)] = nullptr;
  }
  return crops;
}

std::set<Step> steps_below(const std::set<Step>& steps) {
  std::set<Step> below;
  for (const Step& step : steps) {
    for (const TreeNode& node : step->evidence) {
      if (node.step) below.insert(node.step);
    }
  }
  return below;
}

void fill(WindowExecutor& windows, int level, Crops& crops) {
  std::vector<Neuron> distinct;
  for (const auto& [neuron, unused] : crops) distinct.push_back(neuron);
  std::vector<GuidedCrop> made = guided_windows(windows, level, distinct);
  for (size_t i = 0; i < made.size(); ++i) {
    crops[distinct[i]] = std::make_shared<const GuidedCrop>(std::move(made[i]));
  }
}

/// A tree's steps again, with the crops of each level.
class GuidedSteps {
 public:
  GuidedSteps(const std::vector<Crops>& crops, int64_t image) : crops_(crops), image_(image) {}

  /// Of a step into level `depth`.
  Step of(const Step& step, size_t depth) {
    if (!step || depth == crops_.size()) return step;
    Step& shared = made_[step];
    if (shared) return shared;
    const auto whole = std::make_shared<Decomposition>(*step);
    for (TreeNode& node : whole->evidence) {
      node.guided = crops_[depth].at(neuron_of(node, image_));
      node.step = of(node.step, depth + 1);
    }
    return shared = whole;
  }

 private:
  const std::vector<Crops>& crops_;
  int64_t image_;
  std::map<Step, Step> made_;
};

}  // namespace

std::vector<GuidedCrop> guided_windows(WindowExecutor& windows, int from,
                                       const std::vector<Neuron>& neurons) {
  const Context& context = windows.context();
  const PlaceTensor places = windows.upload(neurons);
  const ReceptiveFields fields(windows.graph(), from);
  std::vector<GuidedCrop> crops;
  for_each_batch(windows, {from, image_node}, places.span(), [&](std::span<const Neuron> batch) {
    WindowBatch gradient = windows.gradients(from, batch, image_node, ReluRule::guided);
    WindowBatch seen;
    seen.window = gradient.window;
    seen.channels = gradient.channels;
    seen.places = std::span(neurons).subspan(crops.size(), batch.size());
    seen.data = on_host(context, gradient.data);
    context.finish();
    for (int64_t d = 0; d < seen.decisions(); ++d) crops.push_back(crop_of(seen, d, fields));
  });
  return crops;
}

void attach_guided(WindowExecutor& windows, const std::vector<int>& levels, int64_t image,
                   TreeNode& root) {
  std::vector<Crops> crops;
  std::set<Step> steps;
  if (root.step) steps.insert(root.step);
  for (const int level : levels) {
    if (level == image_node) break;  // a pixel is its own gradient
    crops.push_back(neurons_of(steps, image));
    fill(windows, level, crops.back());
    steps = steps_below(steps);
  }
  root.step = GuidedSteps(crops, image).of(root.step, 0);
}

}  // namespace hdecomp
