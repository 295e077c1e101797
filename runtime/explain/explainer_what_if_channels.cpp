/// Explainer: networks with channels switched off, and others of chance beside them.
#include <algorithm>
#include <map>

#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "kernels/core/random_normal.h"
#include "nets/layer_names.h"
#include "runtime/ablation/ablation_fills.h"
#include "runtime/ablation/filled_run.h"
#include "runtime/explain/decide.h"
#include "runtime/explain/explainer_impl.h"
#include "runtime/explain/scores_as_run.h"
#include "runtime/explain/what_if_changes.h"
#include "runtime/explain/what_if_verdicts.h"
#include "runtime/image/pixel_hash.h"
#include "weights/file/finite.h"

namespace hdecomp {
namespace {

/// All other channels of the same layers.
FilledChannels others_than(const Graph& graph, const std::vector<OffNode>& nodes) {
  FilledChannels others;
  for (const OffNode& off : nodes) {
    std::vector<int32_t>& own = others.emplace_back();
    for (int32_t k = 0; k < graph.shapes[off.node].channels; ++k) {
      if (std::ranges::find(off.channels, k) == off.channels.end()) own.push_back(k);
    }
  }
  return others;
}

/// Of the others as many as are in question, or as many as there are, by the seed, the pixels, the
/// control and the layer.
FilledChannels drawn_from(const FilledChannels& others, const std::vector<OffNode>& nodes,
                          uint64_t stream) {
  FilledChannels drawn;
  for (size_t i = 0; i < nodes.size(); ++i) {
    std::vector<int32_t> order = others[i];
    shuffle(std::span(order), stream_of(stream, static_cast<uint64_t>(nodes[i].node)));
    const auto count = std::min(std::ssize(order), std::ssize(nodes[i].channels));
    drawn.emplace_back(order.begin(), order.begin() + count);
  }
  return drawn;
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

/// Features in between are not kept, so it is the scores that are looked at.
void require_finite(const Graph& graph, const std::vector<std::vector<float>>& scores) {
  for (const std::vector<float>& row : scores) {
    if (first_not_finite_here(row) < 0) continue;
    throw ImageError(joined("layer ", layer_label(graph, graph.scores()),
                            ": with channels off a score is not finite; the model's weights "
                            "overflow on this image"));
  }
}

/// Of what was asked for, or of a control.
void take(Verdict verdict, std::vector<FilledLayer> what, bool is_asked, WhatIf& result) {
  if (is_asked) {
    result.after = std::move(verdict);
    result.off = std::move(what);
  } else {
    result.controls.push_back(std::move(verdict));
    result.control_channels.push_back(std::move(what));
  }
}

}  // namespace

std::vector<OffNode> off_nodes(const Graph& graph, const std::vector<FilledLayer>& off) {
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
  if (nodes.empty()) throw UserError("--off: name a channel");
  return nodes;
}

WhatIf what_if_off(NetworkRunner& network, int64_t image, const Image& photo,
                   const std::vector<OffNode>& off, AblationFill fill,
                   const std::shared_ptr<const ChannelMeans>& means, const WhatIfOptions& options,
                   Verdict before) {
  const Graph& graph = network.graph();
  WhatIf result;
  result.before = std::move(before);
  std::vector<std::vector<float>> fills;
  std::vector<int> layers;
  std::vector<FilledChannels> items(1);
  for (const OffNode& node : off) {
    const AblationQuestion question{graph.scores(), node.node, fill, AblationMethod::naive, means};
    fills.push_back(ablation_fills(network.context, network.executor, question, image));
    layers.push_back(node.node);
    items[0].push_back(node.channels);
  }
  const uint64_t stream = stream_of(options.seed, pixel_hash(photo));
  const FilledChannels others = others_than(graph, off);
  for (int i = 0; i < options.controls; ++i) {
    items.push_back(drawn_from(others, off, stream_of(stream, static_cast<uint64_t>(i))));
  }
  FilledRun run(network.context, network.executor, layers, std::ssize(items));
  const auto before_batch = [&](int64_t done) {
    end_if_stopped(options.stop);
    if (done > 0 && options.after_batch) options.after_batch(done, std::ssize(items));
  };
  const std::vector<std::vector<float>> all = run.scores(image, fills, items, before_batch);
  require_finite(graph, all);
  const ForwardRun forward = scores_as_run(network.model, all);
  if (options.after_batch) options.after_batch(std::ssize(items), std::ssize(items));
  const Classification scores(network.model, forward);
  for (size_t i = 0; i < items.size(); ++i) {
    const int count = i == 0 ? all_classes : 1;
    Verdict verdict =
        verdict_of(scores, static_cast<int64_t>(i), result.before.decision.index, count);
    take(std::move(verdict), named(graph, off, items[i], fills), i == 0, result);
  }
  return result;
}

WhatIf Explainer::what_if(const Image& image, const std::vector<FilledLayer>& off,
                          AblationFill fill, const std::shared_ptr<const ChannelMeans>& means,
                          const WhatIfOptions& options) {
  check_question(model(), options);
  impl_->require_none_begun();
  NetworkRunner& network = impl_->network;
  const std::vector<OffNode> nodes = off_nodes(network.graph(), off);
  return what_if_off(network, 0, image, nodes, fill, means, options,
                     verdict_before(network, image, options.target));
}

}  // namespace hdecomp
