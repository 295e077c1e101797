/// The reader of Keras's weights: a group per layer, with attributes that list the layers and their
/// tensors.
#include "weights/keras/keras_h5.h"
#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/hdf5/hdf5_read.h"
#include "weights/keras/keras3_h5.h"
#include "weights/keras/keras_config.h"
#include "weights/keras/keras_roles.h"

namespace hdecomp {
namespace {

class KerasReader {
 public:
  KerasReader(const std::string& path, uint64_t file_bytes)
      : path_(path), budget_(path, file_bytes) {}

  TensorFile read();

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UserError(joined(path_, ": ", why));
  }
  void refuse_own(hid_t file) const;
  H5Handle open_weights(hid_t file) const;
  std::vector<std::string> read_list(hid_t group, const std::string& name,
                                     const std::string& owner) const;
  void read_config(hid_t file);
  void read_layer(hid_t weights, const std::string& layer);
  void add_layer(const std::string& layer, const std::string& owner,
                 const std::vector<KerasTensorName>& names, std::vector<Tensor>& tensors);
  void add_numbered(const std::string& layer, const std::vector<KerasTensorName>& names,
                    std::vector<Tensor>& tensors);

  const std::string& path_;
  SizeBudget budget_;
  TensorFile file_;
};

/// Files of hdecomp's say at their root what they are; Keras's have no such attribute.
void KerasReader::refuse_own(hid_t file) const {
  if (!has_attribute(file, "format")) return;
  refuse("not a Keras file; if hdecomp wrote it, it is a model already and needs no conversion");
}

// Weights alone are at the root; a whole saved model keeps them in a group.
H5Handle KerasReader::open_weights(hid_t file) const {
  for (const char* name : {"/", "model_weights"}) {
    H5Handle group = open_group(file, name);
    if (!group.valid()) continue;
    if (has_attribute(group, "layer_names") || has_attribute(group, "layer_names0")) return group;
  }
  refuse(
      "an HDF5 file without Keras's 'layer_names' or 'layers'; save with "
      "model.save_weights('NAME.weights.h5')");
}

// Keras splits a list of more than 64 KiB into NAME0, NAME1, ...
std::vector<std::string> KerasReader::read_list(hid_t group, const std::string& name,
                                                const std::string& owner) const {
  if (has_attribute(group, name) || !has_attribute(group, name + "0")) {
    return read_strings(group, name, joined(path_, ": ", owner, "'s attribute ", name));
  }
  std::vector<std::string> all;
  for (int part = 0; has_attribute(group, joined(name, part)); ++part) {
    const std::string line = joined(path_, ": ", owner, "'s attribute ", name, part);
    const std::vector<std::string> some = read_strings(group, joined(name, part), line);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

void KerasReader::read_layer(hid_t weights, const std::string& layer) {
  const std::string owner = joined("layer ", in_quotes(layer));
  const H5Handle group = open_group(weights, layer);
  if (!group.valid()) refuse(joined(owner, " is listed but not there: the file is damaged"));
  std::vector<KerasTensorName> names;
  std::vector<Tensor> tensors;
  for (const std::string& name : read_list(group, "weight_names", owner)) {
    const std::string line = joined(path_, ": tensor ", in_quotes(name), " of ", owner);
    const H5Handle dataset = open_dataset(group, name);
    checked(dataset.get(), line, " is listed but not there: the file is damaged");
    std::optional<Tensor> tensor = read_floats(dataset, budget_, line);
    if (!tensor) continue;
    names.push_back({name, tensor->shape().rank()});
    tensors.push_back(std::move(*tensor));
  }
  add_layer(layer, owner, names, tensors);
}

// A model that is a layer of another has its own layers' tensors in one list, as
// "block1_conv1/kernel:0" in layer "vgg16".
void KerasReader::add_layer(const std::string& layer, const std::string& owner,
                            const std::vector<KerasTensorName>& names,
                            std::vector<Tensor>& tensors) {
  std::vector<std::string_view> roles = keras_roles(names);
  const bool nested = roles.size() != names.size();
  if (nested) roles = keras_roles_of_several(names);
  if (roles.size() != names.size()) {
    if (file_.keras_config != nullptr) return add_numbered(layer, names, tensors);
    refuse(joined(owner, " has ", names.size(), " tensors, the first ", in_quotes(names[0].name),
                  "; only kernel and bias, or gamma, beta, mean and variance are read"));
  }
  for (size_t i = 0; i < roles.size(); ++i) {
    const std::string& in_file = names[i].name;
    const std::string name =
        joined(nested ? std::string(keras_owner(in_file)) : layer, "/", roles[i]);
    file_.spelling[name] = in_file;
    if (!file_.tensors.emplace(name, std::move(tensors[i])).second) {
      refuse(joined(nested ? joined("tensor ", in_quotes(in_file), " of ", owner) : owner,
                    " comes twice: the file is damaged"));
    }
  }
}

/// Tensors whose use is not known, in a file that describes its layers: that the network cannot be
/// read is said of the layer then.
void KerasReader::add_numbered(const std::string& layer, const std::vector<KerasTensorName>& names,
                               std::vector<Tensor>& tensors) {
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string name = joined(layer, "/", i);
    file_.spelling[name] = names[i].name;
    if (!file_.tensors.emplace(name, std::move(tensors[i])).second) {
      refuse(joined("layer ", in_quotes(layer), " comes twice: the file is damaged"));
    }
  }
}

/// A whole saved model describes itself in an attribute; weights alone do not.
void KerasReader::read_config(hid_t file) {
  constexpr const char* attribute = "model_config";
  if (!has_attribute(file, attribute)) return;
  const std::vector<std::string> text =
      read_strings(file, attribute, joined(path_, ": the attribute ", attribute));
  if (text.size() != 1) refuse("has a model_config of no text: the file is damaged");
  file_.keras_config =
      std::make_shared<const KerasLayer>(read_keras_config(text[0], path_, attribute));
}

TensorFile KerasReader::read() {
  const SilentHdf5 silent;
  const H5Handle file = open_hdf5(path_);
  refuse_own(file);
  read_config(file);
  if (is_keras3(file) && !has_attribute(file, "layer_names")) {
    return read_keras3(file, path_, budget_, nullptr);
  }
  const H5Handle weights = open_weights(file);
  file_.dialect = Dialect::keras;
  for (const std::string& layer : read_list(weights, "layer_names", "the file")) {
    read_layer(weights, layer);
  }
  if (file_.tensors.empty()) refuse("holds no float tensors");
  return std::move(file_);
}

}  // namespace

TensorFile read_keras(const std::string& path) {
  // Only for the checks and the size; HDF5 opens the file itself.
  const uint64_t file_bytes = FileBytes(path).bytes().size();
  return KerasReader(path, file_bytes).read();
}

}  // namespace hdecomp
