/// The paper's ablation: a full run from the ablated layer to the decision's for every channel, on
/// whole maps. The reference that the fast way is tested against.
#include "hdecomp/stopped.h"
#include "runtime/ablation/ablation_items.h"

namespace hdecomp {
namespace {

class NaiveAblation {
 public:
  explicit NaiveAblation(const AblationTask& task)
      : q_(task), batches_(q_, floats_per_item()), filled_(q_, batches_, true) {
    const size_t count = q_.graph().nodes.size();
    maps_.resize(count);
    forward_.resize(count);
    for (int i = q_.to; i <= q_.from; ++i) {
      if (q_.between[i]) plan_node(i);
    }
  }

  std::vector<float> drops() {
    DecisionValues values(q_, batches_);
    for (int64_t first = 0; first < q_.items(); first += batches_.step) {
      end_if_stopped(q_.stop);
      repeat_feature(q_.to);
      filled_.fill(first, maps_[q_.to]);
      for (int i = q_.to + 1; i <= q_.from; ++i) {
        if (q_.between[i]) run_node(i);
      }
      values.take(first, {q_.feature(q_.from), &maps_[q_.from], region_of(q_.from)});
      q_.tell(first + batches_.step);
    }
    return values.drops();
  }

 private:
  int64_t floats_per_item() const {
    int64_t floats = 0;
    for (int i = q_.to; i <= q_.from; ++i) {
      if (!q_.between[i]) continue;
      floats +=
          q_.graph().shapes[i].elements() * (traits(q_.graph().nodes[i].op).keeps_index ? 2 : 1);
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
    forward_[index] = q_.executor.runner(index).over_maps(batches_.places, {}, q_.executor.pool());
  }

  void run_node(int index) {
    std::vector<const Tensor*> inputs;
    for (const int input : q_.graph().nodes[index].inputs) inputs.push_back(&maps_[input]);
    forward_[index](inputs, maps_[index]);
  }

  const AblationTask& q_;
  AblationBatches batches_;
  FilledPlanes filled_;
  // One per node, where it is needed.
  std::vector<Tensor> maps_;  // (places, c, h, w)
  std::vector<MapsForward> forward_;
};

}  // namespace

std::vector<float> naive_drops(const AblationTask& task) { return NaiveAblation(task).drops(); }

}  // namespace hdecomp
