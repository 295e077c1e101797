/// Activations: a function of each number alone.
#include <algorithm>
#include <string_view>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
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
    {"exponential", {Function::exp}},
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

void add_function_rules(std::map<std::string, LayerRule>& rules) {
  rules["Activation"] = activation_layer;
  rules["ReLU"] = relu_layer;
  rules["LeakyReLU"] = leaky_relu;
  rules["ELU"] = elu;
  rules["PReLU"] = prelu;
  rules["Softmax"] = softmax;
}

}  // namespace hdecomp::keras_graph
