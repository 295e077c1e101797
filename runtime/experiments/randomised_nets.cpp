/// Drawing a network's weights anew.
#include "runtime/experiments/randomised_nets.h"

#include <algorithm>
#include <utility>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/core/random_normal.h"
#include "weights/file/finite.h"
#include "weights/model/borrowed_model.h"
#include "weights/model/randomise.h"

namespace hdecomp {

size_t RandomisedWeights::since(size_t s) const {
  return options_.order == RandomiseOrder::independent ? s : 0;
}

std::shared_ptr<const ModelData> RandomisedWeights::of(size_t s) {
  const std::shared_ptr<ModelData> net = described_as(model_);
  net->graph = model_->graph;
  for (const LayerWeights& layer : model_->layers) net->layers.push_back(borrowed(layer));
  const bool is_alone = options_.order == RandomiseOrder::independent;
  for (size_t step = since(s); step <= s; ++step) {
    for (const int node : steps_[step].nodes) {
      LayerWeights& drawn = drawn_[node];
      if (drawn.weight.data() == nullptr) {
        const uint64_t stream = stream_of(options_.seed, static_cast<uint64_t>(node));
        drawn = drawn_anew(model_->layers[node], static_cast<Draw>(options_.draw), stream);
      }
      net->layers[node] = is_alone ? std::exchange(drawn, {}) : borrowed(drawn);
    }
  }
  return net;
}

int RandomisedWeights::first_drawn(size_t s) const {
  int first = steps_[s].nodes.front();
  for (size_t step = since(s); step < s; ++step) {
    first = std::min(first, steps_[step].nodes.front());
  }
  return first;
}

void require_alike(const Model& one, const Model& other) {
  const Graph &a = one.data()->graph, &b = other.data()->graph;
  if (a.shapes == b.shapes && a.nodes.size() == b.nodes.size()) return;
  throw UserError(joined("the models are not of one architecture: ", one.arch(), " with ",
                         one.output_count(), " outputs, ", other.arch(), " with ",
                         other.output_count()));
}

std::vector<float> scores_of(const SaliencyNet& net, int64_t image) {
  const int last = net.graph().scores();
  std::vector<Neuron> neurons;
  for (int64_t c = 0; c < net.graph().shapes[last].channels; ++c) {
    neurons.push_back({c, 0, 0, image});
  }
  return net.executor.values(last, neurons);
}

namespace {

/// Where the maps lie; on the host.
bool is_finite(const SaliencyNet& net, int64_t images, int node) {
  if (!net.executor.plan().is_laid(node)) {
    const Tensor host = on_host(net.context, rows(net.executor.feature(node), 0, images));
    net.context.finish();
    return first_not_finite(host.span()) < 0;
  }
  for (int64_t i = 0; i < images; ++i) {
    if (first_not_finite(net.executor.plan().laid(node, i).span()) >= 0) return false;
  }
  return true;
}

}  // namespace

void require_finite(const SaliencyNet& net, int64_t images, const std::string& step) {
  for (int node = 0; node <= net.graph().scores(); ++node) {
    if (is_finite(net, images, node)) continue;
    throw UserError(joined("drawn anew down to ", step, ", layer ", net.graph().nodes[node].name,
                           " overflows float32; give --order independent or --draw permute"));
  }
}

}  // namespace hdecomp
