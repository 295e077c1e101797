/// Parses decisions against a model's layers and classes.
#include "runtime/network/decision.h"

#include <optional>

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "nets/layer_names.h"

namespace hdecomp {
namespace {

/// CHANNEL@Y,X or CHANNEL.
std::optional<Neuron> parse_neuron(std::string_view spelling, bool needs_position) {
  const size_t at = spelling.find('@');
  const auto channel = number_in(spelling.substr(0, at));
  if (!channel || (at == std::string_view::npos && needs_position)) return {};
  if (at == std::string_view::npos) return Neuron{*channel, 0, 0};
  const std::string_view position = spelling.substr(at + 1);
  const size_t comma = position.find(',');
  if (comma == std::string_view::npos) return {};
  const auto y = number_in(position.substr(0, comma));
  const auto x = number_in(position.substr(comma + 1));
  if (!y || !x) return {};
  return Neuron{*channel, *y, *x};
}

void check_inside(const std::string& layer, const FeatureShape& shape, const Neuron& neuron) {
  if (neuron.channel < 0 || neuron.channel >= shape.channels) {
    throw UserError(joined("--from: layer ", layer, " has no channel ", neuron.channel,
                           "; its channels are 0 to ", shape.channels - 1));
  }
  if (neuron.y < 0 || neuron.y >= shape.height || neuron.x < 0 || neuron.x >= shape.width) {
    throw UserError(joined("--from: position (", neuron.y, ", ", neuron.x,
                           ") is outside the map of layer ", layer, ", which is ", shape.height,
                           " x ", shape.width));
  }
}

}  // namespace

bool is_class(const Graph& graph, const Decision& decision) {
  return graph.has_scores && decision.node == graph.scores();
}

Decision parse_decision(const Model& model, const std::string& spelling) {
  const Graph& graph = model.data()->graph;
  const size_t colon = spelling.find(':');
  const std::string wanted =
      "--from: '" + spelling + "' is not LAYER:CHANNEL@Y,X (as conv5_3:277@7,6) or class:NAME";
  if (colon == std::string::npos || colon == 0) throw UserError(wanted);
  const std::string layer = spelling.substr(0, colon), rest = spelling.substr(colon + 1);
  if (layer == "class") return {graph.scores(), {model.find_class(rest), 0, 0}};
  Decision decision;
  decision.node = find_layer(graph, layer);
  const FeatureShape& shape = graph.shapes[decision.node];
  const auto neuron = parse_neuron(rest, shape.height > 1 || shape.width > 1);
  if (!neuron) throw UserError(wanted);
  decision.neuron = *neuron;
  check_inside(layer, shape, decision.neuron);
  return decision;
}

void require_positive(const std::string& what, double value) {
  if (value > 0) return;
  throw ImageError(
      joined(what, " is ", value, "; only a positive decision can be decomposed (Eq. 1)"));
}

}  // namespace hdecomp
