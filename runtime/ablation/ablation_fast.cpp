/// Ablation inside the decision's receptive field: all channels as a batch of windows. While items
/// differ in one channel alone, only its difference goes on; at the decision, only its own row.
#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "kernels/conv/channel_conv.h"
#include "runtime/ablation/ablation_product.h"
#include "runtime/ablation/ablation_windows.h"

namespace hdecomp {
namespace {

class FastAblation {
 public:
  explicit FastAblation(const AblationTask& task)
      : q_(task), windows_(task), steps_(q_.graph().nodes.size()) {
    for (int i = q_.to + 1; i <= q_.from; ++i) {
      if (q_.between[i]) plan_node(i);
    }
  }

  std::vector<float> drops() {
    DecisionValues values(q_, windows_.batches());
    for (int64_t first = 0; first < q_.items(); first += windows_.batches().step) {
      end_if_stopped(q_.stop);
      windows_.begin(first);
      for (int i = q_.to + 1; i <= q_.from; ++i) {
        if (q_.between[i]) run_node(i);
      }
      values.take(first, windows_.maps(q_.from));
      q_.tell(first + windows_.batches().step);
    }
    return values.drops();
  }

 private:
  struct Step {
    // What the node is computed from, one per input, (places, planes, height, width), halo
    // included; none where the input holds just that, or the node's own memory will do.
    std::vector<Tensor> inputs;
    std::unique_ptr<WindowProduct> product;
    Tensor weight, base;  // of the first product: its rows, and the sums before the activation in
                          // the network as it is, (1, planes, h, w)
    MapsForward forward;  // of what is no product
  };

  const Node& node(int index) const { return q_.graph().nodes[index]; }
  Channels channels_of(int index) const { return hdecomp::channels_of(q_.graph(), index); }
  int64_t channels_in(int index, size_t which = 0) const {
    return q_.graph().shapes[node(index).inputs.at(which)].channels;
  }
  Tensor take_input(int index, int64_t planes, size_t which = 0) const {
    const MapRegion in = windows_.input_region(index, which);
    return q_.take<float>({windows_.places(), planes, in.height, in.width});
  }

  void plan_node(int index) {
    Step& step = steps_[index];
    step.inputs.resize(node(index).inputs.size());
    if (channels_of(index) == Channels::mixed) return plan_product(index);
    const MapRegion& region = windows_.region(index);
    step.forward = q_.executor.runner(index).over_maps(
        windows_.places(), {true, region.y, region.x}, q_.executor.pool());
    if (channels_of(index) == Channels::side_by_side) {
      for (size_t k = 0;
           k < step.inputs.size() && windows_.form(index) == AblationForm::every_channel; ++k) {
        step.inputs[k] = take_input(index, channels_in(index, k));
      }
      return;
    }
    if (windows_.holds_input(index)) return;
    if (channels_of(index) == Channels::crossed) {
      for (size_t k = 0; k < step.inputs.size(); ++k) {
        step.inputs[k] = take_input(index, channels_in(index, k), k);
      }
      return;
    }
    const size_t count =
        std::max<size_t>(step.inputs.size() - 1, 1);  // the last of several: in `y`
    for (size_t k = 0; k < count; ++k) step.inputs[k] = take_input(index, windows_.planes(index));
  }

  void plan_product(int index) {
    Step& step = steps_[index];
    if (windows_.form(node(index).inputs.at(0)) == AblationForm::own_channel && is_even(index)) {
      step.weight = weight_of(index);
      step.base = base_of(index);
      step.inputs[0] = take_input(index, 1);
      return;
    }
    step.product = product_of(index, windows_.places(), node(index).activation);
    if (!windows_.holds_input(index)) step.inputs[0] = take_input(index, channels_in(index));
  }

  /// Whether channel_conv has the kernel: undilated, of one stride.
  bool is_even(int index) const {
    const auto [y, x] = windows_.kernel(index);
    return y.stride == x.stride && y.dilation == 1 && x.dilation == 1;
  }

  int64_t first_row(int index) const {
    return windows_.form(index) == AblationForm::decisions_channel ? q_.decision.channel : 0;
  }

  std::unique_ptr<WindowProduct> product_of(int index, int64_t batch, Activation activation) const {
    const MapRegion in = windows_.input_region(index);
    const auto [y, x] = windows_.kernel(index);
    ConvSpec spec{batch, channels_in(index), in.height, in.width, windows_.planes(index)};
    spec.kernel_h = y.size, spec.kernel_w = x.size;
    spec.stride_h = y.stride, spec.stride_w = x.stride;
    spec.dilation_h = y.dilation, spec.dilation_w = x.dilation;
    spec.groups = node(index).groups;
    spec.activation = activation;
    spec.layer = node(index).name;
    return std::make_unique<WindowProduct>(q_.context, q_.executor.pool(), spec,
                                           q_.model.layers[index], first_row(index));
  }

  /// The rows of a node's weight that its planes are computed with, (planes, c, k_h, k_w).
  Tensor weight_of(int index) const {
    const auto [y, x] = windows_.kernel(index);
    const int64_t inputs = channels_in(index) / node(index).groups;
    return weight_rows(q_.model.layers[index].weight,
                       {windows_.planes(index), inputs, y.size, x.size}, first_row(index));
  }

  Tensor base_of(int index) const {
    const MapRegion in = windows_.input_region(index), &out = windows_.region(index);
    Tensor x = q_.take<float>({1, channels_in(index), in.height, in.width});
    gather_maps(q_.context, windows_.features(node(index).inputs.at(0)), {in, {}}, x);
    Tensor y = q_.take<float>({1, windows_.planes(index), out.height, out.width});
    product_of(index, 1, Activation::none)->forward(x, y);
    return y;
  }

  /// What a node is computed from of its input number `which`: the channels that its own planes are
  /// of, or every channel in turn; in memory of its own, or in `to`.
  const Tensor& gathered(int index, size_t which, const PlaneChannels& channels, Tensor& to) {
    const int input = node(index).inputs[which];
    if (windows_.holds_input(index)) return windows_.data(input);
    const float outside = q_.executor.runner(index).outside();
    gather_maps(q_.context, windows_.maps(input),
                {windows_.input_region(index, which), channels, outside}, to);
    return to;
  }

  void run_node(int index) {
    switch (channels_of(index)) {
      case Channels::mixed:
        return run_product(index);
      case Channels::side_by_side:
        return run_side_by_side(index);
      case Channels::same:
        return run_channels(index);
      case Channels::crossed:
        return run_crossed(index);
      case Channels::none:
        break;
    }
    throw Error("the input image is computed from nothing");
  }

  void run_product(int index) {
    Step& step = steps_[index];
    if (!step.product) return add_differences(index);
    step.product->forward(gathered(index, 0, {}, step.inputs[0]), windows_.data(index));
  }

  void run_channels(int index) {
    Step& step = steps_[index];
    Tensor& out = windows_.data(index);
    const PlaneChannels channels = windows_.channels(index);
    std::vector<const Tensor*> inputs;
    for (size_t k = 0; k < step.inputs.size(); ++k) {
      const bool in_place = k > 0 && k + 1 == step.inputs.size();
      inputs.push_back(&gathered(index, k, channels, in_place ? out : step.inputs[k]));
    }
    step.forward(inputs, out);
  }

  /// All channels of all inputs.
  void run_crossed(int index) {
    Step& step = steps_[index];
    std::vector<const Tensor*> inputs;
    for (size_t k = 0; k < step.inputs.size(); ++k) {
      inputs.push_back(&gathered(index, k, {}, step.inputs[k]));
    }
    step.forward(inputs, windows_.data(index));
  }

  /// All channels of all inputs, or the one plane of the one input that has it.
  void run_side_by_side(int index) {
    Step& step = steps_[index];
    Tensor& out = windows_.data(index);
    const MapRegion& region = windows_.region(index);
    if (windows_.form(index) == AblationForm::own_channel) {
      return gather_maps(q_.context, windows_.own_plane_of_inputs(index),
                         {region, windows_.channels(index)}, out);
    }
    std::vector<const Tensor*> inputs;
    for (size_t k = 0; k < step.inputs.size(); ++k) {
      const ItemMaps maps = windows_.maps(node(index).inputs[k]);
      if (windows_.form(index) == AblationForm::every_channel) {
        gather_maps(q_.context, maps, {region, {}}, step.inputs[k]);
        inputs.push_back(&step.inputs[k]);
        continue;
      }
      const int64_t channel = q_.decision.channel - channel_offset(q_.graph(), index, k);
      if (channel < 0 || channel >= channels_in(index, k)) continue;
      return gather_maps(q_.context, maps, {region, {channel, 0}}, out);
    }
    step.forward(inputs, out);
  }

  /// The first product above the ablated layer: item k differs in one channel of the input alone,
  /// so its sums are the network's own plus the convolution of that channel's difference.
  void add_differences(int index) {
    Step& step = steps_[index];
    const int input = node(index).inputs.at(0);
    gather_differences(q_.context, windows_.maps(input), windows_.input_region(index),
                       step.inputs[0]);
    const ChannelConv conv{windows_.channels(input).first, channels_in(index), node(index).groups,
                           windows_.kernel(index).y.stride, node(index).activation};
    channel_conv(q_.context, conv, step.weight, step.base, step.inputs[0], windows_.data(index));
  }

  const AblationTask& q_;
  AblationWindows windows_;
  std::vector<Step> steps_;  // one per node, filled where it is between the layers
};

}  // namespace

std::vector<float> fast_drops(const AblationTask& task) { return FastAblation(task).drops(); }

}  // namespace hdecomp
