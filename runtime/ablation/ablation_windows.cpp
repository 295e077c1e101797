/// Plans the fast ablation.
#include "runtime/ablation/ablation_windows.h"

#include "hdecomp/error.h"
#include "runtime/network/window_executor.h"

namespace hdecomp {
namespace {

MapRegion region_of(const Window& window, const Neuron& decision) {
  return {window.y.begin(decision.y), window.x.begin(decision.x), window.y.size, window.x.size};
}

}  // namespace

AblationWindows::AblationWindows(const AblationTask& task)
    : q_(task),
      forms_(q_.graph().nodes.size(), AblationForm::untouched),
      own_channels_(forms_.size()),
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
      one[input] = one[input] && one[i] && channels_of(graph, i) == Channels::same;
    }
  }
  forms_[q_.to] = q_.alone() ? AblationForm::own_channel : AblationForm::every_channel;
  for (int i = q_.to + 1; i <= q_.from; ++i) {
    if (!q_.between[i]) continue;
    const std::optional<int64_t> own = own_channel(i);
    const bool crossed = channels_of(graph, i) == Channels::crossed;
    const bool sliced = one[i] && graph.nodes[i].groups == 1 && !crossed;
    forms_[i] = own      ? AblationForm::own_channel
                : sliced ? AblationForm::decisions_channel
                         : AblationForm::every_channel;
    own_channels_[i] = own.value_or(0);
  }
}

/// The inputs that differ must do so in channels that become the same one.
std::optional<int64_t> AblationWindows::own_channel(int index) const {
  const Node& node = q_.graph().nodes[index];
  const Channels channels = q_.channels_of(index);
  if (channels == Channels::mixed || channels == Channels::crossed) return std::nullopt;
  std::optional<int64_t> own;
  for (size_t which = 0; which < node.inputs.size(); ++which) {
    const int input = node.inputs[which];
    if (forms_[input] == AblationForm::untouched) continue;
    if (forms_[input] != AblationForm::own_channel) return std::nullopt;
    const bool beside = channels == Channels::side_by_side;
    const int64_t here =
        own_channels_[input] + (beside ? channel_offset(q_.graph(), index, which) : 0);
    if (own && *own != here) return std::nullopt;
    own = here;
  }
  return own;
}

int64_t AblationWindows::planes(int node) const {
  return forms_[node] == AblationForm::every_channel ? q_.graph().shapes[node].channels : 1;
}

WindowKernels AblationWindows::kernel(int index) const {
  const Node& node = q_.graph().nodes[index];
  const FeatureShape& in = q_.graph().shapes[node.inputs.at(0)];
  if (traits(node.op).reach == Reach::map) return {{in.height, 1, 0}, {in.width, 1, 0}};
  return kernels_of(node);
}

MapRegion AblationWindows::input_region(int index, size_t which) const {
  const MapRegion& out = regions_[index];
  const Node& node = q_.graph().nodes[index];
  const FeatureShape& in = q_.graph().shapes[node.inputs.at(which)];
  const Reach reach = traits(node.op).reach;
  if (reach == Reach::map) return {0, 0, in.height, in.width};
  if (reach == Reach::cell) return in.height * in.width == 1 ? MapRegion{} : out;
  const auto [y, x] = kernel(index);
  return {out.y * y.stride - y.pad, out.x * x.stride - x.pad,
          (out.height - 1) * y.stride + y.extent(), (out.width - 1) * x.stride + x.extent()};
}

bool AblationWindows::holds_input(int index) const {
  const Node& node = q_.graph().nodes[index];
  const int input = node.inputs.at(0);
  const Channels channels = q_.channels_of(index);
  const AblationForm wanted =
      channels == Channels::same ? forms_[index] : AblationForm::every_channel;
  if (node.inputs.size() > 1 || channels == Channels::side_by_side ||
      forms_[input] == AblationForm::untouched || forms_[input] != wanted) {
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
    const OpTraits& op = traits(node.op);
    floats += planes(i) * regions_[i].area() * (op.keeps_index ? 2 : 1);
    if (i == q_.to || holds_input(i)) continue;
    if (q_.channels_of(i) == Channels::crossed) {
      for (size_t k = 0; k < node.inputs.size(); ++k) {
        floats += q_.graph().shapes[node.inputs[k]].channels * input_region(i, k).area();
      }
      continue;
    }
    const int input = node.inputs.at(0);
    const int64_t channels = op.channels != Channels::mixed ? planes(i)
                             : forms_[input] == AblationForm::own_channel
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
  if (forms_[node] == AblationForm::every_channel) return {};
  if (forms_[node] == AblationForm::decisions_channel) return {q_.decision.channel, 0};
  return {first_ + own_channels_[node], 1};
}

ItemMaps AblationWindows::maps(int node) const {
  if (forms_[node] == AblationForm::untouched) return features(node);
  return {features_[node], &data_[node], regions_[node], channels(node)};
}

ItemMaps AblationWindows::own_plane_of_inputs(int index) const {
  const Node& node = q_.graph().nodes[index];
  for (size_t which = 0; which < node.inputs.size(); ++which) {
    const int input = node.inputs[which];
    if (forms_[input] != AblationForm::own_channel) continue;
    // Places beyond the last item would name a channel of the next input: theirs is the feature's.
    const int64_t end =
        channel_offset(q_.graph(), index, which) + q_.graph().shapes[input].channels;
    return {features_[index], &data_[input], regions_[input], channels(index), end};
  }
  throw Error("no input has the items' own planes");
}

}  // namespace hdecomp
