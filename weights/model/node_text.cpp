/// Nodes to JSON and back. What a node has as it is by default is not written.
#include "weights/model/node_text.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "hdecomp/error.h"
#include "nets/op_traits.h"
#include "weights/file/in_quotes.h"
#include "weights/file/json_check.h"

namespace hdecomp {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, function_count> function_names{
    "clip",       "leaky_relu", "elu",  "sigmoid",   "hard_sigmoid", "silu",
    "hard_swish", "tanh",       "gelu", "gelu_tanh", "softplus"};
constexpr std::array<const char*, 3> activation_names{"none", "relu", "relu6"};

/// Calls field(name, member) for each number of a node. Reader and writer are both made of it.
template <class AnyNode, class Visitor>
void each_number(AnyNode& node, Visitor&& field) {
  field("out_channels", node.out_channels);
  field("groups", node.groups);
  field("pool_size", node.pool_size);
  field("first_channel", node.first_channel);
  field("alpha", node.function.alpha);
  field("beta", node.function.beta);
  field("lrn_size", node.lrn.size);
  field("lrn_before", node.lrn.before);
  field("lrn_alpha", node.lrn.alpha);
  field("lrn_beta", node.lrn.beta);
  field("lrn_k", node.lrn.k);
  field("epsilon", node.epsilon);
}

/// Infinite bounds of a clip have no number in JSON.
Json json_of(float value) {
  if (value == std::numeric_limits<float>::infinity()) return "inf";
  if (value == -std::numeric_limits<float>::infinity()) return "-inf";
  return value;
}
Json json_of(int64_t value) { return value; }

Json json_of(const KernelAxis& axis) {
  return {axis.size, axis.stride, axis.pad, axis.pad_end, axis.dilation};
}

Json json_of(const Node& node) {
  Json line{{"op", traits(node.op).name}, {"name", node.name}, {"inputs", node.inputs}};
  Node usual;
  std::vector<Json> defaults;
  each_number(usual, [&](const char*, const auto& value) { defaults.push_back(json_of(value)); });
  size_t i = 0;
  each_number(node, [&](const char* name, const auto& value) {
    Json number = json_of(value);
    if (number != defaults[i++]) line[name] = std::move(number);
  });
  if (node.activation != Activation::none) {
    line["activation"] = activation_names.at(static_cast<size_t>(node.activation));
  }
  if (node.y != KernelAxis{}) line["y"] = json_of(node.y);
  if (node.x != KernelAxis{}) line["x"] = json_of(node.x);
  if (node.rounding == Rounding::up) line["ceil"] = true;
  if (node.count_padding) line["count_padding"] = true;
  if (node.op == Op::activation) {
    line["function"] = function_names.at(static_cast<size_t>(node.function.function));
  }
  if (!node.torchvision.empty()) line["also"] = node.torchvision;
  return line;
}

template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  throw UserError(joined(parts...));
}

/// One line of the file.
class NodeReader {
 public:
  NodeReader(const std::string& text, size_t position) : where_(joined("node ", position)) {
    const JsonLimits limits{.depth = 3, .events = 10000};
    if (check_json(text, limits).kind != JsonFault::Kind::none) {
      refuse(where_, " is no JSON object of distinct fields: ", in_quotes(text));
    }
    Json line = Json::parse(text, nullptr, false);
    if (!line.is_object()) refuse(where_, " is no JSON object: ", in_quotes(text));
    line_ = std::move(line);
  }

  Node read(int position) {
    Node node;
    node.name = short_text(take("name"), "name");
    where_ += " " + in_quotes(node.name);
    node.op = static_cast<Op>(one_of(take("op"), "op", [](size_t i) {
      return i < op_table().size() ? op_table()[i].name : nullptr;
    }));
    for (const Json& input : list(take("inputs"), "inputs", 4096)) {
      const int64_t of = whole(input, "inputs");
      if (of < 0 || of >= position) refuse(where_, ": input ", of, "; it must be a node before it");
      node.inputs.push_back(static_cast<int>(of));
    }
    each_number(node, [&](const char* name, auto& value) {
      if (line_.contains(name)) set(take(name), name, value);
    });
    if (line_.contains("activation")) {
      node.activation =
          static_cast<Activation>(one_of(take("activation"), "activation", [](size_t i) {
            return i < activation_names.size() ? activation_names[i] : nullptr;
          }));
    }
    if (line_.contains("function")) {
      node.function.function =
          static_cast<Function>(one_of(take("function"), "function", [](size_t i) {
            return i < function_names.size() ? function_names[i] : nullptr;
          }));
    }
    if (line_.contains("y")) node.y = axis(take("y"), "y");
    if (line_.contains("x")) node.x = axis(take("x"), "x");
    if (line_.contains("ceil")) node.rounding = truth("ceil") ? Rounding::up : Rounding::down;
    if (line_.contains("count_padding")) node.count_padding = truth("count_padding");
    if (line_.contains("also")) {
      for (const Json& name : list(take("also"), "also", 16))
        node.torchvision.push_back(short_text(name, "also"));
    }
    if (!line_.empty()) refuse(where_, ": unknown field ", in_quotes(line_.begin().key()));
    return node;
  }

 private:
  Json take(const char* field) {
    const auto found = line_.find(field);
    if (found == line_.end()) refuse(where_, ": no field '", field, "'");
    Json value = *found;
    line_.erase(found);
    return value;
  }
  std::string short_text(const Json& value, const char* field) const {
    if (!value.is_string()) refuse(where_, ": '", field, "' is no text");
    std::string text = value.get<std::string>();
    const bool safe = !text.empty() && text.size() <= 120 &&
                      std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
    if (!safe)
      refuse(where_, ": ", in_quotes(text), " is no name of 1 to 120 printable characters");
    return text;
  }
  const Json& list(const Json& value, const char* field, size_t most) {
    if (!value.is_array() || value.size() > most) refuse(where_, ": '", field, "' is no list");
    kept_ = value;
    return kept_;
  }
  int64_t whole(const Json& value, const char* field) const {
    if (!value.is_number_integer()) refuse(where_, ": '", field, "' is no whole number");
    if (value.is_number_unsigned() && value.get<uint64_t>() > std::numeric_limits<int64_t>::max())
      refuse(where_, ": '", field, "' is too large");
    return value.get<int64_t>();
  }
  void set(const Json& value, const char* field, int64_t& to) const { to = whole(value, field); }
  void set(const Json& value, const char* field, float& to) const {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    if (value == "inf")
      to = infinity;
    else if (value == "-inf")
      to = -infinity;
    else if (value.is_number())
      to = value.get<float>();
    else
      refuse(where_, ": '", field, "' is no number");
  }
  bool truth(const char* field) {
    const Json value = take(field);
    if (!value.is_boolean()) refuse(where_, ": '", field, "' is neither true nor false");
    return value.get<bool>();
  }
  KernelAxis axis(const Json& value, const char* field) const {
    if (!value.is_array() || value.size() != 5) refuse(where_, ": '", field, "' needs 5 numbers");
    return {whole(value[0], field), whole(value[1], field), whole(value[2], field),
            whole(value[3], field), whole(value[4], field)};
  }
  template <class NameOf>
  size_t one_of(const Json& value, const char* field, NameOf&& name) const {
    const std::string text = short_text(value, field);
    for (size_t i = 0; name(i) != nullptr; ++i) {
      if (text == name(i)) return i;
    }
    refuse(where_, ": unknown ", field, " ", in_quotes(text));
  }

  std::string where_;
  Json line_, kept_;
};

}  // namespace

std::string node_line(const Node& node) { return json_of(node).dump(); }

Node node_of_line(const std::string& line, size_t position) {
  return NodeReader(line, position).read(static_cast<int>(position));
}

}  // namespace hdecomp
