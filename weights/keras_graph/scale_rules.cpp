/// Normalisations and scales: numbers of its own for each channel.
#include <algorithm>
#include <array>
#include <cmath>

#include "hdecomp/error.h"
#include "weights/general/channel_scale.h"
#include "weights/keras_graph/layer_rules.h"

namespace hdecomp::keras_graph {
namespace {

/// The channels that the last axis counts. Throws where it counts a flattened map's cells.
int64_t channels_of(const Site& site) {
  const Feature& feature = site.only();
  const int64_t channels = site.net.shape(feature.node).channels;
  if (feature.dims.back() != channels) {
    throw UserError("its input is a flattened map; a map, or one number per channel, is supported");
  }
  return channels;
}

Feature batch_norm(const Site& site) {
  const int64_t channels = channels_of(site);
  site.settings.require_last_axis("axis", site.only().dims.size());
  const auto count = static_cast<size_t>(channels);
  const auto or_else = [&](const char* role, const char* flag, float otherwise) {
    return site.has(role) || site.settings.flag(flag, true) ? site.vector(role, channels)
                                                            : std::vector<float>(count, otherwise);
  };
  const std::vector<float> gamma = or_else("gamma", "scale", 1),
                           beta = or_else("beta", "center", 0),
                           mean = site.vector("moving_mean", channels),
                           variance = site.vector("moving_variance", channels);
  for (size_t i = 0; i < count; ++i) {
    if (variance[i] < 0) {
      throw UserError(joined("its moving_variance is ", variance[i], " at element ", i));
    }
  }
  auto [scale, shift] =
      general::scale_of_batch_norm(gamma, beta, mean, variance, site.layer.epsilon.value_or(1e-3));
  return scaled(site.net, site.only(), std::move(scale), std::move(shift));
}

/// Over the channels of each cell.
Feature layer_norm(const Site& site) {
  const int64_t channels = channels_of(site);
  Feature feature = site.only();
  site.settings.require_last_axis("axis", feature.dims.size());
  const auto count = static_cast<size_t>(channels);
  Node node;
  node.op = Op::layer_norm;
  node.epsilon = static_cast<float>(site.layer.epsilon.value_or(1e-3));
  feature.node = site.net.append(
      node, {feature.node},
      site.has("gamma") ? site.vector("gamma", channels) : std::vector<float>(count, 1),
      site.has("beta") ? site.vector("beta", channels) : std::vector<float>(count, 0));
  feature.sole = true;
  return feature;
}

Feature rescaling(const Site& site) {
  channels_of(site);
  std::vector<double> scale = site.settings.reals("scale"), shift = site.settings.reals("offset");
  if (scale.empty()) throw UserError("its scale is missing");
  if (shift.empty()) shift = {0};
  return scaled(site.net, site.only(), std::move(scale), std::move(shift));
}

/// (x - mean) / max(sqrt(variance), 1e-7); the numbers stand in the description or are tensors.
Feature normalization(const Site& site) {
  constexpr double least = 1e-7;
  const int64_t channels = channels_of(site);
  site.settings.require_last_axis("axis", site.only().dims.size());
  if (site.settings.flag("invert", false)) throw UserError("it is inverted");
  std::array<std::vector<double>, 2> numbers;
  for (const size_t i : {0u, 1u}) {
    const char* role = i == 0 ? "mean" : "variance";
    numbers.at(i) = site.settings.reals(role);
    if (!numbers.at(i).empty()) continue;
    const std::vector<float> tensor = site.vector(role, channels);
    numbers.at(i).assign(tensor.begin(), tensor.end());
  }
  const auto count = static_cast<size_t>(channels);
  for (auto& list : numbers) {
    if (list.size() == 1) list.assign(count, list[0]);
    if (list.size() != count) throw UserError("it has another number of means than channels");
  }
  std::vector<double> scale, shift;
  for (size_t i = 0; i < count; ++i) {
    if (!(numbers[1][i] >= 0)) throw UserError(joined("its variance is ", numbers[1][i]));
    scale.push_back(1 / std::max(std::sqrt(numbers[1][i]), least));
    shift.push_back(-numbers[0][i] * scale.back());
  }
  return scaled(site.net, site.only(), std::move(scale), std::move(shift));
}

}  // namespace

Feature scaled(general::Net& net, Feature feature, std::vector<double> scale,
               std::vector<double> shift) {
  const auto count = static_cast<size_t>(net.shape(feature.node).channels);
  for (auto* list : {&scale, &shift}) {
    if (list->size() == 1) list->assign(count, (*list)[0]);
    if (list->size() != count) {
      throw UserError(joined("it has ", list->size(), " numbers for ", count, " channels"));
    }
    for (const double number : *list) {
      if (!std::isfinite(static_cast<float>(number))) {
        throw UserError(joined("its numbers come to ", number));
      }
    }
  }
  const int at = net.scaled(feature.node, feature.sole, scale, shift);
  if (at != feature.node) feature.sole = true;
  feature.node = at;
  return feature;
}

void add_scale_rules(std::map<std::string, LayerRule>& rules) {
  rules["BatchNormalization"] = batch_norm;
  rules["LayerNormalization"] = layer_norm;
  rules["Rescaling"] = rescaling;
  rules["Normalization"] = normalization;
}

}  // namespace hdecomp::keras_graph
