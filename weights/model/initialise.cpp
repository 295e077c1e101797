/// He initialisation (He et al. 2015): seeded normal weights for benchmarks and tests without a
/// trained file.
#include "weights/model/initialise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

/// The n-th number of a stream, without state: any thread can compute any part (Steele et al. 2014,
/// SplitMix64's output function).
uint64_t mix(uint64_t n) {
  uint64_t z = n * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double uniform(uint64_t n) { return (static_cast<double>(mix(n) >> 11) + 0.5) * 0x1p-53; }

/// Fills `tensor` with N(0, deviation^2) by Box and Muller, two values per pair of uniform numbers.
void fill_normal(Tensor& tensor, uint64_t stream, double deviation) {
  float* to = tensor.data();
  const int64_t n = tensor.elements();
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < n; i += 2) {
    const uint64_t at = stream + static_cast<uint64_t>(i) + 1;
    const double radius = deviation * std::sqrt(-2 * std::log(uniform(at)));
    const double angle = 2 * std::numbers::pi * uniform(at + 1);
    to[i] = static_cast<float>(radius * std::cos(angle));
    if (i + 1 < n) to[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
}

}  // namespace

ModelData initialise_model(const NetParams& params, uint64_t seed) {
  ModelData model;
  model.params = params;
  model.preprocess.crop = params.input_size;
  model.preprocess.size = params.input_size * 256 / 224;
  model.graph = build_graph(params);
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
    fill_normal(layer.weight, mix(mix(seed) + static_cast<uint64_t>(i)), std::sqrt(2 / fan_in));
  }
  return model;
}

}  // namespace hdecomp
