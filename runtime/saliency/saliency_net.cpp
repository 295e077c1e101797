/// From neurons to pixels, and the choice of the method.
#include "runtime/saliency/saliency_net.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "kernels/core/copy.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

using OverFeatures = SaliencyMaps (*)(SaliencyNet&, Classes, const SaliencyOptions&);
using OverSamples = std::vector<SaliencyMaps> (*)(Turns, const Tensor&, const SaliencyOptions&);

/// One of the two.
struct MethodRow {
  OverFeatures over_features;
  OverSamples over_samples = nullptr;
};

/// In SaliencyMethod's order.
constexpr MethodRow method_table[] = {{gradient_maps},
                                      {gradient_x_input_maps},
                                      {nullptr, smoothgrad_maps},
                                      {guided_maps},
                                      {nullptr, integrated_gradients_maps},
                                      {grad_cam_maps},
                                      {gap_cam_maps},
                                      {lrp_maps},
                                      {gap_maps}};
static_assert(std::size(method_table) == std::size(saliency_methods));

const MethodRow& row_of(SaliencyMethod method) { return method_table[static_cast<size_t>(method)]; }

}  // namespace

std::string to_string(SaliencyMethod method) {
  return saliency_methods[static_cast<size_t>(method)];
}

SaliencyMethod saliency_method(const std::string& name, const char* flag) {
  if (const auto found = choice_in(name, saliency_methods)) {
    return static_cast<SaliencyMethod>(*found);
  }
  throw UserError(joined(flag, " '", name, "': ", give_one_of(saliency_methods)));
}

void check_saliency(const SaliencyOptions& options) {
  constexpr int most = 100000;
  if (options.samples < 1 || options.samples > most) {
    throw UserError(joined("--samples ", options.samples, ": give 1 to ", most));
  }
  if (!(options.noise >= 0 && std::isfinite(options.noise))) {
    throw UserError(joined("--noise ", options.noise, ": give a share of max - min, 0 or more"));
  }
  if (!(options.epsilon > 0 && std::isfinite(options.epsilon) &&
        static_cast<float>(options.epsilon) > 0)) {
    throw UserError(joined("--epsilon ", options.epsilon, ": give a number above 0"));
  }
  require_top(options.top);
}

std::vector<float> SaliencyMap::signed_sum() const {
  const size_t area = height * width;
  std::vector<double> sums(area);
  for (size_t i = 0; i < values.size(); ++i) sums[i % area] += values[i];
  return {sums.begin(), sums.end()};
}

std::vector<float> SaliencyMap::absolute_sum() const {
  const size_t area = height * width;
  std::vector<double> sums(area);
  for (size_t i = 0; i < values.size(); ++i) sums[i % area] += std::abs(values[i]);
  return {sums.begin(), sums.end()};
}

Tensor to_pixels(SaliencyNet& net, int from, const std::vector<Seed>& seeds, int64_t images,
                 BackwardRule& rule) {
  const Tensor gradient =
      BackwardPass(net.context, net.executor).run(from, seeds, pixels_node, {0, images}, rule);
  return copied_to({}, net.context, gradient);
}

std::vector<Seed> score_seeds(Classes classes) {
  std::vector<Seed> seeds;
  for (size_t i = 0; i < classes.size(); ++i) {
    seeds.push_back({{classes[i], 0, 0, static_cast<int64_t>(i)}, 1});
  }
  return seeds;
}

Tensor scores_to_pixels(SaliencyNet& net, Classes classes, BackwardRule& rule) {
  return to_pixels(net, net.graph().scores(), score_seeds(classes), std::ssize(classes), rule);
}

Tensor input_of_run(const SaliencyNet& net, int64_t images) {
  const Tensor there = rows(net.executor.feature(pixels_node), 0, images);
  return copied_to({}, net.context, there);
}

SaliencyMaps pixel_maps(const Tensor& values) {
  const Shape& shape = values.shape();
  SaliencyMaps maps;
  for (int64_t image = 0; image < shape[0]; ++image) {
    SaliencyMap& map = maps.emplace_back();
    map.layer = "input";
    map.channels = shape[1], map.height = shape[2], map.width = shape[3];
    const Tensor own = rows(values, image, image + 1);
    map.values.assign(own.span().begin(), own.span().end());
  }
  return maps;
}

void run_inputs(SaliencyNet& net, const Tensor& inputs) {
  if (net.context.device() == inputs.device()) return net.executor.forward(inputs);
  const Tensor there = copied_to(net.context.device(), net.context, inputs);
  net.executor.forward(there);
  net.context.finish();
}

std::vector<double> scores_of_run(const SaliencyNet& net, Classes classes) {
  std::vector<double> scores;
  for (const Seed& seed : score_seeds(classes)) {
    scores.push_back(net.executor.value(net.graph().scores(), seed.neuron));
  }
  return scores;
}

void in_turn(Turns turns, const Tensor& inputs, const std::function<void(size_t)>& body) {
  for (size_t t = 0; t < turns.size(); ++t) {
    SaliencyNet net = turns[t].net;
    const int first = t == 0 ? pixels_node : turns[t].first;
    if (first == pixels_node) {
      run_inputs(net, inputs);
    } else if (first <= net.graph().scores()) {
      net.executor.forward_from(first, inputs.shape()[0]);
    }
    body(t);
  }
}

bool keeps_features(SaliencyMethod method) { return row_of(method).over_samples == nullptr; }

namespace {

void put_method(SaliencyMaps& maps, SaliencyMethod method, double ms) {
  for (SaliencyMap& map : maps) map.method = method, map.ms = ms;
}

}  // namespace

SaliencyMaps saliency_maps(SaliencyNet& net, Classes classes, const SaliencyOptions& options) {
  if (!keeps_features(options.method)) {
    const SaliencyTurn turn{net, classes, pixels_node, scores_of_run(net, classes)};
    return sampled_maps({&turn, 1}, input_of_run(net, std::ssize(classes)), options).front();
  }
  const Stopwatch watch;
  SaliencyMaps maps = row_of(options.method).over_features(net, classes, options);
  put_method(maps, options.method, watch.ms() / static_cast<double>(maps.size()));
  return maps;
}

std::vector<SaliencyMaps> sampled_maps(Turns turns, const Tensor& images,
                                       const SaliencyOptions& options) {
  const Stopwatch watch;
  std::vector<SaliencyMaps> all = row_of(options.method).over_samples(turns, images, options);
  const double maps = static_cast<double>(images.shape()[0]) * static_cast<double>(turns.size());
  for (SaliencyMaps& of_turn : all) put_method(of_turn, options.method, watch.ms() / maps);
  return all;
}

}  // namespace hdecomp
