/// Walks Keras 3's groups. Its saving code (keras/src/saving/saving_lib.py) puts an object's own
/// tensors into PATH/vars/0, 1, ..., and the objects of a list into PATH/LIST/KIND, KIND_1, ...
#include "weights/keras/keras3_h5.h"

#include <algorithm>
#include <array>
#include <map>

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "weights/file/in_quotes.h"
#include "weights/keras/keras_roles.h"

namespace hdecomp {
namespace {

constexpr int most_depth = 32;  // of groups inside each other
constexpr size_t most_groups = 1 << 16;
constexpr const char* own_tensors = "vars";

/// One layer's place and tensors.
struct Found {
  std::vector<std::string> place;  // "layers", "functional", "layers", "conv2d_3"
  std::string name;                // what the file calls it; empty where it does not
  std::vector<Tensor> tensors;
  const KerasLayer* known = nullptr;  // the config's layer
};

/// "conv2d", 3 of "conv2d_3"; 0 of "conv2d".
std::pair<std::string, int> kind_and_number(const std::string& group) {
  const size_t mark = group.rfind('_');
  if (mark == std::string::npos) return {group, 0};
  const std::optional<int> number = number_in<int>(std::string_view(group).substr(mark + 1));
  return number ? std::pair(group.substr(0, mark), *number) : std::pair(group, 0);
}

/// Models inside come first, then the order in which Keras counted.
bool comes_before(const Found& left, const Found& right) {
  if (left.place.size() != right.place.size()) return left.place.size() > right.place.size();
  for (size_t i = 0; i < left.place.size(); ++i) {
    if (left.place[i] != right.place[i]) {
      return kind_and_number(left.place[i]) < kind_and_number(right.place[i]);
    }
  }
  return false;
}

class Keras3Reader {
 public:
  Keras3Reader(const std::string& path, SizeBudget& budget) : path_(path), budget_(budget) {}

  void walk(hid_t group, std::vector<std::string>& place) {
    if (place.size() > most_depth || ++groups_ > most_groups) {
      refuse("has too many groups, or too deep: the file is damaged");
    }
    for (const std::string& name : children(group)) {
      if (place.empty() && is_training_state(name)) continue;
      const H5Handle child = open_group(group, name);
      if (!child.valid()) continue;
      if (name == own_tensors) {
        read_layer(child, place);
        continue;
      }
      place.push_back(name);
      walk(child, place);
      place.pop_back();
    }
  }

  std::vector<Found> take() {
    std::ranges::stable_sort(layers_, comes_before);
    return std::move(layers_);
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw UserError(joined(path_, ": ", why));
  }

 private:
  static bool is_training_state(const std::string& name) {
    return name == "optimizer" || name.find("metric") != std::string::npos ||
           name.find("loss") != std::string::npos;
  }

  std::vector<std::string> children(hid_t group) const {
    H5G_info_t info{};
    checked(H5Gget_info(group, &info), path_, ": a group cannot be read: the file is damaged");
    if (info.nlinks > most_groups) refuse("has too many groups: the file is damaged");
    std::vector<std::string> names;
    for (hsize_t i = 0; i < info.nlinks; ++i) {
      std::array<char, 256> name{};
      const ssize_t length = checked(H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i,
                                                        name.data(), name.size(), H5P_DEFAULT),
                                     path_, ": a group cannot be read: the file is damaged");
      if (static_cast<size_t>(length) >= name.size()) refuse("has a group of a name too long");
      names.emplace_back(name.data());
    }
    return names;
  }

  void read_layer(hid_t vars, const std::vector<std::string>& place) {
    Found layer{place, {}, {}};
    std::string at;
    for (const std::string& each : place) at += each + "/";
    if (has_attribute(vars, "name")) {
      const std::vector<std::string> names =
          read_strings(vars, "name", joined(path_, ": the name of ", in_quotes(at)));
      if (names.size() == 1) layer.name = names[0];
    }
    for (int i = 0; has_link(vars, joined(i)); ++i) {
      const std::string line = joined(path_, ": tensor ", in_quotes(joined(at, "vars/", i)));
      const H5Handle dataset = open_dataset(vars, joined(i));
      checked(dataset.get(), line, " cannot be read: the file is damaged");
      if (auto tensor = read_floats(dataset, budget_, line)) {
        layer.tensors.push_back(std::move(*tensor));
      }
    }
    if (!layer.tensors.empty()) layers_.push_back(std::move(layer));
  }

  const std::string& path_;
  SizeBudget& budget_;
  size_t groups_ = 0;
  std::vector<Found> layers_;
};

/// The config's layer at a place; null if it has none there.
const KerasLayer* layer_at(const KerasLayer& model, std::span<const std::string> place) {
  if (place.size() < 2) return nullptr;
  std::map<std::string, int> counts;
  for (const KerasLayer& layer : model.layers) {
    const std::string kind = keras_snake_case(layer.kind);
    const int number = counts[kind]++;
    if ((number == 0 ? kind : joined(kind, "_", number)) != place[1]) continue;
    return place.size() == 2 ? &layer : layer_at(layer, place.subspan(2));
  }
  return nullptr;
}

/// Gives the layers their names; those of one kind without one are counted over the whole file.
void name_layers(std::vector<Found>& layers, const KerasLayer* config, TensorFile& file) {
  std::map<std::string, int> counts;
  for (Found& layer : layers) {
    const KerasLayer* known = config == nullptr ? nullptr : layer_at(*config, layer.place);
    layer.known = known;
    if (known != nullptr && !known->name.empty()) layer.name = known->name;
    if (layer.name.empty()) {
      const std::string kind =
          layer.place.empty() ? "layer" : kind_and_number(layer.place.back()).first;
      const int number = counts[kind]++;
      layer.name = number == 0 ? kind : joined(kind, "_", number);
    }
    if (known != nullptr && known->epsilon) file.norm_epsilon[layer.name] = *known->epsilon;
  }
}

std::string spelled(const std::vector<std::string>& place, size_t tensor) {
  std::string name;
  for (const std::string& each : place) name += each + "/";
  return joined(name, own_tensors, "/", tensor);
}

/// Layers that the config describes may hold other tensors, which are numbered: that the network
/// cannot be read is said of the layer then, not of its tensors.
std::vector<std::string> roles_of(const Found& layer, const Keras3Reader& reader) {
  std::vector<KerasTensorName> names;
  std::vector<std::string> numbers;
  for (const Tensor& tensor : layer.tensors) {
    names.push_back({joined(names.size()), tensor.shape().rank()});
    numbers.push_back(names.back().name);
  }
  std::vector<std::string_view> roles;
  if (layer.known != nullptr) roles = keras_roles_of(*layer.known);
  if (roles.size() != names.size()) roles = keras_roles(names);
  if (roles.size() == names.size()) return {roles.begin(), roles.end()};
  if (layer.known != nullptr) return numbers;
  reader.refuse(joined("layer ", in_quotes(layer.name), " has ", names.size(), " tensors at ",
                       in_quotes(spelled(layer.place, 0)),
                       "; only kernel and bias, or gamma, beta, mean and variance are read"));
}

}  // namespace

bool is_keras3(hid_t file) {
  return has_link(file, "layers") || has_link(file, "_layer_checkpoint_dependencies");
}

TensorFile read_keras3(hid_t file, const std::string& path, SizeBudget& budget,
                       const KerasLayer* config) {
  Keras3Reader reader(path, budget);
  std::vector<std::string> place;
  reader.walk(file, place);
  std::vector<Found> layers = reader.take();
  TensorFile result;
  result.dialect = Dialect::keras;
  name_layers(layers, config, result);
  for (Found& layer : layers) {
    const std::vector<std::string> roles = roles_of(layer, reader);
    for (size_t i = 0; i < roles.size(); ++i) {
      const std::string name = joined(layer.name, "/", roles[i]);
      result.spelling[name] = spelled(layer.place, i);
      if (!result.tensors.emplace(name, std::move(layer.tensors[i])).second) {
        reader.refuse(joined("two layers are called ", in_quotes(layer.name)));
      }
    }
  }
  if (result.tensors.empty()) reader.refuse("holds no float tensors");
  return result;
}

}  // namespace hdecomp
