/// Plans the fast ablation and reads its parts.
#include "runtime/ablation_windows.h"

#include "runtime/window_executor.h"

namespace hdecomp {
namespace {

AblationRegion region_of(const Window& window, const Neuron& decision) {
  return {window.y.begin(decision.y), window.x.begin(decision.x), window.y.size, window.x.size};
}

/// Copies `wanted` from a plane that holds `held` of a map of height x width. What is inside the
/// map must be inside `held`.
void copy_region(const float* plane, const AblationRegion& held, const FeatureShape& map,
                 const AblationRegion& wanted, float outside, float* to) {
  const int64_t left = std::clamp<int64_t>(-wanted.x, 0, wanted.width);
  const int64_t right = std::clamp<int64_t>(map.width - wanted.x, left, wanted.width);
  for (int64_t i = 0; i < wanted.height; ++i, to += wanted.width) {
    const int64_t y = wanted.y + i;
    if (y < 0 || y >= map.height || left == right) {
      std::fill_n(to, wanted.width, outside);
      continue;
    }
    std::fill_n(to, left, outside);
    std::copy_n(plane + (y - held.y) * held.width + wanted.x + left - held.x, right - left,
                to + left);
    std::fill_n(to + right, wanted.width - right, outside);
  }
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
  batch_ = ablation_batch(q_, floats_per_item());
  for (int i = q_.to; i <= q_.from; ++i) {
    if (!q_.between[i]) continue;
    data_[i] = Tensor(Device{}, {batch_, planes(i), regions_[i].height, regions_[i].width});
  }
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

AblationRegion AblationWindows::input_region(int index) const {
  const Node& node = q_.graph().nodes[index];
  const AblationRegion& out = regions_[index];
  if (node.op == Op::add) return out;
  if (node.op == Op::adaptive_avg_pool) {
    const FeatureShape& in = q_.graph().shapes[node.inputs.at(0)];
    return {0, 0, in.height, in.width};
  }
  const AblationKernel k = kernel(index);
  return {out.y * k.stride - k.pad, out.x * k.stride - k.pad,
          (out.height - 1) * k.stride + k.height, (out.width - 1) * k.stride + k.width};
}

/// Of the parts and of the copies that layers are computed from.
int64_t AblationWindows::floats_per_item() const {
  int64_t floats = 0;
  for (int i = q_.to; i <= q_.from; ++i) {
    if (!q_.between[i]) continue;
    floats += 2 * planes(i) * regions_[i].area();
    if (i == q_.to) continue;
    const int input = q_.graph().nodes[i].inputs.at(0);
    const bool channels_apart = is_channelwise(q_.graph().nodes[i]);
    floats +=
        (channels_apart ? planes(i) : q_.graph().shapes[input].channels) * input_region(i).area();
  }
  return floats;
}

void AblationWindows::begin(int64_t first) {
  first_ = first;
  Tensor& target = data_[q_.to];
  const int64_t area = regions_[q_.to].area();
  for (int64_t b = 0; b < batch_; ++b) {
    float* planes = target.data() + b * this->planes(q_.to) * area;
    if (q_.alone()) {
      const float fill = item(b) < q_.channels() ? q_.fills[item(b)] : 0.0f;
      std::fill_n(planes, area, fill);
      continue;
    }
    for (int64_t c = 0; c < q_.channels(); ++c) {
      read_feature(q_.to, c, regions_[q_.to], 0, planes + c * area);
    }
    q_.fill(item(b), area, planes);
  }
}

int64_t AblationWindows::channel_of(int node, int64_t b, int64_t p) const {
  if (forms_[node] == AblationForm::all) return p;
  if (forms_[node] == AblationForm::one) return q_.decision.channel;
  return item(b) < q_.channels() ? item(b) : 0;
}

void AblationWindows::read_feature(int node, int64_t channel, const AblationRegion& region,
                                   float outside, float* to) const {
  const FeatureShape& map = q_.graph().shapes[node];
  const float* plane = features_[node] + channel * map.height * map.width;
  copy_region(plane, {0, 0, map.height, map.width}, map, region, outside, to);
}

void AblationWindows::read(int node, int64_t b, int64_t channel, const AblationRegion& region,
                           float outside, float* to) const {
  const AblationForm form = forms_[node];
  if (form == AblationForm::fixed || (form == AblationForm::own && channel != item(b))) {
    return read_feature(node, channel, region, outside, to);
  }
  const int64_t plane = b * planes(node) + (form == AblationForm::all ? channel : 0);
  copy_region(data_[node].data() + plane * regions_[node].area(), regions_[node],
              q_.graph().shapes[node], region, outside, to);
}

float AblationWindows::decision(int64_t b) const {
  float value = 0;
  read(q_.from, b, q_.decision.channel, {q_.decision.y, q_.decision.x, 1, 1}, 0, &value);
  return value;
}

}  // namespace hdecomp
