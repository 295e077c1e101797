/// A layer's inputs and tensors, each required to be what its rule needs.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/file/finite.h"
#include "weights/file/in_quotes.h"
#include "weights/keras_graph/layer_rules.h"

namespace hdecomp::keras_graph {

const Feature& Site::only() const {
  if (inputs.size() != 1) throw UserError(joined("it has ", inputs.size(), " inputs; 1 is needed"));
  return inputs[0];
}

const Feature& Site::map() const {
  const Feature& feature = only();
  if (feature.dims.size() != 3) {
    throw UserError(joined("its input has ", feature.dims.size(),
                           " dimensions beside the batch; height, width and channels are needed"));
  }
  if (settings.text("data_format", "channels_last") != "channels_last") {
    throw UserError("its data_format is not channels_last");
  }
  return feature;
}

bool Site::has(const char* role) const {
  return file.tensors.contains(joined(layer.name, "/", role));
}

const Tensor& Site::tensor(const char* role, int rank) const {
  const std::string name = joined(layer.name, "/", role);
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) throw UserError(joined("its ", role, " is missing"));
  const Tensor& tensor = found->second;
  const std::string what = joined("tensor ", in_quotes(file.in_file(name)));
  if (tensor.shape().rank() != rank || tensor.elements() == 0) {
    throw UserError(joined(what, " has shape ", tensor.shape(), ", expected ", rank,
                           " dimensions of at least 1"));
  }
  if (const int64_t bad = first_not_finite(tensor.span()); bad >= 0) {
    throw UserError(joined(what, " holds ", tensor.data()[bad], " at element ", bad,
                           "; weights must be finite"));
  }
  return tensor;
}

std::vector<float> Site::vector(const char* role, int64_t count) const {
  const Tensor& values = tensor(role, 1);
  if (values.elements() != count) {
    throw UserError(
        joined("its ", role, " has shape ", values.shape(), ", expected (", count, ")"));
  }
  return {values.span().begin(), values.span().end()};
}

std::vector<float> Site::bias(int64_t count) const {
  if (has("bias") || settings.flag("use_bias", true)) return vector("bias", count);
  return std::vector<float>(static_cast<size_t>(count), 0);
}

Feature Site::map_of(int node) const {
  const FeatureShape& shape = net.shape(node);
  Feature feature = inputs.at(0);
  if (node != feature.node) feature.sole = true;
  feature.node = node;
  feature.dims = {shape.height, shape.width, shape.channels};
  return feature;
}

}  // namespace hdecomp::keras_graph
