/// What each node of an ablation is computed from, planned once.
#pragma once

#include <memory>
#include <vector>

#include "runtime/ablation/ablation_product.h"
#include "runtime/ablation/ablation_windows.h"

namespace hdecomp {

struct AblationStep {
  // What the node is computed from, one per input, (places, planes, height, width), halo
  // included; none where the input holds just that, or the node's own memory will do.
  std::vector<Tensor> inputs;
  std::unique_ptr<WindowProduct> product;
  Tensor weight, base;  // of the first product: its rows, and the sums before the activation in
                        // the network as it is, (1, planes, h, w)
  MapsForward forward;  // of what is no product
};

class AblationSteps {
 public:
  /// Both must outlive it.
  AblationSteps(const AblationTask& task, const AblationWindows& windows);

  AblationStep& operator[](int node) { return steps_[node]; }
  int64_t channels_in(int node, size_t which = 0) const;

 private:
  Tensor take_input(int index, int64_t planes, size_t which = 0) const;
  void plan_node(int index);
  void plan_product(int index);
  bool is_even(int index) const;
  int64_t first_row(int index) const;
  std::unique_ptr<WindowProduct> product_of(int index, int64_t batch, Activation activation) const;
  Tensor weight_of(int index) const;
  Tensor base_of(int index) const;

  const AblationTask& q_;
  const AblationWindows& windows_;
  std::vector<AblationStep> steps_;  // one per node, filled where it is between the layers
};

}  // namespace hdecomp
