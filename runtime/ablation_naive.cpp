/// The paper's ablation: a full run from the ablated layer to the decision's for every channel, on
/// whole maps. The reference that the fast way is tested against.
#include "hdecomp/error.h"
#include "kernels/elementwise.h"
#include "runtime/ablation_values.h"
#include "runtime/node_specs.h"

namespace hdecomp {
namespace {

class NaiveAblation {
 public:
  explicit NaiveAblation(const AblationQuestion& question) : q_(question) {
    const size_t count = q_.graph().nodes.size();
    maps_.resize(count);
    argmax_.resize(count);
    convs_.resize(count);
    linears_.resize(count);
    batch_ = ablation_batch(q_, floats_per_item());
    for (int i = q_.to; i <= q_.from; ++i) {
      if (q_.between[i]) plan_node(i);
    }
  }

  std::vector<float> values() {
    std::vector<float> result;
    const FeatureShape& shape = q_.graph().shapes[q_.from];
    const int64_t at =
        (q_.decision.channel * shape.height + q_.decision.y) * shape.width + q_.decision.x;
    for (int64_t first = 0; first < q_.items(); first += batch_) {
      fill(first);
      for (int i = q_.to + 1; i <= q_.from; ++i) {
        if (q_.between[i]) run_node(i);
      }
      for (int64_t b = 0; b < std::min(batch_, q_.items() - first); ++b) {
        result.push_back(maps_[q_.from].data()[b * shape.elements() + at]);
      }
    }
    return result;
  }

 private:
  int64_t floats_per_item() const {
    int64_t floats = 0;
    for (int i = q_.to; i <= q_.from; ++i) {
      if (!q_.between[i]) continue;
      floats += q_.graph().shapes[i].elements() * (q_.graph().nodes[i].op == Op::max_pool ? 2 : 1);
    }
    return floats;
  }

  Tensor new_map(int node) const {
    const FeatureShape& shape = q_.graph().shapes[node];
    return {Device{}, Shape{batch_, shape.channels, shape.height, shape.width}};
  }

  /// `batch_` copies of the node's features.
  void repeat_feature(int node) {
    const int64_t elements = q_.graph().shapes[node].elements();
    const float* feature = q_.feature(node);
    for (int64_t b = 0; b < batch_; ++b) {
      std::copy_n(feature, elements, maps_[node].data() + b * elements);
    }
  }

  void plan_node(int index) {
    const Node& node = q_.graph().nodes[index];
    maps_[index] = new_map(index);
    if (index == q_.to) return;
    for (const int input : node.inputs) {  // a branch beside the ablated layer
      if (q_.between[input] || maps_[input].data() != nullptr) continue;
      maps_[input] = new_map(input);
      repeat_feature(input);
    }
    const FeatureShape& in = q_.graph().shapes[node.inputs.at(0)];
    const LayerWeights& weights = q_.model.layers[index];
    if (node.op == Op::conv) {
      convs_[index] =
          make_conv(q_.context, conv_spec(node, in, batch_), weights.weight, weights.bias);
    } else if (node.op == Op::linear) {
      linears_[index] =
          make_linear(q_.context, linear_spec(node, in, batch_), weights.weight, weights.bias);
    } else if (node.op == Op::max_pool) {
      argmax_[index] = IndexTensor(Device{}, maps_[index].shape());
    }
  }

  /// Items from `first` on at the ablated layer.
  void fill(int64_t first) {
    repeat_feature(q_.to);
    const FeatureShape& shape = q_.graph().shapes[q_.to];
    const int64_t area = shape.height * shape.width;
    for (int64_t b = 0; b < batch_; ++b) {
      q_.fill(first + b, area, maps_[q_.to].data() + b * shape.elements());
    }
  }

  void run_node(int index) {
    const Node& node = q_.graph().nodes[index];
    const Tensor& in = maps_[node.inputs.at(0)];
    Tensor& out = maps_[index];
    switch (node.op) {
      case Op::input:
        throw Error("the input image is computed from nothing");
      case Op::conv:
        return convs_[index]->forward(in, out);
      case Op::linear:
        return linears_[index]->forward(in, out);
      case Op::max_pool:
        return max_pool_forward(q_.context, pool_spec(node), in, out, argmax_[index]);
      case Op::adaptive_avg_pool:
        return adaptive_avg_pool_forward(q_.context, in, out);
      case Op::add:
        return add_forward(q_.context, in, maps_[node.inputs[1]], node.relu, out);
    }
    throw Error(text("layer ", node.name, ": unknown op"));
  }

  const AblationQuestion& q_;
  int64_t batch_ = 1;
  // One per node, where it is needed.
  std::vector<Tensor> maps_;  // (batch, c, h, w)
  std::vector<IndexTensor> argmax_;
  std::vector<std::unique_ptr<Conv>> convs_;
  std::vector<std::unique_ptr<Linear>> linears_;
};

}  // namespace

std::vector<float> naive_values(const AblationQuestion& question) {
  return NaiveAblation(question).values();
}

}  // namespace hdecomp
