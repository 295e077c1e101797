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
constexpr size_t most_name_bytes = 200;

class ConfigReader {
 public:
  explicit ConfigReader(const std::string& path) : path_(path) {}

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
    result.activation = text(config, "activation");
    if (const json& epsilon = member(config, "epsilon"); epsilon.is_number()) {
      result.epsilon = epsilon.get<double>();
      if (!(*result.epsilon > 0 && *result.epsilon < 1)) {
        refuse(joined("gives layer ", in_quotes(result.name), " an epsilon of ", *result.epsilon));
      }
    }
    const json& layers = member(config, "layers");
    if (!layers.is_array()) return result;
    for (const json& each : layers) result.layers.push_back(layer(each));
    return result;
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw UserError(joined(path_, ": config.json ", why));
  }

 private:
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
    if (content.size() > most_name_bytes) {
      refuse(joined("holds a ", name, " of ", content.size(), " bytes; at most ", most_name_bytes,
                    " are read"));
    }
    return content;
  }

  const std::string& path_;
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

KerasLayer read_keras_config(std::string_view content, const std::string& path) {
  const ConfigReader reader(path);
  const JsonFault fault = check_json(content, limits);
  if (fault.kind == JsonFault::Kind::syntax) reader.refuse("is no JSON: it is damaged");
  if (fault.kind != JsonFault::Kind::none) {
    reader.refuse("is too large, too deep, or names a key twice: it is damaged");
  }
  KerasLayer model = reader.layer(json::parse(content, nullptr, false));
  if (model.layers.empty()) {
    reader.refuse(joined("lists no layers: ", in_quotes(model.kind),
                         " is no Functional or Sequential model, and no other is read"));
  }
  return model;
}

void check_keras_layers(const KerasLayer& model, const std::string& path) {
  for (const KerasLayer& layer : model.layers) {
    if (std::ranges::find(known_kinds, layer.kind) == known_kinds.end()) {
      throw UserError(joined(path, ": layer ", in_quotes(layer.name), " is a ",
                             in_quotes(layer.kind),
                             ", which no VGG or ResNet has; of Keras models these two are read"));
    }
    if (!activation_fits(layer)) {
      throw UserError(joined(path, ": layer ", in_quotes(layer.name), " has the activation ",
                             in_quotes(layer.activation), "; relu is read, and softmax or sigmoid ",
                             "at the end"));
    }
    check_keras_layers(layer, path);
  }
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
