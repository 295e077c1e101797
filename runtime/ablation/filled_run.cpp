/// Filled layers from the lowest one up: whole maps, a batch of items at a time.
#include "runtime/ablation/filled_run.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/map/item_maps.h"
#include "runtime/network/laid_maps.h"

namespace hdecomp {
namespace {

/// Of the maps of a batch that live at a time; those of one item may be more. Enough that items
/// share reading a classifier's weights.
constexpr int64_t most_bytes = int64_t{96} << 20;

}  // namespace

FilledRun::FilledRun(const Context& context, const Executor& executor, std::vector<int> layers,
                     int64_t items)
    : context_(context), executor_(executor), layers_(std::move(layers)) {
  const Graph& graph = executor_.graph();
  const size_t count = graph.nodes.size();
  changed_.resize(count);
  computed_.resize(count);
  last_reader_.resize(count, -1);
  forward_.resize(count);
  maps_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    changed_[i] = std::ranges::find(layers_, static_cast<int>(i)) != layers_.end();
    for (const int input : graph.nodes[i].inputs) changed_[i] = changed_[i] || changed_[input];
    if (!changed_[i]) continue;
    for (const int input : graph.nodes[i].inputs) last_reader_[input] = static_cast<int>(i);
  }
  const int64_t bytes = std::max<int64_t>(most_floats(), 1) * static_cast<int64_t>(sizeof(float));
  places_ = std::clamp<int64_t>(most_bytes / bytes, 1, std::max<int64_t>(items, 1));
  plan();
}

/// Of an item's maps that live at a time: those that are still to be read, and either a node's own
/// twice, plain and as the plan lays it, or while the plan does not run it its inputs twice.
int64_t FilledRun::most_floats() const {
  const Graph& graph = executor_.graph();
  std::vector<bool> held(graph.nodes.size());
  int64_t live = 0, most = 0;
  const auto hold = [&](int node) {
    if (!held[node]) live += graph.shapes[node].elements();
    held[node] = true;
  };
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!changed_[i]) continue;
    const Node& node = graph.nodes[i];
    if (std::ranges::any_of(node.inputs, [&](int input) { return changed_[input]; })) {
      std::ranges::for_each(node.inputs, hold);
    }
    hold(static_cast<int>(i));
    const int64_t own = graph.shapes[i].elements();
    int64_t plain = 0;  // copies of inputs
    if (!executor_.plan().runs_laid(static_cast<int>(i))) {
      for (const int input : node.inputs) {
        if (executor_.plan().is_laid(input) && held[input]) plain += graph.shapes[input].elements();
      }
    }
    most = std::max(most, live + std::max(plain, own * (traits(node.op).keeps_index ? 2 : 1)));
    for (const int input : node.inputs) {
      if (held[input] && last_reader_[input] == static_cast<int>(i)) {
        live -= graph.shapes[input].elements();
        held[input] = false;
      }
    }
  }
  return most;
}

void FilledRun::plan() {
  const std::vector<Node>& nodes = executor_.graph().nodes;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const bool computed = std::ranges::any_of(nodes[i].inputs, [&](int k) { return changed_[k]; });
    computed_[i] = changed_[i] && computed;
    if (!computed_[i] || executor_.plan().runs_laid(static_cast<int>(i))) continue;
    forward_[i] = executor_.runner(static_cast<int>(i)).over_maps(places_, {}, executor_.pool());
  }
}

void FilledRun::take_map(int node) {
  const FeatureShape& shape = executor_.graph().shapes[node];
  maps_[node] =
      take_tensor<float>(executor_.pool(), {places_, shape.channels, shape.height, shape.width});
}

/// `places` copies of the features, plain.
void FilledRun::repeat(int node, int64_t image) {
  const FeatureShape& shape = executor_.graph().shapes[node];
  take_map(node);
  const Tensor feature = rows(executor_.feature(node), image, image + 1);
  gather_maps(context_, {feature}, {{0, 0, shape.height, shape.width}, {}}, maps_[node]);
}

void FilledRun::fill(int node, size_t layer, const std::vector<float>& fills,
                     std::span<const FilledChannels> items) {
  const int64_t channels = executor_.graph().shapes[node].channels;
  std::vector<int32_t> planes;
  std::vector<float> values;
  for (size_t item = 0; item < items.size(); ++item) {
    for (const int32_t channel : items[item].at(layer)) {
      if (channel < 0 || channel >= channels) throw Error(joined("no channel ", channel));
      planes.push_back(static_cast<int32_t>(static_cast<int64_t>(item) * channels + channel));
      values.push_back(fills.at(channel));
    }
  }
  if (planes.empty()) return;
  const Device device = context_.device();
  const IndexTensor planes_here({}, {std::ssize(planes)}, planes.data());
  const Tensor values_here({}, {std::ssize(values)}, values.data());
  const IndexTensor planes_there = copied_to(device, context_, planes_here);
  const Tensor values_there = copied_to(device, context_, values_here);
  fill_planes(context_, planes_there, values_there, maps_[node]);
  context_.finish();  // the lists go
}

/// The first `items` of a node's maps as they lie.
void FilledRun::run_laid(int node, int64_t items) {
  const std::vector<int>& inputs = executor_.graph().nodes[node].inputs;
  take_map(node);
  for (int64_t i = 0; i < items; ++i) {
    std::vector<Tensor> own;
    for (const int input : inputs) own.push_back(rows(maps_[input], i, i + 1));
    Tensor y = rows(maps_[node], i, i + 1);
    executor_.plan().run_laid(node, own, y);
  }
}

/// Plain maps, by the runner.
void FilledRun::run_plain(int node) {
  std::vector<Tensor> held;
  for (const int input : executor_.graph().nodes[node].inputs) {
    held.push_back(unlaid(executor_, input, rows(maps_[input], 0, places_)));
  }
  std::vector<const Tensor*> given;
  for (const Tensor& one : held) given.push_back(&one);
  take_map(node);
  forward_[node](given, maps_[node]);
}

/// The maps of a node before it is filled; returns whether they lie as the plan's do.
bool FilledRun::run_node(int node, int64_t image, int64_t items) {
  if (!computed_[node]) return repeat(node, image), false;
  for (const int input : executor_.graph().nodes[node].inputs) {
    if (maps_[input].data() != nullptr) continue;
    repeat(input, image);  // a branch beside the filled layers
    maps_[input] = laid(executor_, input, std::move(maps_[input]));
  }
  const bool lies = executor_.plan().runs_laid(node);
  lies ? run_laid(node, items) : run_plain(node);
  return lies;
}

void FilledRun::release_inputs(int node) {
  for (const int input : executor_.graph().nodes[node].inputs) {
    if (last_reader_[input] == node) maps_[input] = {};
  }
}

std::vector<std::vector<float>> FilledRun::scores(
    int64_t image, const std::vector<std::vector<float>>& fills,
    std::span<const FilledChannels> items, const std::function<void(int64_t)>& before_batch) {
  const int last = executor_.graph().scores();
  std::vector<std::vector<float>> scores;
  for (size_t first = 0; first < items.size(); first += places_) {
    if (before_batch) before_batch(static_cast<int64_t>(first));
    const auto part = items.subspan(first, std::min<size_t>(places_, items.size() - first));
    for (int node = 0; node <= last; ++node) {
      if (!changed_[node]) continue;
      Tensor& maps = maps_[node];
      bool lies = run_node(node, image, std::ssize(part));
      const auto layer = std::ranges::find(layers_, node) - layers_.begin();
      if (layer < std::ssize(layers_)) {
        if (lies) maps = unlaid(executor_, node, std::move(maps));
        fill(node, layer, fills.at(layer), part);
        lies = false;
      }
      if (!lies) maps = laid(executor_, node, std::move(maps));
      release_inputs(node);
    }
    const Tensor there = unlaid(executor_, last, std::move(maps_[last]));
    const Tensor host = on_host(context_, there);
    context_.finish();
    const int64_t classes = host.elements() / places_;
    for (size_t i = 0; i < part.size(); ++i) {
      scores.emplace_back(host.data() + i * classes, host.data() + (i + 1) * classes);
    }
  }
  return scores;
}

}  // namespace hdecomp
