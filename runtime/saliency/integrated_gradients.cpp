/// Integrated gradients (Sundararajan, Taly and Yan 2017): (x - b) (1 / m) sum over k of
/// G(b + (k + 1/2) / m (x - b)), the midpoint rule for the integral of G along the line from b to
/// x. Its sum over all pixels is F(x) - F(b) but for the rule's error (completeness).
///
/// Many of the points lie at a tie of float32, so how they are computed decides which float they
/// become: all products below are exact in double precision, so that a processor's fused
/// multiply-add makes no difference.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/saliency/sampled_gradients.h"

namespace hdecomp {
namespace {

/// Out of a plane (h, w): a Gaussian along one axis, edges repeated. `stride` leads to the next
/// number of a line, `lines` of them begin `apart` from each other.
void blur_lines(std::span<float> plane, int64_t length, int64_t stride, int64_t lines,
                int64_t apart, double deviation) {
  const auto radius = static_cast<int64_t>(std::ceil(3 * deviation));
  std::vector<double> weights(2 * radius + 1), line(length);
  for (int64_t k = -radius; k <= radius; ++k) {
    const double at = static_cast<double>(k) / deviation;
    weights[k + radius] = std::exp(-0.5 * at * at);
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight = static_cast<float>(weight / sum);  // for exact products
  for (int64_t l = 0; l < lines; ++l) {
    float* begin = plane.data() + l * apart;
    for (int64_t i = 0; i < length; ++i) {
      line[i] = 0;
      for (int64_t k = -radius; k <= radius; ++k) {
        const int64_t from = std::clamp<int64_t>(i + k, 0, length - 1);
        line[i] += weights[k + radius] * begin[from * stride];
      }
    }
    for (int64_t i = 0; i < length; ++i) begin[i * stride] = static_cast<float>(line[i]);
  }
}

/// Where the path to `x`, (3, h, w), begins.
std::vector<float> path_start(const SaliencyNet& net, std::span<const float> x, PathStart start) {
  const FeatureShape& shape = net.graph().shapes[pixels_node];
  const int64_t area = shape.height * shape.width;
  std::vector<float> begin(x.size(), 0.0f);
  const Preprocess& rule = net.model.preprocess;
  for (int64_t c = 0; c < shape.channels; ++c) {
    const std::span<float> plane = std::span(begin).subspan(c * area, area);
    if (start == PathStart::black) std::ranges::fill(plane, -rule.mean[c] / rule.std[c]);
    if (start != PathStart::blur) continue;
    std::ranges::copy(x.subspan(c * area, area), plane.begin());
    const double deviation = static_cast<double>(std::max(shape.height, shape.width)) / 20;
    blur_lines(plane, shape.width, 1, shape.height, shape.width, deviation);
    blur_lines(plane, shape.height, shape.width, shape.width, 1, deviation);
  }
  return begin;
}

double score_of(SaliencyNet& net, std::span<const float> input, int64_t class_index) {
  const FeatureShape& shape = net.graph().shapes[pixels_node];
  const Tensor one({}, {1, shape.channels, shape.height, shape.width},
                   const_cast<float*>(input.data()));
  run_inputs(net, one);
  return net.executor.value(net.graph().scores(), {class_index, 0, 0, 0});
}

}  // namespace

SaliencyMaps integrated_gradients_maps(SaliencyNet& net, Classes classes,
                                       const SaliencyOptions& options) {
  const Tensor images = input_of_run(net, std::ssize(classes));
  const int64_t size = images.elements() / std::ssize(classes);
  std::vector<double> scores;  // before other inputs run
  for (int64_t image = 0; image < std::ssize(classes); ++image) {
    scores.push_back(net.executor.value(net.graph().scores(), {classes[image], 0, 0, image}));
  }
  std::vector<Completeness> ends;
  Tensor values({}, images.shape());
  for (int64_t image = 0; image < std::ssize(classes); ++image) {
    const auto x = images.span().subspan(image * size, size);
    const std::vector<float> b = path_start(net, x, options.start);
    const int64_t steps = options.samples;
    const auto midpoint = [&](int64_t k, std::span<float> to) {
      const auto of_x = static_cast<double>(2 * k + 1), all = static_cast<double>(2 * steps);
      const double of_b = all - of_x;  // whole numbers below 2^18
      for (int64_t i = 0; i < size; ++i) {
        to[i] = static_cast<float>((of_b * b[i] + of_x * x[i]) / all);
      }
    };
    const std::vector<double> mean = mean_gradient(net, classes, image, options, midpoint);
    Completeness& end = ends.emplace_back();
    for (int64_t i = 0; i < size; ++i) {
      const double value = (double{x[i]} - double{b[i]}) * mean[i];
      values.data()[image * size + i] = static_cast<float>(value);
      end.sum += value;
    }
    end.difference = scores[image] - score_of(net, b, classes[image]);
  }
  SaliencyMaps maps = pixel_maps(values);
  for (size_t i = 0; i < maps.size(); ++i) maps[i].completeness = ends[i];
  return maps;
}

}  // namespace hdecomp
