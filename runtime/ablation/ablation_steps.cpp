/// Memory, products and functions for every node between the ablated layer and the decision.
#include "runtime/ablation/ablation_steps.h"

#include <algorithm>

namespace hdecomp {

AblationSteps::AblationSteps(const AblationTask& task, const AblationWindows& windows)
    : q_(task), windows_(windows), steps_(q_.graph().nodes.size()) {
  for (int i = q_.to + 1; i <= q_.from; ++i) {
    if (q_.between[i]) plan_node(i);
  }
}

int64_t AblationSteps::channels_in(int index, size_t which) const {
  return q_.graph().shapes[q_.node(index).inputs.at(which)].channels;
}

Tensor AblationSteps::take_input(int index, int64_t planes, size_t which) const {
  const MapRegion in = windows_.input_region(index, which);
  return q_.take<float>({windows_.places(), planes, in.height, in.width});
}

void AblationSteps::plan_node(int index) {
  AblationStep& step = steps_[index];
  step.inputs.resize(q_.node(index).inputs.size());
  if (q_.channels_of(index) == Channels::mixed) return plan_product(index);
  const MapRegion& region = windows_.region(index);
  step.forward = q_.executor.runner(index).over_maps(windows_.places(), {true, region.y, region.x},
                                                     q_.executor.pool());
  if (q_.channels_of(index) == Channels::side_by_side) {
    for (size_t k = 0;
         k < step.inputs.size() && windows_.form(index) == AblationForm::every_channel; ++k) {
      step.inputs[k] = take_input(index, channels_in(index, k));
    }
    return;
  }
  if (windows_.holds_input(index)) return;
  if (q_.channels_of(index) == Channels::crossed) {
    for (size_t k = 0; k < step.inputs.size(); ++k) {
      step.inputs[k] = take_input(index, channels_in(index, k), k);
    }
    return;
  }
  const size_t count = std::max<size_t>(step.inputs.size() - 1, 1);  // the last of several: in `y`
  for (size_t k = 0; k < count; ++k) step.inputs[k] = take_input(index, windows_.planes(index));
}

void AblationSteps::plan_product(int index) {
  AblationStep& step = steps_[index];
  if (windows_.form(q_.node(index).inputs.at(0)) == AblationForm::own_channel && is_even(index)) {
    step.weight = weight_of(index);
    step.base = base_of(index);
    step.inputs[0] = take_input(index, 1);
    return;
  }
  step.product = product_of(index, windows_.places(), q_.node(index).activation);
  if (!windows_.holds_input(index)) step.inputs[0] = take_input(index, channels_in(index));
}

/// Whether channel_conv has the kernel: undilated, of one stride.
bool AblationSteps::is_even(int index) const {
  const auto [y, x] = windows_.kernel(index);
  return y.stride == x.stride && y.dilation == 1 && x.dilation == 1;
}

int64_t AblationSteps::first_row(int index) const {
  return windows_.form(index) == AblationForm::decisions_channel ? q_.decision.channel : 0;
}

std::unique_ptr<WindowProduct> AblationSteps::product_of(int index, int64_t batch,
                                                         Activation activation) const {
  const MapRegion in = windows_.input_region(index);
  const auto [y, x] = windows_.kernel(index);
  ConvSpec spec{batch, channels_in(index), in.height, in.width, windows_.planes(index)};
  spec.kernel_h = y.size, spec.kernel_w = x.size;
  spec.stride_h = y.stride, spec.stride_w = x.stride;
  spec.dilation_h = y.dilation, spec.dilation_w = x.dilation;
  spec.groups = q_.node(index).groups;
  spec.activation = activation;
  spec.layer = q_.node(index).name;
  return std::make_unique<WindowProduct>(q_.context, q_.executor.pool(), spec,
                                         q_.model.layers[index], first_row(index));
}

/// The rows of a node's weight that its planes are computed with, (planes, c, k_h, k_w).
Tensor AblationSteps::weight_of(int index) const {
  const auto [y, x] = windows_.kernel(index);
  const int64_t inputs = channels_in(index) / q_.node(index).groups;
  return weight_rows(q_.model.layers[index].weight,
                     {windows_.planes(index), inputs, y.size, x.size}, first_row(index));
}

Tensor AblationSteps::base_of(int index) const {
  const MapRegion in = windows_.input_region(index), &out = windows_.region(index);
  Tensor x = q_.take<float>({1, channels_in(index), in.height, in.width});
  gather_maps(q_.context, windows_.features(q_.node(index).inputs.at(0)), {in, {}}, x);
  Tensor y = q_.take<float>({1, windows_.planes(index), out.height, out.width});
  product_of(index, 1, Activation::none)->forward(x, y);
  return y;
}

}  // namespace hdecomp
