/// He initialisation (He et al. 2015): seeded normal weights for benchmarks and tests without a
/// trained file.
#include "weights/model/initialise.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "kernels/core/random_normal.h"

namespace hdecomp {

ModelData initialise_model(const NetParams& params, uint64_t seed) {
  ModelData model;
  model.params = params;
  model.graph = build_graph(params);  // it refuses sizes out of range
  model.preprocess.crop = params.input_size;
  model.preprocess.size = usual_resize(params.input_size);
  model.source = joined("He initialisation, seed ", seed);
  model.layers.resize(model.graph.nodes.size());
  for (int i = 0; i <= model.graph.scores(); ++i) {
    if (!has_weights(model.graph.nodes[i])) continue;
    LayerWeights& layer = model.layers[i];
    layer.weight = Tensor(Device{}, Shape(weight_dims(model.graph, i)));
    const Shape bias(bias_dims(model.graph, i));
    if (bias.rank() > 0) layer.bias = Tensor(Device{}, bias);
    std::ranges::fill(layer.bias.span(), 0.0f);
    if (layer.weight.shape().rank() == 1) {  // a scale for each channel
      std::ranges::fill(layer.weight.span(), 1.0f);
      continue;
    }
    const double fan_in =
        static_cast<double>(layer.weight.elements()) / static_cast<double>(layer.bias.elements());
    fill_normal(layer.weight.span(), stream_of(seed, static_cast<uint64_t>(i)),
                std::sqrt(2 / fan_in));
  }
  return model;
}

}  // namespace hdecomp
