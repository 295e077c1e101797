/// A look at the peaks, and where they leave a doubt at every layer's sums.
#include "runtime/network/overflow_check.h"

#include <cmath>
#include <memory>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/map/elementwise.h"
#include "kernels/map/peaks.h"
#include "nets/layer_names.h"
#include "runtime/network/node_specs.h"

namespace hdecomp {
namespace {

[[noreturn]] void refuse(const Graph& graph, int node) {
  throw ImageError(text("layer ", layer_label(graph, node),
                        ": a feature is not finite; the model's weights overflow on this image"));
}

float peak_of(const Context& context, const Tensor& tensor) {
  const PeakSource source{tensor.data(), tensor.elements()};
  TensorOf<PeakSource> sources(context.device(), {1});
  Tensor peaks(context.device(), {1});
  copy_bytes(context, &source, sources.data(), sizeof source);
  find_peaks(context, sources, peaks);
  return copied_to(Device{}, context, peaks).data()[0];
}

/// One image through the layers one by one, with no ReLU fused that would hide a NaN.
class LayerByLayer {
 public:
  LayerByLayer(const Context& context, const ModelData& model)
      : context_(context), model_(model), features_(model.graph.nodes.size()) {}

  void require_finite(const Tensor& input) {
    const Graph& graph = model_.graph;
    for (int i = 0; i <= graph.scores(); ++i) {
      const FeatureShape& shape = graph.shapes[i];
      features_[i] = {context_.device(), {1, shape.channels, shape.height, shape.width}};
      sums(i, input);
      if (!std::isfinite(peak_of(context_, features_[i]))) refuse(graph, i);
      if (graph.nodes[i].relu) relu_forward(context_, features_[i], features_[i]);
    }
  }

 private:
  /// The node's output before its ReLU, by the kernels that a whole pass takes.
  void sums(int index, const Tensor& input) {
    const Node& node = model_.graph.nodes[index];
    if (node.op == Op::input) return copy(context_, input, features_[index]);
    const int below = node.inputs[0];
    const FeatureShape& in = model_.graph.shapes[below];
    const LayerWeights& weights = model_.layers[index];
    const std::unique_ptr<ForwardPlan> plan = make_forward_plan(context_);
    plan->input({1, in.channels, in.height, in.width});
    switch (node.op) {
      case Op::input:
        break;
      case Op::conv: {
        ConvSpec spec = conv_spec(node, in, 1);
        spec.relu = false;
        plan->conv(0, spec, weights.weight, weights.bias);
        break;
      }
      case Op::linear: {
        LinearSpec spec = linear_spec(node, in, 1);
        spec.relu = false;
        plan->linear(0, spec, weights.weight, weights.bias);
        break;
      }
      case Op::max_pool:
        plan->max_pool(0, pool_spec(node));
        break;
      case Op::adaptive_avg_pool:
        plan->adaptive_avg_pool(0, node.pool_size, node.pool_size);
        break;
      case Op::add:
        return add_forward(context_, features_[below], features_[node.inputs[1]], false,
                           features_[index]);
    }
    plan->run(features_[below]);
    copy(context_, plan->output(1), features_[index]);
    context_.finish();  // the plan's memory goes
  }

  const Context& context_;
  const ModelData& model_;
  std::vector<Tensor> features_;
};

}  // namespace

OverflowCheck::OverflowCheck(const Context& context, const ModelData& on_host,
                             const ModelData& there, Executor& executor)
    : context_(context),
      model_(there),
      bounds_(context, on_host, largest_input(on_host.preprocess)) {
  if (!bounds_.watched().empty()) executor.watch(bounds_.watched());
}

void OverflowCheck::require_finite(const ForwardRun& run, int64_t image,
                                   const std::function<Tensor()>& input) const {
  const std::vector<int>& watched = bounds_.watched();
  const std::span<const float> peaks{run.peaks.data() + image * std::ssize(watched),
                                     watched.size()};
  if (const int place = bounds_.too_large(peaks); place >= 0) {
    throw ImageError(text("layer ", layer_label(model_.graph, watched[place]), ": a feature is ",
                          peaks[place],
                          ", beyond fp16's largest number, 65504; give --precision bf16, tf32 or "
                          "float32"));
  }
  if (bounds_.holds(peaks)) return;
  LayerByLayer(context_, model_).require_finite(input());
  for (size_t k = 0; k < watched.size(); ++k) {
    if (!std::isfinite(peaks[k])) refuse(model_.graph, watched[k]);
  }
}

}  // namespace hdecomp
