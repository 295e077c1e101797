/// What the tests of ablation share.
#pragma once

#include "runtime/ablation/ablation.h"
#include "tests/support/device_net.h"

namespace hdecomp::testing_models {

inline std::vector<float> drops(const DeviceNet& net, const AblationPlan& plan,
                                const Neuron& decision) {
  return ablation_drops(net.context, *net.model, net.executor, plan, decision);
}

}  // namespace hdecomp::testing_models
