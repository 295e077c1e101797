/// Guided backpropagation of a tree's nodes, one batch a level.
#include "runtime/tree/guided.h"

#include <map>

#include "kernels/core/copy.h"
#include "kernels/window/window_overlap.h"
#include "runtime/tree/split_level.h"

namespace hdecomp {
namespace {

constexpr int image_node = 0;

/// `batch` on the host.
GuidedCrop crop_of(const WindowBatch& batch, int64_t decision) {
  const WindowAxis &wy = batch.window.y, &wx = batch.window.x;
  const Place& place = batch.places[decision];
  const cpu::Span rows = cpu::inside_map(wy, place.y), columns = cpu::inside_map(wx, place.x);
  GuidedCrop crop{wy.begin(place.y) + rows.begin,
                  wx.begin(place.x) + columns.begin,
                  rows.size(),
                  columns.size(),
                  {}};
  if (columns.size() == 0) return crop;
  crop.gradient.reserve(batch.channels * rows.size() * columns.size());
  for (int64_t c = 0; c < batch.channels; ++c) {
    const float* plane = batch.plane(c, decision);
    for (int64_t y = rows.begin; y < rows.end; ++y) {
      const float* row = plane + y * wx.size;
      crop.gradient.insert(crop.gradient.end(), row + columns.begin, row + columns.end);
    }
  }
  return crop;
}

/// The children of all nodes in `parents`.
std::vector<TreeNode*> children_of(const std::vector<TreeNode*>& parents) {
  std::vector<TreeNode*> children;
  for (TreeNode* parent : parents) {
    for (TreeNode& child : parent->children) children.push_back(&child);
  }
  return children;
}

}  // namespace

std::vector<GuidedCrop> guided_windows(WindowExecutor& windows, int from,
                                       const std::vector<Neuron>& neurons) {
  const Context& context = windows.context();
  const PlaceTensor places = windows.upload(neurons);
  std::vector<GuidedCrop> crops;
  for_each_batch(windows, {from, image_node}, places.span(), [&](std::span<const Neuron> batch) {
    WindowBatch gradient = windows.gradients(from, batch, image_node, ReluRule::guided);
    WindowBatch seen;
    seen.window = gradient.window;
    seen.channels = gradient.channels;
    seen.places = std::span(neurons).subspan(crops.size(), batch.size());
    seen.data = on_host(context, gradient.data);
    context.finish();
    for (int64_t d = 0; d < seen.decisions(); ++d) crops.push_back(crop_of(seen, d));
  });
  return crops;
}

void attach_guided(WindowExecutor& windows, const std::vector<int>& levels, int64_t image,
                   TreeNode& root) {
  std::vector<TreeNode*> nodes{&root};
  for (const int level : levels) {
    nodes = children_of(nodes);
    if (level == image_node) return;  // a pixel is its own gradient
    std::map<Neuron, std::shared_ptr<const GuidedCrop>> crops;
    for (const TreeNode* node : nodes) crops[{node->channel, node->y, node->x, image}] = nullptr;
    std::vector<Neuron> distinct;
    for (const auto& [neuron, unused] : crops) distinct.push_back(neuron);
    std::vector<GuidedCrop> made = guided_windows(windows, level, distinct);
    for (size_t i = 0; i < made.size(); ++i) {
      crops[distinct[i]] = std::make_shared<const GuidedCrop>(std::move(made[i]));
    }
    for (TreeNode* node : nodes) node->guided = crops[{node->channel, node->y, node->x, image}];
  }
}

}  // namespace hdecomp
