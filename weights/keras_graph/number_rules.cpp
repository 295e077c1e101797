/// Activations, normalisations and scales: what is done to each number alone.
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/general/channel_scale.h"
#include "weights/keras_graph/layer_rules.h"

namespace hdecomp::keras_graph {
namespace {

Feature relu(general::Net& net, Feature feature, Activation activation) {
  const int at = net.activated(feature.node, feature.sole, activation);
  if (at != feature.node) feature.sole = true;
  feature.node = at;
  return feature;
}

/// max(x, 0) up to `high`, and `slope` x below 0.
Feature bounded(general::Net& net, Feature feature, double slope, std::optional<double> high) {
  if (slope == 0 && !high) return relu(net, feature, Activation::relu);
  if (slope == 0 && *high == 6) return relu(net, feature, Activation::relu6);
  const auto bound = static_cast<float>(high.value_or(0));
  if (slope == 0) return apply(net, feature, {Function::clip, 0, bound});
  if (high) throw UserError("a ReLU with a slope and a largest value");
  return apply(net, feature, {Function::leaky_relu, static_cast<float>(slope), 0});
}

Feature relu_layer(const Site& site) {
  const Settings& said = site.settings;
  if (said.real("threshold", 0) != 0) throw UserError("its threshold is not 0");
  std::optional<double> high;
  if (said.has("max_value")) high = said.real("max_value", 0);
  return bounded(site.net, site.only(), said.real("negative_slope", 0), high);
}

Feature leaky_relu(const Site& site) {
  const double slope = site.settings.real("negative_slope", site.settings.real("alpha", 0.3));
  return bounded(site.net, site.only(), slope, {});
}

Feature elu(const Site& site) {
  return apply(site.net, site.only(),
               {Function::elu, static_cast<float>(site.settings.real("alpha", 1)), 0});
}

/// One slope per channel: shared over the map, or of a feature without one.
Feature prelu(const Site& site) {
  Feature feature = site.only();
  const FeatureShape& map = site.net.shape(feature.node);
  const Tensor& slopes = site.tensor("alpha", static_cast<int>(feature.dims.size()));
  if (slopes.elements() != map.channels || slopes.shape().dims().back() != map.channels) {
    throw UserError(joined("its slopes have shape ", slopes.shape(),
                           "; one for each channel is supported (shared_axes=[1, 2])"));
  }
  Node node;
  node.op = Op::prelu;
  feature.node =
      site.net.append(node, {feature.node}, {slopes.span().begin(), slopes.span().end()}, {});
  feature.sole = true;
  return feature;
}

/// What is left out where the network ends with it.
Feature awaiting(Feature feature, const char* function) {
  feature.pending = function;
  return feature;
}

Feature softmax(const Site& site) {
  site.settings.require_last_axis("axis", site.only().dims.size());
  return awaiting(site.only(), "softmax");
}

Feature activation_layer(const Site& site) { return activated(site, site.only()); }

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

/// Keras 2 and 3 mean two functions by it.
Feature hard_sigmoid(general::Net& net, Feature feature, bool keras3) {
  return apply(net, std::move(feature), {Function::hard_sigmoid, keras3 ? 1.0f / 6 : 0.2f, 0.5f});
}

Feature selu(general::Net& net, Feature feature, bool) {
  constexpr float scale = 1.05070098f, alpha = 1.67326324f;
  return scaled(net, apply(net, std::move(feature), {Function::elu, alpha, 0}), {scale}, {0});
}

template <Activation activation>
Feature as_part(general::Net& net, Feature feature, bool) {
  return relu(net, std::move(feature), activation);
}

/// An activation by Keras's name: a function, or a way of its own.
struct NamedFunction {
  const char* name;
  ScalarFunction function = {};
  Feature (*way)(general::Net& net, Feature feature, bool keras3) = nullptr;
};
constexpr NamedFunction named_functions[] = {
    {"linear", {}, [](general::Net&, Feature feature, bool) { return feature; }},
    {"relu", {}, as_part<Activation::relu>},
    {"relu6", {}, as_part<Activation::relu6>},
    {"leaky_relu", {Function::leaky_relu, 0.2f, 0}},
    {"elu", {Function::elu, 1, 0}},
    {"selu", {}, selu},
    {"sigmoid",
     {},
     [](general::Net&, Feature feature, bool) { return awaiting(feature, "sigmoid"); }},
    {"hard_sigmoid", {}, hard_sigmoid},
    {"tanh", {Function::tanh}},
    {"swish", {Function::silu}},
    {"silu", {Function::silu}},
    {"hard_swish", {Function::hard_swish}},
    {"hard_silu", {Function::hard_swish}},
    {"gelu", {Function::gelu}},
    {"softplus", {Function::softplus}},
    {"softmax",
     {},
     [](general::Net&, Feature feature, bool) { return awaiting(feature, "softmax"); }},
};

/// "linear, relu, ..., and softmax at the end".
std::string supported_functions() {
  std::string list;
  for (const NamedFunction& f : named_functions) {
    const bool last = &f == std::end(named_functions) - 1;
    list += joined(list.empty() ? "" : ", ", last ? "and " : "", f.name);
  }
  return list + " at the end";
}

}  // namespace

Feature apply(general::Net& net, Feature feature, const ScalarFunction& function) {
  Node node;
  node.op = Op::activation;
  node.function = function;
  feature.node = net.append(node, {feature.node});
  feature.sole = true;
  return feature;
}

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

Feature apply_named(general::Net& net, Feature feature, const std::string& name, bool keras3) {
  if (name.empty()) return feature;
  const auto called = [](const NamedFunction& f) { return std::string_view(f.name); };
  const auto found = std::ranges::find(named_functions, name, called);
  if (found == std::end(named_functions)) {
    throw UserError(
        joined("its activation is ", in_quotes(name), "; supported are ", supported_functions()));
  }
  if (found->way != nullptr) return found->way(net, std::move(feature), keras3);
  return apply(net, std::move(feature), found->function);
}

Feature activated(const Site& site, Feature feature) {
  return apply_named(site.net, std::move(feature), site.layer.activation, site.keras3);
}

Feature settled(general::Net& net, Feature feature) {
  if (feature.pending.empty()) return feature;
  if (feature.pending == "softmax") {
    throw UserError("it reads a softmax; one is supported at the network's end");
  }
  feature.pending.clear();
  return apply(net, feature, {Function::sigmoid});
}

void add_number_rules(std::map<std::string, LayerRule>& rules) {
  rules["Activation"] = activation_layer;
  rules["ReLU"] = relu_layer;
  rules["LeakyReLU"] = leaky_relu;
  rules["ELU"] = elu;
  rules["PReLU"] = prelu;
  rules["Softmax"] = softmax;
  rules["BatchNormalization"] = batch_norm;
  rules["LayerNormalization"] = layer_norm;
  rules["Rescaling"] = rescaling;
  rules["Normalization"] = normalization;
}

}  // namespace hdecomp::keras_graph
