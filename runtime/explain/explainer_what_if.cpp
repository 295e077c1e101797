/// Explainer: photographs with a part filled, networks with channels switched off, and controls of
/// chance beside them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "hdecomp/error.h"
#include "hdecomp/what_if.h"
#include "nets/layer_names.h"
#include "runtime/ablation/ablation_fills.h"
#include "runtime/ablation/filled_run.h"
#include "runtime/explain/decide.h"
#include "runtime/explain/explainer_impl.h"
#include "runtime/image/pixel_hash.h"
#include "weights/model/random_normal.h"

namespace hdecomp {
namespace {

constexpr int most_controls = 10000, all_classes = std::numeric_limits<int>::max();

void check_question(const Model& model, const WhatIfOptions& options) {
  model.require_classes();
  if (options.controls < 0 || options.controls > most_controls) {
    throw UserError(
        joined("--controls ", options.controls, ": give a number from 0 to ", most_controls));
  }
}

Verdict verdict_of(const Classification& scores, int64_t image, int64_t decision, int count) {
  return {scores.score_of(image, decision), scores.ranking(image, count)};
}

/// As many pixels as the region has, in a box of about its proportions.
PhotoBox size_of_controls(const PhotoRegion& region, const PhotoBox& within) {
  const auto pixels = static_cast<double>(region.pixels());
  const double scale =
      std::sqrt(pixels / static_cast<double>(region.box.width * region.box.height));
  const auto side = [](double length, int64_t most) {
    return std::clamp<int64_t>(std::llround(length), 1, most);
  };
  const int64_t width = side(static_cast<double>(region.box.width) * scale, within.width);
  return {0, 0, width, side(pixels / static_cast<double>(width), within.height)};
}

/// Photographs in batches, one after the other: they need not be there together.
class Verdicts {
 public:
  Verdicts(NetworkRunner& network, int64_t decision) : network_(network), decision_(decision) {}

  void ask(Image image) {
    waiting_.push_back(std::move(image));
    if (std::ssize(waiting_) == network_.executor.batch()) run();
  }
  std::vector<Verdict> all() {
    if (!waiting_.empty()) run();
    return std::move(all_);
  }

 private:
  void run() {
    network_.forward(waiting_);
    for (int64_t i = 0; i < std::ssize(waiting_); ++i) {
      network_.require_finite(network_.last_run(), i, waiting_[i]);
      const int count = all_.empty() ? all_classes : 1;  // of the change, of a control
      all_.push_back(verdict_of(network_.scores(), i, decision_, count));
    }
    waiting_.clear();
  }

  NetworkRunner& network_;
  int64_t decision_;
  std::vector<Image> waiting_;
  std::vector<Verdict> all_;
};

/// The layers in question by their nodes, checked.
struct OffNode {
  int node;
  std::vector<int32_t> channels;
};

std::vector<OffNode> nodes_of(const Graph& graph, const std::vector<FilledLayer>& off) {
  std::map<int, std::vector<int32_t>> by_node;
  for (const FilledLayer& layer : off) {
    const int node = find_layer(graph, layer.layer);
    if (node == graph.scores()) {
      throw UserError(joined("--off: the channels of layer ", layer.layer,
                             " are what is compared; name a layer below it"));
    }
    if (node == 0) throw UserError("--off: channels of the image; give --box to fill pixels");
    const int64_t channels = graph.shapes[node].channels;
    for (const int32_t channel : layer.channels) {
      if (channel < 0 || channel >= channels) {
        throw UserError(joined("--off: layer ", layer.layer, " has no channel ", channel,
                               "; its channels are 0 to ", channels - 1));
      }
      std::vector<int32_t>& named = by_node[node];
      if (std::ranges::find(named, channel) != named.end()) {
        throw UserError(joined("--off: ", layer.layer, ":", channel, " is named twice"));
      }
      named.push_back(channel);
    }
  }
  std::vector<OffNode> nodes;
  for (const auto& [node, channels] : by_node) nodes.push_back({node, channels});
  return nodes;
}

/// As many others of the same layers, or as many as there are, by the seed, the pixels, the control
/// and the layer.
FilledChannels others_than(const Graph& graph, const std::vector<OffNode>& nodes, uint64_t stream) {
  FilledChannels result;
  for (const OffNode& off : nodes) {
    std::vector<int32_t> others;
    for (int32_t k = 0; k < graph.shapes[off.node].channels; ++k) {
      if (std::ranges::find(off.channels, k) == off.channels.end()) others.push_back(k);
    }
    shuffle(std::span(others), stream_of(stream, static_cast<uint64_t>(off.node)));
    others.resize(std::min(others.size(), off.channels.size()));
    result.push_back(std::move(others));
  }
  return result;
}

Verdict verdict_of(const Model& model, std::span<const float> scores, int64_t decision, int count) {
  const std::vector<double> logs = log_probabilities(model, scores);
  const auto score = [&](int64_t i) {
    return ClassScore{i, model.class_name(i), model.class_wnid(i), scores[i],
                      static_cast<float>(std::exp(logs[i]))};
  };
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::ranges::stable_sort(order, [&](int64_t a, int64_t b) { return scores[a] > scores[b]; });
  Verdict verdict{score(decision), {}};
  order.resize(std::min<size_t>(order.size(), count));
  for (const int64_t i : order) verdict.top.push_back(score(i));
  return verdict;
}

std::vector<FilledLayer> named(const Graph& graph, const std::vector<OffNode>& nodes,
                               const FilledChannels& channels,
                               const std::vector<std::vector<float>>& fills) {
  std::vector<FilledLayer> layers;
  for (size_t i = 0; i < nodes.size(); ++i) {
    FilledLayer layer{layer_label(graph, nodes[i].node), channels[i], {}};
    for (const int32_t channel : layer.channels) layer.values.push_back(fills[i].at(channel));
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace

ControlSummary summary_of(const WhatIf& result) {
  ControlSummary summary;
  summary.controls = std::ssize(result.controls);
  summary.least_change = summary.most_change = 0;
  bool first = true;
  for (const Verdict& control : result.controls) {
    summary.class_changes += control.predicted().index != result.before.predicted().index ? 1 : 0;
    summary.as_low += control.decision.score <= result.after.decision.score ? 1 : 0;
    const double change = double{control.decision.probability} - result.before.decision.probability;
    summary.least_change = first ? change : std::min(summary.least_change, change);
    summary.most_change = first ? change : std::max(summary.most_change, change);
    summary.mean_change += change / static_cast<double>(summary.controls);
    summary.mean_score_change += (double{control.decision.score} - result.before.decision.score) /
                                 static_cast<double>(summary.controls);
    first = false;
  }
  return summary;
}

WhatIf Explainer::what_if(const Image& image, const PhotoRegion& region, RegionFill fill,
                          const WhatIfOptions& options) {
  check_question(model(), options);
  impl_->require_none_begun();
  NetworkRunner& network = impl_->network;
  const int64_t asked = options.target.empty() ? -1 : model().find_class(options.target);
  const PhotoBox seen = seen_of(image, model().preprocess());
  WhatIf result;
  result.seen = part_inside(region, seen);
  if (result.seen.box.width == 0) {
    throw UserError(joined("the network sees nothing of the region: of this photograph it sees ",
                           seen.width, " x ", seen.height, " pixels from ", seen.x, ",", seen.y,
                           " on"));
  }
  const PixelFiller filler(image, fill);
  const PhotoBox size = size_of_controls(result.seen, seen);
  result.control_boxes =
      random_boxes(image, seen, size.width, size.height, options.controls, options.seed);
  network.forward({&image, 1});
  const ClassScore decision = choose(network, network.last_run(), 0, image, asked);
  result.before = verdict_of(network.scores(), 0, decision.index, all_classes);
  Verdicts verdicts(network, decision.index);
  verdicts.ask(filler.filled(region));
  for (const PhotoBox& box : result.control_boxes) verdicts.ask(filler.filled({box, {}}));
  result.controls = verdicts.all();
  result.after = std::move(result.controls.front());
  result.controls.erase(result.controls.begin());
  return result;
}

WhatIf Explainer::what_if(const Image& image, const std::vector<FilledLayer>& off,
                          AblationFill fill, const std::shared_ptr<const ChannelMeans>& means,
                          const WhatIfOptions& options) {
  check_question(model(), options);
  impl_->require_none_begun();
  NetworkRunner& network = impl_->network;
  const Graph& graph = network.graph();
  const std::vector<OffNode> nodes = nodes_of(graph, off);
  if (nodes.empty()) throw UserError("--off: name a channel");
  const int64_t asked = options.target.empty() ? -1 : model().find_class(options.target);
  network.forward({&image, 1});
  const ClassScore decision = choose(network, network.last_run(), 0, image, asked);
  WhatIf result;
  result.before = verdict_of(network.scores(), 0, decision.index, all_classes);
  std::vector<std::vector<float>> fills;
  std::vector<int> layers;
  std::vector<FilledChannels> items(1);
  for (const OffNode& node : nodes) {
    const AblationPlan plan{graph.scores(), node.node, fill, AblationMethod::naive, means};
    fills.push_back(ablation_fills(network.context, network.executor, plan, 0));
    layers.push_back(node.node);
    items[0].push_back(node.channels);
  }
  const uint64_t stream = stream_of(options.seed, pixel_hash(image));
  for (int i = 0; i < options.controls; ++i) {
    items.push_back(others_than(graph, nodes, stream_of(stream, static_cast<uint64_t>(i))));
  }
  FilledRun run(network.context, network.executor, layers, std::ssize(items));
  const std::vector<std::vector<float>> scores = run.scores(0, fills, items);
  for (size_t i = 0; i < items.size(); ++i) {
    Verdict verdict = verdict_of(model(), scores[i], decision.index, i == 0 ? all_classes : 1);
    std::vector<FilledLayer> what = named(graph, nodes, items[i], fills);
    if (i == 0) {
      result.after = std::move(verdict);
      result.off = std::move(what);
    } else {
      result.controls.push_back(std::move(verdict));
      result.control_channels.push_back(std::move(what));
    }
  }
  return result;
}

}  // namespace hdecomp
