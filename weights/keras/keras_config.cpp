/// Reading a Keras model's JSON.
#include "weights/keras/keras_config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "hdecomp/error.h"
#include "nets/lower.h"
#include "weights/file/in_quotes.h"
#include "weights/file/json_check.h"

namespace hdecomp {
namespace {

using nlohmann::json;

constexpr JsonLimits limits{.depth = 64, .events = size_t{1} << 21};

class ConfigReader {
 public:
  ConfigReader(const std::string& path, const std::string& what) : path_(path), what_(what) {}

  KerasLayer model(const json& entry) const {
    try {
      return layer(entry);
    } catch (const UserError& fault) {
      const std::string line = fault.what();
      if (line.starts_with(path_)) throw;
      refuse(line);
    }
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw UserError(joined(path_, ": ", what_, " ", why));
  }

 private:
  /// {"class_name": ..., "config": {"name": ..., "layers": [...]}}
  KerasLayer layer(const json& entry) const {
    KerasLayer result;
    result.kind = text(entry, "class_name");
    const json& config = member(entry, "config");
    if (result.kind.empty() || !config.is_object()) {
      refuse("holds a layer without class_name and config");
    }
    result.name = text(config, "name");
    if (result.name.empty()) result.name = text(entry, "name");
    // A function or a layer of its own is {"class_name": ..., "config": "relu6"}.
    const json& activation = member(config, "activation");
    result.activation = text(config, "activation");
    if (activation.is_object()) {
      result.activation = text(activation, "config");
      if (result.activation.empty()) result.activation = text(activation, "class_name");
    }
    if (const json& epsilon = member(config, "epsilon"); epsilon.is_number()) {
      result.epsilon = epsilon.get<double>();
      if (!(*result.epsilon > 0 && *result.epsilon < 1)) {
        refuse(joined("gives layer ", in_quotes(result.name), " an epsilon of ", *result.epsilon));
      }
    }
    result.calls = keras_calls(member(entry, "inbound_nodes"));
    result.inputs = keras_outputs(member(config, "input_layers"));
    result.outputs = keras_outputs(member(config, "output_layers"));
    json settings = json::object();
    for (const auto& [name, value] : config.items()) {
      if (name != "layers") settings[name] = value;
    }
    result.settings = std::make_shared<const json>(std::move(settings));
    const json& layers = member(config, "layers");
    if (!layers.is_array()) return result;
    for (const json& each : layers) result.layers.push_back(layer(each));
    return result;
  }

  static const json& member(const json& object, const char* name) {
    static const json none;
    if (!object.is_object()) return none;
    const auto found = object.find(name);
    return found == object.end() ? none : *found;
  }
  std::string text(const json& object, const char* name) const {
    const json& value = member(object, name);
    if (!value.is_string()) return {};
    const auto& content = value.get_ref<const std::string&>();
    if (content.size() > most_keras_name_bytes) {
      refuse(joined("holds a ", name, " of ", content.size(), " bytes; at most ",
                    most_keras_name_bytes, " are read"));
    }
    return content;
  }

  const std::string& path_;
  const std::string& what_;
};

/// What leaves the numbers as they are, or has no weights in VGG and ResNet either.
constexpr std::array<std::string_view, 14> known_kinds{
    "InputLayer",    "Conv2D",    "BatchNormalization",
    "MaxPooling2D",  "ReLU",      "Activation",
    "ZeroPadding2D", "Add",       "Flatten",
    "Dropout",       "Dense",     "GlobalAveragePooling2D",
    "Functional",    "Sequential"};

bool one_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::ranges::find(list, text) != list.end();
}

bool activation_fits(const KerasLayer& layer) {
  if (one_of(layer.kind, {"Conv2D", "Dense", "Activation"})) {
    return one_of(layer.activation, {"", "relu", "linear", "softmax", "sigmoid"});
  }
  return true;
}

}  // namespace

KerasLayer read_keras_config(std::string_view content, const std::string& path,
                             const std::string& what) {
  const ConfigReader reader(path, what);
  const JsonFault fault = check_json(content, limits);
  if (fault.kind == JsonFault::Kind::syntax) reader.refuse("is no JSON: it is damaged");
  if (fault.kind != JsonFault::Kind::none) {
    reader.refuse("is too large, too deep, or names a key twice: it is damaged");
  }
  KerasLayer model = reader.model(json::parse(content, nullptr, false));
  if (model.layers.empty()) {
    reader.refuse(joined("lists no layers: ", in_quotes(model.kind),
                         " is no Functional or Sequential model, and no other is read"));
  }
  return model;
}

bool has_only_layers_of_applications(const KerasLayer& model) {
  return std::ranges::all_of(model.layers, [](const KerasLayer& layer) {
    return std::ranges::find(known_kinds, layer.kind) != known_kinds.end() &&
           activation_fits(layer) && has_only_layers_of_applications(layer);
  });
}

std::string keras_snake_case(const std::string& kind) {
  const auto upper = [&](size_t i) { return kind[i] >= 'A' && kind[i] <= 'Z'; };
  const auto lower = [&](size_t i) { return i < kind.size() && kind[i] >= 'a' && kind[i] <= 'z'; };
  std::string name;
  for (size_t i = 0; i < kind.size(); ++i) {
    if (i > 0 && upper(i) && (lower(i - 1) || lower(i + 1))) name += '_';
    name += ascii_lower(kind[i]);
  }
  return name;
}

}  // namespace hdecomp
