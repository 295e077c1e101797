/// Nodes to JSON and back. What a node has as it is by default is not written.
#include "weights/model/node_text.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "hdecomp/error.h"
#include "nets/node_numbers.h"
#include "nets/op_traits.h"
#include "weights/file/in_quotes.h"
#include "weights/file/json_check.h"

namespace hdecomp {
namespace {

using Json = nlohmann::ordered_json;

/// Infinite bounds of a clip have no number in JSON.
Json json_of(float value) {
  if (value == std::numeric_limits<float>::infinity()) return "inf";
  if (value == -std::numeric_limits<float>::infinity()) return "-inf";
  return value;
}
Json json_of(int64_t value) { return value; }
Json json_of(bool value) { return value; }
Json json_of(Rounding rounding) { return rounding == Rounding::up; }
Json json_of(Activation activation) { return name_of(activation); }
Json json_of(Function function) { return name_of(function); }
Json json_of(const KernelAxis& axis) {
  const auto& [size, stride, pad, pad_end, dilation] = axis;
  return {size, stride, pad, pad_end, dilation};
}

Json json_of(const Node& node) {
  Json line{{"op", traits(node.op).name}, {"name", node.name}, {"inputs", node.inputs}};
  const Node usual;
  std::vector<Json> defaults;
  each_number(usual, [&](const char*, const auto& value) { defaults.push_back(json_of(value)); });
  size_t i = 0;
  each_number(node, [&](const char* name, const auto& value) {
    Json number = json_of(value);
    const bool names_op = node.op == Op::activation && name == std::string_view("function");
    if (number != defaults[i++] || names_op) line[name] = std::move(number);
  });
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
  void set(const Json& value, const char* field, bool& to) const {
    if (!value.is_boolean()) refuse(where_, ": '", field, "' is neither true nor false");
    to = value.get<bool>();
  }
  void set(const Json& value, const char* field, Rounding& to) const {
    bool up = false;
    set(value, field, up);
    to = up ? Rounding::up : Rounding::down;
  }
  template <class Named>
  requires std::is_enum_v<Named>
  void set(const Json& value, const char* field, Named& to) const {
    to = static_cast<Named>(
        one_of(value, field, [](size_t i) { return name_of(static_cast<Named>(i)); }));
  }
  void set(const Json& value, const char* field, KernelAxis& to) const {
    if (!value.is_array() || value.size() != 5) refuse(where_, ": '", field, "' needs 5 numbers");
    to = {whole(value[0], field), whole(value[1], field), whole(value[2], field),
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
