/// gAP steps: decisions' gradients, activations, contributions and peaks in a lower layer
/// (Section 3.1), a level at a time.
#pragma once

#include <vector>

#include "hdecomp/tree.h"
#include "runtime/tree/level_results.h"

namespace hdecomp {

/// A decision, its feature's value F, and its row in the results of its level.
struct ValuedNeuron {
  Neuron neuron;
  double value = 0;
  int64_t row = 0;
};

/// Decomposes all decisions of a level into layer `to`, after the executor's forward(). `decisions`
/// lie in the device's memory; places without a decision are left out (image -1 in their turn).
/// Waits for nothing.
void gap_level(WindowExecutor& windows, const GapQuestion& question,
               std::span<const Neuron> decisions, GapLevel& level);

/// A lower local maximum of a chosen channel's A, to be decomposed too.
struct ExtraPeak {
  size_t place = 0;  // of the channel in Decomposition::chosen
  Neuron neuron;
  double peak = 0, value = 0;  // A and F there
};

/// A step's result, the features at its chosen channels' peaks, and their activation maps A if they
/// were asked for.
struct GapStep {
  Decomposition decomposition;
  SharedList<float> values;  // one per chosen channel
  SharedList<Neuron> next;   // they as decisions; image -1 where they are none
  std::vector<std::shared_ptr<const ActivationMap>> maps;  // one per chosen channel
  std::vector<std::vector<int32_t>> members;  // one per chosen channel: others that it stands for
  std::vector<ExtraPeak> extra;               // by channel, then by falling A
};

/// The steps of some of a level's decisions, in order: of each its row in the level.
std::vector<GapStep> steps_of(const WindowExecutor& windows, const GapQuestion& question,
                              const std::vector<ValuedNeuron>& decisions, const HostLevel& level);

/// Decomposes decisions F_from(neuron), each an own one, into layer `to`: one step per decision, in
/// order; their rows do not matter. Waits for the device.
std::vector<GapStep> gap_steps(WindowExecutor& windows, const GapQuestion& question,
                               const std::vector<ValuedNeuron>& decisions);

}  // namespace hdecomp
