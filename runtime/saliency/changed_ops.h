/// A network's ops with parts of their weights alone, which relevance is shared out by.
#pragma once

#include <memory>
#include <vector>

#include "runtime/network/executor.h"

namespace hdecomp {

/// One number everywhere, on the context's device.
Tensor tensor_of(float value, const Shape& shape, const Context& context);

/// The network's ops with other weights and without activations, made as they are asked for.
class ChangedOps {
 public:
  /// What becomes of the weights and biases: all as they are, those of one sign (the others 0),
  /// or 1 for each weight; the last two without biases.
  enum class Weights { own, positive, negative_without_bias, ones };
  ChangedOps(const Context& context, const ModelData& model, Weights weights);

  NodeRunner& of(int node);
  /// The op's forward pass over `items` maps, planned once for the last count that was asked for.
  const MapsForward& forward(int node, int64_t items, BufferPool& pool);

 private:
  struct Planned {
    int64_t items = 0;
    MapsForward run;
  };

  Tensor changed(const Tensor& own, bool is_bias) const;

  const Context& context_;
  const ModelData& model_;
  Weights weights_;
  ModelData changed_;
  std::vector<std::unique_ptr<NodeRunner>> runners_;  // one per node, as is what follows
  std::vector<Planned> planned_;
};

}  // namespace hdecomp
