/// Writes named tensors as Keras 3 does: NAME.weights.h5 and NAME.keras
/// (keras/src/saving/saving_lib.py).
#pragma once

#include "tests/weights/foreign_files.h"
#include "weights/hdf5/hdf5_memory.h"

namespace hdecomp::file_testing {

struct Keras3Form {
  bool names = false;   // newer versions keep a layer's own name beside its tensors
  bool nested = false;  // all but the dense layers are in a model that is the first layer
  const char* container = "layers";  // "_layer_checkpoint_dependencies" in TensorFlow 2.13
};

/// A layer's tensors, in the order in which Keras counts layers: those of a shortcut come before
/// the third of the branch, not first as in keras_resnet50().
struct Keras3Layer {
  std::string name, kind;
  std::vector<const NamedTensor*> tensors;
};
inline std::vector<Keras3Layer> keras3_layers(const NamedTensors& tensors) {
  std::vector<Keras3Layer> layers;
  for (const NamedTensor& tensor : tensors) {
    const std::string name = tensor.name.substr(0, tensor.name.find('/'));
    if (layers.empty() || layers.back().name != name) {
      const char* kind = tensor.dims.size() == 4   ? "Conv2D"
                         : tensor.dims.size() == 2 ? "Dense"
                                                   : "BatchNormalization";
      layers.push_back({name, kind, {}});
    }
    layers.back().tensors.push_back(&tensor);
  }
  for (const char* part : {"_0_conv", "_0_bn"}) {
    for (size_t i = 0; i < layers.size(); ++i) {
      if (!layers[i].name.ends_with(part)) continue;
      std::string third = layers[i].name;
      third[third.size() - std::string(part).size() + 1] = '3';
      const auto to = std::ranges::find(layers, third, &Keras3Layer::name);
      if (to > layers.begin() + static_cast<ptrdiff_t>(i)) {
        std::rotate(layers.begin() + static_cast<ptrdiff_t>(i),
                    layers.begin() + static_cast<ptrdiff_t>(i) + 1, to);
      }
    }
  }
  return layers;
}

inline std::string keras3_group(const std::string& kind, std::map<std::string, int>& counts) {
  const std::string snake = kind == "Conv2D"               ? "conv2d"
                            : kind == "BatchNormalization" ? "batch_normalization"
                                                           : "dense";
  const int number = counts[snake]++;
  return number == 0 ? snake : joined(snake, "_", number);
}

inline void put_keras3_layer(hid_t file, const std::string& place, const Keras3Layer& layer,
                             bool named) {
  const H5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const H5Handle vars(H5Gcreate2(file, (place + "/vars").c_str(), links, H5P_DEFAULT, H5P_DEFAULT),
                      H5Gclose);
  ASSERT_TRUE(vars.valid());
  if (named) write_keras_names(vars, "name", {layer.name});
  for (size_t i = 0; i < layer.tensors.size(); ++i) {
    const NamedTensor& tensor = *layer.tensors[i];
    const std::vector<hsize_t> extent(tensor.dims.begin(), tensor.dims.end());
    const H5Handle space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                         H5Sclose);
    const H5Handle data(H5Dcreate2(vars, joined(i).c_str(), H5T_IEEE_F32LE, space, H5P_DEFAULT,
                                   H5P_DEFAULT, H5P_DEFAULT),
                        H5Dclose);
    ASSERT_GE(H5Dwrite(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.values.data()),
              0);
  }
}

/// The file's bytes; with an optimizer's state, which is none of the model's.
inline Bytes keras3_weights(const NamedTensors& tensors, const Keras3Form& form) {
  const H5Handle file = create_hdf5_in_memory();
  std::map<std::string, int> inner, outer;
  for (const Keras3Layer& layer : keras3_layers(tensors)) {
    const bool inside = form.nested && layer.kind != "Dense";
    const std::string group = keras3_group(layer.kind, inside ? inner : outer);
    const std::string list = joined("/", form.container, "/");
    put_keras3_layer(file, inside ? joined(list, "functional", list, group) : joined(list, group),
                     layer, form.names);
  }
  const NamedTensor rate{"rate", {1}, {0.5f}};
  put_keras3_layer(file, "/optimizer", {"adam", "Adam", {&rate}}, false);
  return hdf5_bytes(file);
}

inline std::string keras3_entry(const Keras3Layer& layer) {
  const bool norm = layer.kind == "BatchNormalization";
  return joined("{\"module\":\"keras.layers\",\"class_name\":\"", layer.kind,
                "\",\"config\":{\"name\":\"", layer.name, "\"",
                norm ? ",\"epsilon\":1.001e-05" : "", norm ? "" : ",\"activation\":\"relu\"",
                "},\"name\":\"", layer.name, "\"}");
}

/// config.json of those layers; `more`: an entry after them.
inline std::string keras3_config(const NamedTensors& tensors, bool nested,
                                 const std::string& more = "") {
  std::string inner, outer;
  for (const Keras3Layer& layer : keras3_layers(tensors)) {
    std::string& list = nested && layer.kind != "Dense" ? inner : outer;
    list += (list.empty() ? "" : ",") + keras3_entry(layer);
  }
  if (nested) {
    outer =
        joined("{\"class_name\":\"Functional\",\"config\":{\"name\":\"base\",\"layers\":[", inner,
               "]}},{\"class_name\":\"Flatten\",\"config\":{\"name\":\"flatten\"}},", outer);
  }
  if (!more.empty()) outer += "," + more;
  return joined("{\"module\":\"keras\",\"class_name\":\"", nested ? "Sequential" : "Functional",
                "\",\"config\":{\"name\":\"model\",\"layers\":[", outer, "]}}");
}

inline void write_keras_archive(const std::string& path, const std::string& config,
                                const Bytes& weights) {
  // Compressed, though Keras stores: so that what is claimed can be far more than what is there.
  write_zip(path,
            {{"metadata.json", Bytes{'{', '}'}},
             {"config.json", Bytes(config.begin(), config.end())},
             {"model.weights.h5", weights}},
            ZIP_CM_DEFLATE);
}

}  // namespace hdecomp::file_testing
