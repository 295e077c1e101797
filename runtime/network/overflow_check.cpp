/// A look at the magnitudes, and where they leave a doubt at every layer's sums.
#include "runtime/network/overflow_check.h"

#include <cmath>
#include <memory>
#include <numeric>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/map/largest_magnitudes.h"
#include "nets/layer_names.h"
#include "runtime/network/node_runner.h"
#include "weights/model/borrowed_model.h"

namespace hdecomp {
namespace {

[[noreturn]] void refuse(const Graph& graph, int node) {
  throw ImageError(joined("layer ", layer_label(graph, node),
                          ": a feature is not finite; the model's weights overflow on this image"));
}

float magnitude_of(const Context& context, const Tensor& tensor) {
  const FloatArray source{tensor.data(), tensor.elements()};
  TensorOf<FloatArray> sources(context.device(), {1});
  Tensor magnitudes(context.device(), {1});
  copy_bytes(context, &source, sources.data(), sizeof source);
  largest_magnitudes(context, sources, magnitudes);
  return copied_to(Device{}, context, magnitudes).data()[0];
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
      if (!std::isfinite(magnitude_of(context_, features_[i]))) refuse(graph, i);
      activate(graph.nodes[i].activation, features_[i]);
    }
  }

 private:
  /// On the host: this is no path of a network's speed.
  void activate(Activation activation, Tensor& feature) const {
    if (activation == Activation::none) return;
    Tensor host = copied_to(Device{}, context_, feature);
    for (float& value : host.span()) value = activated(activation, value);
    copy_bytes(context_, host.data(), feature.data(), host.elements() * int64_t{sizeof(float)});
    context_.finish();
  }

  /// The node alone, before its activation, behind images in place of its inputs. The weights stay
  /// the model's.
  ModelData alone(int index) const {
    const Graph& graph = model_.graph;
    ModelData one;
    for (const int below : graph.nodes[index].inputs) {
      one.graph.nodes.emplace_back();
      one.graph.shapes.push_back(graph.shapes[below]);
    }
    Node node = graph.nodes[index];
    node.activation = Activation::none;
    std::iota(node.inputs.begin(), node.inputs.end(), 0);
    one.graph.nodes.push_back(std::move(node));
    one.graph.shapes.push_back(graph.shapes[index]);
    one.layers.resize(one.graph.nodes.size());
    one.layers.back() = borrowed(model_.layers[index]);
    return one;
  }

  /// The node's output before its activation, of one input by the kernels that a whole pass takes.
  void sums(int index, const Tensor& input) {
    const Node& node = model_.graph.nodes[index];
    if (node.op == Op::input) return copy(context_, input, features_[index]);
    const ModelData one = alone(index);
    const std::unique_ptr<NodeRunner> runner = make_runner({context_, one, one.graph.scores()});
    if (node.inputs.size() > 1) {
      std::vector<const Tensor*> inputs;
      for (const int below : node.inputs) inputs.push_back(&features_[below]);
      runner->over_maps(1, {}, *pool_)(inputs, features_[index]);
    } else {
      const FeatureShape& in = one.graph.shapes[0];
      const std::unique_ptr<ForwardPlan> plan = make_forward_plan(context_);
      plan->input({1, in.channels, in.height, in.width});
      runner->add_step(*plan, 1, *pool_);
      plan->run(features_[node.inputs[0]]);
      copy(context_, plan->output(1), features_[index]);
    }
    context_.finish();  // the plan's memory goes
  }

  const Context& context_;
  const ModelData& model_;
  std::vector<Tensor> features_;
  std::shared_ptr<BufferPool> pool_ = std::make_shared<BufferPool>(context_.device());
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
                                   const std::function<Tensor()>& input, double largest) const {
  const std::vector<int>& watched = bounds_.watched();
  const std::span<const float> magnitudes{run.magnitudes.data() + image * std::ssize(watched),
                                          watched.size()};
  if (const int place = bounds_.too_large(magnitudes); place >= 0) {
    throw ImageError(joined("layer ", layer_label(model_.graph, watched[place]), ": a feature is ",
                            magnitudes[place],
                            ", beyond fp16's largest number, 65504; give --precision bf16, tf32 or "
                            "float32"));
  }
  if (bounds_.holds(magnitudes, largest)) return;
  LayerByLayer(context_, model_).require_finite(input());
  for (size_t k = 0; k < watched.size(); ++k) {
    if (!std::isfinite(magnitudes[k])) refuse(model_.graph, watched[k]);
  }
}

}  // namespace hdecomp
