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

/// Of the class of an image, by turn.
std::vector<double> scores_at(Turns turns, std::span<const float> input, int64_t image) {
  const FeatureShape& shape = turns.front().net.graph().shapes[pixels_node];
  const Tensor one({}, {1, shape.channels, shape.height, shape.width},
                   const_cast<float*>(input.data()));
  std::vector<double> scores;
  in_turn(turns, one, [&](size_t t) {
    const SaliencyNet& net = turns[t].net;
    scores.push_back(net.executor.value(net.graph().scores(), {turns[t].classes[image], 0, 0, 0}));
  });
  return scores;
}

struct TurnMaps {
  Tensor values;
  std::vector<Completeness> ends;
};

/// Of image `image`, whose input is `x`, its path's start `b` and the mean gradient between them.
void put_map(std::span<const float> x, std::span<const float> b, std::span<const double> mean,
             int64_t image, TurnMaps& to) {
  Completeness& end = to.ends.emplace_back();
  float* values = to.values.data() + image * std::ssize(x);
  for (size_t i = 0; i < x.size(); ++i) {
    const double value = (double{x[i]} - double{b[i]}) * mean[i];
    values[i] = static_cast<float>(value);
    end.sum += value;
  }
}

}  // namespace

std::vector<SaliencyMaps> integrated_gradients_maps(Turns turns, const Tensor& images,
                                                    const SaliencyOptions& options) {
  const int64_t count = images.shape()[0], size = images.elements() / count;
  std::vector<TurnMaps> found;
  for (size_t t = 0; t < turns.size(); ++t) found.push_back({Tensor({}, images.shape()), {}});
  for (int64_t image = 0; image < count; ++image) {
    const auto x = images.span().subspan(image * size, size);
    const std::vector<float> b = path_start(turns.front().net, x, options.start);
    const int64_t steps = options.samples;
    const auto midpoint = [&](int64_t k, std::span<float> to) {
      const auto of_x = static_cast<double>(2 * k + 1), all = static_cast<double>(2 * steps);
      const double of_b = all - of_x;  // whole numbers below 2^18
      for (int64_t i = 0; i < size; ++i) {
        to[i] = static_cast<float>((of_b * b[i] + of_x * x[i]) / all);
      }
    };
    const std::vector<std::vector<double>> means = mean_gradients(turns, image, options, midpoint);
    const std::vector<double> starts = scores_at(turns, b, image);
    for (size_t t = 0; t < turns.size(); ++t) {
      put_map(x, b, means[t], image, found[t]);
      found[t].ends.back().difference = turns[t].scores.at(image) - starts[t];
    }
  }
  std::vector<SaliencyMaps> maps;
  for (const TurnMaps& of_turn : found) {
    maps.push_back(pixel_maps(of_turn.values));
    for (int64_t i = 0; i < count; ++i) maps.back()[i].completeness = of_turn.ends[i];
  }
  return maps;
}

}  // namespace hdecomp
