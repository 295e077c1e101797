/// Plans the fast ablation.
#include "runtime/ablation/ablation_windows.h"

#include "runtime/network/window_executor.h"

namespace hdecomp {
namespace {

MapRegion region_of(const Window& window, const Neuron& decision) {
  return {window.y.begin(decision.y), window.x.begin(decision.x), window.y.size, window.x.size};
}

}  // namespace

AblationWindows::AblationWindows(const AblationQuestion& question)
    : q_(question),
      forms_(q_.graph().nodes.size(), AblationForm::fixed),
      regions_(forms_.size()),
      features_(forms_.size()),
      data_(forms_.size()) {
  const WindowPlan plan = plan_windows(q_.graph(), q_.from, q_.to);
  for (int i = q_.to; i <= q_.from; ++i) {
    if (!q_.between[i]) continue;
    regions_[i] = region_of(plan.windows[i], q_.decision);
    features_[i] = q_.feature(i);
    for (const int input : q_.graph().nodes[i].inputs) {
      if (i != q_.to) features_[input] = q_.feature(input);
    }
  }
  choose_forms();
  batches_.emplace(q_, floats_per_item());
  for (int i = q_.to; i <= q_.from; ++i) {
    if (!q_.between[i]) continue;
    data_[i] = q_.take<float>({places(), planes(i), regions_[i].height, regions_[i].width});
  }
  filled_.emplace(q_, *batches_, !q_.alone());
}

/// From above: which nodes only the decision's channel is needed of. From below: which still differ
/// in one channel per item.
void AblationWindows::choose_forms() {
  const Graph& graph = q_.graph();
  std::vector<bool> one(forms_.size(), true);
  for (int i = q_.from; i > q_.to; --i) {
    if (!q_.between[i]) continue;
    for (const int input : graph.nodes[i].inputs) {
      one[input] = one[input] && one[i] && is_channelwise(graph.nodes[i]);
    }
  }
  forms_[q_.to] = q_.alone() ? AblationForm::own : AblationForm::all;
  for (int i = q_.to + 1; i <= q_.from; ++i) {
    if (!q_.between[i]) continue;
    const Node& node = graph.nodes[i];
    const bool own =
        is_channelwise(node) && std::ranges::all_of(node.inputs, [&](int input) {
          return forms_[input] == AblationForm::own || forms_[input] == AblationForm::fixed;
        });
    const bool sliced = one[i] && node.groups == 1;
    forms_[i] = own ? AblationForm::own : sliced ? AblationForm::one : AblationForm::all;
  }
}

int64_t AblationWindows::planes(int node) const {
  return forms_[node] == AblationForm::all ? q_.graph().shapes[node].channels : 1;
}

AblationKernel AblationWindows::kernel(int index) const {
  const Node& node = q_.graph().nodes[index];
  const FeatureShape& in = q_.graph().shapes[node.inputs.at(0)];
  if (node.op == Op::linear) return {in.height, in.width, 1, 0};
  return {node.kernel, node.kernel, node.stride, node.pad};
}

MapRegion AblationWindows::input_region(int index) const {
  const Node& node = q_.graph().nodes[index];
  const MapRegion& out = regions_[index];
  if (node.op == Op::add) return out;
  if (node.op == Op::adaptive_avg_pool) {
    const FeatureShape& in = q_.graph().shapes[node.inputs.at(0)];
    return {0, 0, in.height, in.width};
  }
  const AblationKernel k = kernel(index);
  return {out.y * k.stride - k.pad, out.x * k.stride - k.pad,
          (out.height - 1) * k.stride + k.height, (out.width - 1) * k.stride + k.width};
}

bool AblationWindows::holds_input(int index) const {
  const Node& node = q_.graph().nodes[index];
  const int input = node.inputs.at(0);
  const AblationForm wanted = is_channelwise(node) ? forms_[index] : AblationForm::all;
  if (node.op == Op::add || forms_[input] == AblationForm::fixed || forms_[input] != wanted) {
    return false;
  }
  const FeatureShape& map = q_.graph().shapes[input];
  const MapRegion in = input_region(index);
  const bool inside =
      in.y >= 0 && in.x >= 0 && in.y + in.height <= map.height && in.x + in.width <= map.width;
  return inside && in == regions_[input];
}

/// Of the parts, of pools' arg-max and of the copies that layers are computed from.
int64_t AblationWindows::floats_per_item() const {
  int64_t floats = 0;
  for (int i = q_.to; i <= q_.from; ++i) {
    if (!q_.between[i]) continue;
    const Node& node = q_.graph().nodes[i];
    floats += planes(i) * regions_[i].area() * (node.op == Op::max_pool ? 2 : 1);
    if (i == q_.to || holds_input(i)) continue;
    const int input = node.inputs.at(0);
    const int64_t channels = is_channelwise(node) ? planes(i)
                             : forms_[input] == AblationForm::own
                                 ? 1
                                 : q_.graph().shapes[input].channels;
    floats += channels * input_region(i).area();
  }
  return floats;
}

void AblationWindows::begin(int64_t first) {
  first_ = first;
  Tensor& target = data_[q_.to];
  gather_maps(q_.context, features(q_.to), {regions_[q_.to], channels(q_.to)}, target);
  filled_->fill(first, target);
}

PlaneChannels AblationWindows::channels(int node) const {
  if (forms_[node] == AblationForm::all) return {};
  if (forms_[node] == AblationForm::one) return {q_.decision.channel, 0};
  return {first_, 1};
}

ItemMaps AblationWindows::maps(int node) const {
  if (forms_[node] == AblationForm::fixed) return features(node);
  return {features_[node], &data_[node], regions_[node], channels(node)};
}

}  // namespace hdecomp
