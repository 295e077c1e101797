/// gAP steps: decisions' gradients, activations, contributions and peaks in a lower layer
/// (Section 3.1), a level at a time.
#pragma once

#include <cstddef>
#include <vector>

#include "hdecomp/tree.h"
#include "kernels/gap_reduce.h"
#include "runtime/window_executor.h"

namespace hdecomp {

/// A decision and its feature's value F.
struct ValuedNeuron {
  Neuron neuron;
  double value = 0;
};

/// The values of a node's neurons. Waits for the device, once.
std::vector<ValuedNeuron> valued(const Executor& executor, int node,
                                 const std::vector<Neuron>& neurons);

/// Which step to take: from the layer of the decisions to a lower one, choosing at most `top`
/// channels each.
struct GapPlan {
  int from = 0, to = 0;
  int top = 3;
  bool keep_maps = false;
  std::vector<int32_t> channels = {};  // if any: `top` of them, chosen in place of the largest
};

/// The results of a level in the device's memory: D decisions into C channels of which N are
/// chosen.
struct GapLevel {
  TensorOf<std::byte> memory;  // of all arrays but the maps: one copy brings them to the host

  GapResult reduced;   // (D, C)
  IndexTensor chosen;  // (D, N), -1 where there are fewer
  Tensor values;       // (D, N): F at the chosen channels' peaks
  PlaceTensor next;    // (D * N): those features as the next level's decisions
  Tensor maps;         // (D, N, H, W): their activation maps; empty if not kept
};

/// Memory for a level of D decisions, from the windows' pool.
GapLevel take_level(const WindowExecutor& windows, const GapPlan& plan, int64_t decisions);

/// Decomposes all decisions of a level into layer `to`, after the executor's forward(). `decisions`
/// lie in the device's memory; places without a decision are left out (image -1 in their turn).
/// Waits for nothing.
void gap_level(WindowExecutor& windows, const GapPlan& plan, std::span<const Neuron> decisions,
               GapLevel& level);

/// A step's result, the features at its chosen channels' peaks, and their activation maps A if they
/// were asked for.
struct GapStep {
  Decomposition decomposition;
  std::vector<float> values;             // one per chosen channel
  std::vector<std::vector<float>> maps;  // one per chosen channel, (height, width)
};

/// A decision's row in a level's results, and its own value F.
struct LevelRow {
  int64_t row = 0;
  double value = 0;
};

/// The steps of some of a level's decisions, on the host. Waits for the device.
std::vector<GapStep> read_level(const WindowExecutor& windows, const GapPlan& plan,
                                const std::vector<LevelRow>& rows, const GapLevel& level);

/// Decomposes decisions F_from(neuron), each an own one, into layer `to`: one step per decision, in
/// order. Waits for the device.
std::vector<GapStep> gap_steps(WindowExecutor& windows, const GapPlan& plan,
                               const std::vector<ValuedNeuron>& decisions);

/// The children of a step: its chosen channels as evidence, in order.
std::vector<TreeNode> evidence(const GapStep& step);

}  // namespace hdecomp
