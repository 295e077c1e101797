/// Layers that leave the numbers as they are, and those that see them in other dimensions.
#include <numeric>

#include "hdecomp/error.h"
#include "weights/keras_graph/layer_rules.h"

namespace hdecomp::keras_graph {
namespace {

Feature same(const Site& site) {
  if (site.inputs.size() != 1) throw UserError("it has other than one input");
  return site.inputs[0];
}

Feature flatten(const Site& site) {
  Feature feature = site.only();
  feature.dims = {site.net.shape(feature.node).elements()};
  return feature;
}

/// Of one cell anything that keeps its channels last; of a map to what it is, or flat.
Feature reshape(const Site& site) {
  Feature feature = site.only();
  const FeatureShape& map = site.net.shape(feature.node);
  std::vector<int64_t> dims = site.settings.integers("target_shape");
  int64_t known = 1, open = 0;
  for (const int64_t dim : dims) {
    if (dim == -1) {
      ++open;
    } else if (dim < 1 || dim > map.elements() || (known *= dim) > map.elements()) {
      throw UserError("its target_shape does not fit its input");
    }
  }
  if (open > 1 || map.elements() % known != 0 || (open == 0 && known != map.elements())) {
    throw UserError("its target_shape does not fit its input");
  }
  for (int64_t& dim : dims) {
    if (dim == -1) dim = map.elements() / known;
  }
  const bool flat = dims.size() == 1;
  const bool as_it_is = dims == std::vector<int64_t>{map.height, map.width, map.channels};
  if (!flat && !as_it_is) {
    throw UserError("it is neither a flattening nor its reverse, which is what is supported");
  }
  feature.dims = std::move(dims);
  return feature;
}

}  // namespace

void add_shape_rules(std::map<std::string, LayerRule>& rules) {
  for (const char* kind :
       {"Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
        "ActivityRegularization", "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation",
        "RandomContrast", "RandomBrightness"}) {
    rules[kind] = same;  // they do something in training alone
  }
  rules["Flatten"] = flatten;
  rules["Reshape"] = reshape;
}

}  // namespace hdecomp::keras_graph
