/// Ablation inside the decision's receptive field: all channels as a batch of windows. While items
/// differ in one channel alone, only its difference goes on; at the decision, only its own row.
#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "kernels/conv/channel_conv.h"
#include "runtime/ablation/ablation_steps.h"

namespace hdecomp {
namespace {

class FastAblation {
 public:
  explicit FastAblation(const AblationTask& task)
      : q_(task), windows_(task), steps_(task, windows_) {}

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
  /// What a node is computed from of its input number `which`: the channels that its own planes are
  /// of, or every channel in turn; in memory of its own, or in `to`.
  const Tensor& gathered(int index, size_t which, const PlaneChannels& channels, Tensor& to) {
    const int input = q_.node(index).inputs[which];
    if (windows_.holds_input(index)) return windows_.data(input);
    const float outside = q_.executor.runner(index).outside();
    gather_maps(q_.context, windows_.maps(input),
                {windows_.input_region(index, which), channels, outside}, to);
    return to;
  }

  void run_node(int index) {
    switch (q_.channels_of(index)) {
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
    AblationStep& step = steps_[index];
    if (!step.product) return add_differences(index);
    step.product->forward(gathered(index, 0, {}, step.inputs[0]), windows_.data(index));
  }

  void run_channels(int index) {
    AblationStep& step = steps_[index];
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
    AblationStep& step = steps_[index];
    std::vector<const Tensor*> inputs;
    for (size_t k = 0; k < step.inputs.size(); ++k) {
      inputs.push_back(&gathered(index, k, {}, step.inputs[k]));
    }
    step.forward(inputs, windows_.data(index));
  }

  /// All channels of all inputs, or the one plane of the one input that has it.
  void run_side_by_side(int index) {
    AblationStep& step = steps_[index];
    Tensor& out = windows_.data(index);
    const MapRegion& region = windows_.region(index);
    if (windows_.form(index) == AblationForm::own_channel) {
      return gather_maps(q_.context, windows_.own_plane_of_inputs(index),
                         {region, windows_.channels(index)}, out);
    }
    std::vector<const Tensor*> inputs;
    for (size_t k = 0; k < step.inputs.size(); ++k) {
      const ItemMaps maps = windows_.maps(q_.node(index).inputs[k]);
      if (windows_.form(index) == AblationForm::every_channel) {
        gather_maps(q_.context, maps, {region, {}}, step.inputs[k]);
        inputs.push_back(&step.inputs[k]);
        continue;
      }
      const int64_t channel = q_.decision.channel - channel_offset(q_.graph(), index, k);
      if (channel < 0 || channel >= steps_.channels_in(index, k)) continue;
      return gather_maps(q_.context, maps, {region, {channel, 0}}, out);
    }
    step.forward(inputs, out);
  }

  /// The first product above the ablated layer: item k differs in one channel of the input alone,
  /// so its sums are the network's own plus the convolution of that channel's difference.
  void add_differences(int index) {
    AblationStep& step = steps_[index];
    const int input = q_.node(index).inputs.at(0);
    gather_differences(q_.context, windows_.maps(input), windows_.input_region(index),
                       step.inputs[0]);
    const ChannelConv conv{windows_.channels(input).first, steps_.channels_in(index),
                           q_.node(index).groups, windows_.kernel(index).y.stride,
                           q_.node(index).activation};
    channel_conv(q_.context, conv, step.weight, step.base, step.inputs[0], windows_.data(index));
  }

  const AblationTask& q_;
  AblationWindows windows_;
  AblationSteps steps_;
};

}  // namespace

std::vector<float> fast_drops(const AblationTask& task) { return FastAblation(task).drops(); }

}  // namespace hdecomp
