/// Both of Keras's ways to write the graph of a Functional model.
#include "weights/keras/keras_calls.h"

#include <nlohmann/json.hpp>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

using nlohmann::json;

/// ["conv2d", 0, 0], maybe with more behind it.
bool is_output(const json& value) {
  return value.is_array() && value.size() >= 3 && value[0].is_string() &&
         value[1].is_number_integer() && value[2].is_number_integer();
}

KerasOutput output_of(const json& value) {
  const auto& name = value[0].get_ref<const std::string&>();
  if (name.size() > most_keras_name_bytes) throw UserError("holds a layer's name that is too long");
  return {name, value[1].get<int64_t>(), value[2].get<int64_t>()};
}

/// Keras 3: values of any form, in which {"class_name": "__keras_tensor__"} stands for a tensor.
/// The text's depth was checked before.
void read_argument(const json& value, KerasCall& call) {
  if (value.is_number()) {
    if (call.inputs.empty()) call.number_first = true;
    call.numbers.push_back(value.get<double>());
    return;
  }
  if (value.is_array()) {
    for (const json& each : value) read_argument(each, call);
    return;
  }
  if (!value.is_object()) return;
  const auto config = value.find("config");
  if (config == value.end() || !config->is_object()) return;
  const auto history = config->find("keras_history");
  if (history != config->end() && is_output(*history)) call.inputs.push_back(output_of(*history));
}

KerasCall call_of_keras3(const json& node) {
  KerasCall call;
  for (const char* part : {"args", "kwargs"}) {
    const auto found = node.find(part);
    if (found == node.end()) continue;
    if (!found->is_object()) {
      read_argument(*found, call);
      continue;
    }
    for (const json& each : *found) read_argument(each, call);
  }
  return call;
}

/// Keras 2's fourth member: arguments beside the tensor, as {"y": 127.5, "name": null}; y may also
/// be a tensor.
void read_more(const json& more, KerasCall& call) {
  if (!more.is_object()) return;
  for (const json& each : more) {
    if (each.is_number()) call.numbers.push_back(each.get<double>());
    if (is_output(each)) call.inputs.push_back(output_of(each));
  }
}

void read_keras2(const json& node, KerasCall& call) {
  if (is_output(node)) {
    call.inputs.push_back(output_of(node));
    if (node.size() > 3) read_more(node[3], call);
    return;
  }
  if (!node.is_array()) throw UserError("holds inbound_nodes of a form that is not known");
  for (const json& each : node) {
    if (!is_output(each)) throw UserError("holds inbound_nodes of a form that is not known");
    call.inputs.push_back(output_of(each));
    if (each.size() > 3) read_more(each[3], call);
  }
}

}  // namespace

std::vector<KerasCall> keras_calls(const json& inbound_nodes) {
  std::vector<KerasCall> calls;
  if (!inbound_nodes.is_array()) return calls;
  for (const json& node : inbound_nodes) {
    if (node.is_object()) {
      calls.push_back(call_of_keras3(node));
      continue;
    }
    calls.emplace_back();
    read_keras2(node, calls.back());
  }
  return calls;
}

std::vector<KerasOutput> keras_outputs(const json& value) {
  if (is_output(value)) return {output_of(value)};
  std::vector<KerasOutput> all;
  if (!value.is_array()) return all;
  for (const json& each : value) {
    if (is_output(each)) all.push_back(output_of(each));
  }
  return all;
}

}  // namespace hdecomp
