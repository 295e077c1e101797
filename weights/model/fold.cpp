/// Batch-norm folding, in double.
#include "weights/model/fold.h"

#include <cmath>

namespace hdecomp {

void fold_batch_norm(LayerWeights& layer, const BatchNorm& norm) {
  const int64_t channels = layer.weight.shape()[0];
  const int64_t fan_in = layer.weight.elements() / channels;
  for (int64_t channel = 0; channel < channels; ++channel) {
    const double scale =
        norm.gamma.data()[channel] /
        std::sqrt(static_cast<double>(norm.variance.data()[channel]) + norm.epsilon);
    float* weight = layer.weight.data() + channel * fan_in;
    for (int64_t i = 0; i < fan_in; ++i) weight[i] = static_cast<float>(weight[i] * scale);
    float& bias = layer.bias.data()[channel];
    const double centred = static_cast<double>(bias) - norm.mean.data()[channel];
    bias = static_cast<float>(centred * scale + norm.beta.data()[channel]);
  }
}

}  // namespace hdecomp
