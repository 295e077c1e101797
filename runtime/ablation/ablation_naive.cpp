/// The paper's ablation: a full run from the ablated layer to the decision's for every channel, on
/// whole maps. The reference that the fast way is tested against.
#include "hdecomp/error.h"
#include "kernels/map/elementwise.h"
#include "runtime/ablation/ablation_items.h"
#include "runtime/network/node_specs.h"

namespace hdecomp {
namespace {

class NaiveAblation {
 public:
  explicit NaiveAblation(const AblationQuestion& question)
      : q_(question), batches_(q_, floats_per_item()), filled_(q_, batches_, true) {
    const size_t count = q_.graph().nodes.size();
    maps_.resize(count);
    argmax_.resize(count);
    convs_.resize(count);
    linears_.resize(count);
    for (int i = q_.to; i <= q_.from; ++i) {
      if (q_.between[i]) plan_node(i);
    }
  }

  std::vector<float> drops() {
    DecisionValues values(q_, batches_);
    for (int64_t first = 0; first < q_.items(); first += batches_.step) {
      repeat_feature(q_.to);
      filled_.fill(first, maps_[q_.to]);
      for (int i = q_.to + 1; i <= q_.from; ++i) {
        if (q_.between[i]) run_node(i);
      }
      values.take(first, {q_.feature(q_.from), &maps_[q_.from], region_of(q_.from)});
    }
    return values.drops();
  }

 private:
  int64_t floats_per_item() const {
    int64_t floats = 0;
    for (int i = q_.to; i <= q_.from; ++i) {
      if (!q_.between[i]) continue;
      floats += q_.graph().shapes[i].elements() * (q_.graph().nodes[i].op == Op::max_pool ? 2 : 1);
      if (i == q_.to) continue;
      for (const int input : q_.graph().nodes[i].inputs) {  // a branch beside the ablated layer
        if (!q_.between[input]) floats += q_.graph().shapes[input].elements();
      }
    }
    return floats;
  }

  Tensor new_map(int node) const {
    const FeatureShape& shape = q_.graph().shapes[node];
    return q_.take<float>({batches_.places, shape.channels, shape.height, shape.width});
  }

  /// The whole map.
  MapRegion region_of(int node) const {
    const FeatureShape& shape = q_.graph().shapes[node];
    return {0, 0, shape.height, shape.width};
  }

  /// `places` copies of the node's features.
  void repeat_feature(int node) {
    gather_maps(q_.context, {q_.feature(node)}, {region_of(node), {}}, maps_[node]);
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
          make_conv(q_.context, conv_spec(node, in, batches_.places), weights.weight, weights.bias);
    } else if (node.op == Op::linear) {
      linears_[index] = make_linear(q_.context, linear_spec(node, in, batches_.places),
                                    weights.weight, weights.bias);
    } else if (node.op == Op::max_pool) {
      argmax_[index] = q_.take<int32_t>(maps_[index].shape());
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
  AblationBatches batches_;
  FilledPlanes filled_;
  // One per node, where it is needed.
  std::vector<Tensor> maps_;  // (places, c, h, w)
  std::vector<IndexTensor> argmax_;
  std::vector<std::unique_ptr<Conv>> convs_;
  std::vector<std::unique_ptr<Linear>> linears_;
};

}  // namespace

std::vector<float> naive_drops(const AblationQuestion& question) {
  return NaiveAblation(question).drops();
}

}  // namespace hdecomp
