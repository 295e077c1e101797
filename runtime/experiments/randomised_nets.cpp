/// Drawing a network's weights anew.
#include "runtime/experiments/randomised_nets.h"

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/core/random_normal.h"
#include "weights/file/finite.h"
#include "weights/model/borrowed_model.h"
#include "weights/model/randomise.h"

namespace hdecomp {

std::shared_ptr<const ModelData> RandomisedWeights::of(size_t s) {
  if (changed_ == nullptr || options_.order == RandomiseOrder::independent) {
    changed_ = described_as(model_);
    changed_->graph = model_->graph;
    for (const LayerWeights& layer : model_->layers) changed_->layers.push_back(borrowed(layer));
  }
  for (const int node : steps_[s].nodes) {
    const uint64_t stream = stream_of(options_.seed, static_cast<uint64_t>(node));
    changed_->layers[node] =
        drawn_anew(changed_->layers[node], static_cast<Draw>(options_.draw), stream);
  }
  return changed_;
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
