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

using Method = SaliencyMaps (*)(SaliencyNet&, Classes, const SaliencyOptions&);

struct MethodRow {
  Method maps;
  bool keeps_features = true;
};

/// In SaliencyMethod's order.
constexpr MethodRow method_table[] = {{gradient_maps},
                                      {gradient_x_input_maps},
                                      {smoothgrad_maps, false},
                                      {guided_maps},
                                      {integrated_gradients_maps, false},
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

SaliencyMethod saliency_method(const std::string& name) {
  if (const auto found = choice_in(name, saliency_methods)) {
    return static_cast<SaliencyMethod>(*found);
  }
  throw UserError(joined("--method '", name, "': ", give_one_of(saliency_methods)));
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

bool keeps_features(SaliencyMethod method) { return row_of(method).keeps_features; }

SaliencyMaps saliency_maps(SaliencyNet& net, Classes classes, const SaliencyOptions& options) {
  const Stopwatch watch;
  SaliencyMaps maps = row_of(options.method).maps(net, classes, options);
  for (SaliencyMap& map : maps) {
    map.method = options.method;
    map.ms = watch.ms() / static_cast<double>(maps.size());
  }
  return maps;
}

}  // namespace hdecomp
