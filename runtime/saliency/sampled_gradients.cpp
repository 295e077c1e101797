/// Samples in batches: forward, backward, summed on the host.
#include "runtime/saliency/sampled_gradients.h"

#include <algorithm>

#include "hdecomp/stopped.h"

namespace hdecomp {

std::vector<double> mean_gradient(SaliencyNet& net, Classes classes, int64_t image,
                                  const SaliencyOptions& options, const WriteSample& write) {
  const int64_t samples = options.samples;
  const FeatureShape& shape = net.graph().shapes[pixels_node];
  const auto size = static_cast<size_t>(shape.elements());
  BackwardRule rule(net.context, net.executor);
  std::vector<double> mean(size);
  for (int64_t first = 0; first < samples; first += net.executor.batch()) {
    end_if_stopped(options.stop);
    const int64_t count = std::min(net.executor.batch(), samples - first);
    Tensor inputs({}, {count, shape.channels, shape.height, shape.width});
    for (int64_t i = 0; i < count; ++i) write(first + i, inputs.span().subspan(i * size, size));
    run_inputs(net, inputs);
    const std::vector<int64_t> alike(count, classes[image]);
    const Tensor gradients = scores_to_pixels(net, alike, rule);
    for (int64_t i = 0; i < count; ++i) {
      const float* own = gradients.data() + i * size;
      for (size_t k = 0; k < size; ++k) mean[k] += own[k];
    }
    if (options.after_samples) {
      options.after_samples(image * samples + first + count, std::ssize(classes) * samples);
    }
  }
  for (double& value : mean) value /= static_cast<double>(samples);
  return mean;
}

}  // namespace hdecomp
