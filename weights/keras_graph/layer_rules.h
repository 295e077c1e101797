/// From Keras's layers to the nodes of a general network, class by class.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kernels/core/scalar_function.h"
#include "weights/file/tensor_file.h"
#include "weights/general/net.h"
#include "weights/keras_graph/settings.h"

namespace hdecomp::keras_graph {

/// What a Keras tensor is here. Keras keeps (h, w, c), a node (c, h, w); a flattened map is told by
/// its one dimension.
struct Feature {
  int node = -1;
  std::vector<int64_t> dims;  // Keras's, without the batch
  bool sole = false;          // nothing else reads the node: what follows may become a part of it
  /// A function that is left out where the network ends with it, and else is yet to be appended:
  /// "softmax", "sigmoid".
  std::string pending;
};

/// One use of a layer.
struct Site {
  const KerasLayer& layer;
  Settings settings;
  std::vector<Feature> inputs;
  const KerasCall& call;
  const TensorFile& file;
  general::Net& net;
  bool keras3 = false;  // where Keras 2 and 3 mean two things by one name

  /// The only input, or input `i`. Throws UserError if it is not there, or another than the only
  /// one.
  const Feature& only() const;
  /// The only input, which must be a map. Throws UserError.
  const Feature& map() const;
  bool has(const char* role) const;
  /// A tensor of the layer. Throws UserError if it is missing, of another rank, or not finite.
  const Tensor& tensor(const char* role, int rank) const;
  /// The same as a vector of `count` numbers.
  std::vector<float> vector(const char* role, int64_t count) const;
  /// The layer's bias: `count` zeros without one.
  std::vector<float> bias(int64_t count) const;
  /// A map of a node behind input 0.
  Feature map_of(int node) const;
};

/// Throws UserError without the layer's name.
using LayerRule = Feature (*)(const Site& site);

/// The rules of one file each, by the layer's class.
void add_kernel_rules(std::map<std::string, LayerRule>& rules);
void add_shape_rules(std::map<std::string, LayerRule>& rules);
void add_function_rules(std::map<std::string, LayerRule>& rules);
void add_scale_rules(std::map<std::string, LayerRule>& rules);
void add_join_rules(std::map<std::string, LayerRule>& rules);

/// The layer's "activation" behind a feature.
Feature activated(const Site& site, Feature feature);
/// An activation that Keras knows by name.
Feature apply_named(general::Net& net, Feature feature, const std::string& name, bool keras3);
/// Any function of one number.
Feature apply(general::Net& net, Feature feature, const ScalarFunction& function);
/// y = scale x + shift per channel; a list of one number stands for all channels.
Feature scaled(general::Net& net, Feature feature, std::vector<double> scale,
               std::vector<double> shift);
/// The feature with what is pending appended. Throws UserError for a softmax.
Feature settled(general::Net& net, Feature feature);

}  // namespace hdecomp::keras_graph
