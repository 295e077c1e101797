/// Writes named tensors as other frameworks do: .pth, .safetensors and Keras's .h5.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/weights/foreign_models.h"
#include "tests/weights/torch_bytes.h"
#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp::file_testing {

/// One storage per tensor, and the integers that batch norms also have.
inline void write_pth(const std::string& path, const NamedTensors& tensors) {
  std::vector<TorchEntry> entries;
  std::map<std::string, Bytes> storages;
  for (const NamedTensor& tensor : tensors) {
    std::vector<int64_t> strides(tensor.dims.size(), 1);
    for (size_t i = strides.size(); i-- > 1;) strides[i - 1] = strides[i] * tensor.dims[i];
    const std::string key = joined(entries.size());
    entries.push_back(
        {tensor.name, tensor.dims, strides, 0, "FloatStorage", key, count(tensor.dims)});
    storages[key] = elements(tensor.values);
  }
  const std::string key = joined(entries.size());
  entries.push_back({"bn1.num_batches_tracked", {}, {}, 0, "LongStorage", key, 1});
  storages[key] = elements<int64_t>({1});
  write_torch_zip(path, state_dict_pickle(entries, false), storages);
}

inline void write_safetensors(const std::string& path, const NamedTensors& tensors) {
  std::string header = "{";
  Bytes data;
  for (const NamedTensor& tensor : tensors) {
    std::string shape;
    for (const int64_t dim : tensor.dims) shape += joined(shape.empty() ? "" : ",", dim);
    const size_t begin = data.size();
    append(data, elements(tensor.values));
    header +=
        joined(header.size() > 1 ? "," : "", "\"", tensor.name, "\":{\"dtype\":\"F32\",\"shape\":[",
               shape, "],\"data_offsets\":[", begin, ",", data.size(), "]}");
  }
  header += "}";
  Bytes file = elements<uint64_t>({header.size()});
  file.insert(file.end(), header.begin(), header.end());
  append(file, data);
  write_bytes(path, file);
}

inline void write_keras_names(hid_t object, const char* attribute_name,
                              const std::vector<std::string>& names) {
  constexpr size_t width = 64;
  std::vector<char> bytes(width * names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    std::ranges::copy(names[i], bytes.begin() + static_cast<ptrdiff_t>(i * width));
  }
  const H5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, width);
  const hsize_t extent = names.size();
  const H5Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
  const H5Handle attribute(
      H5Acreate2(object, attribute_name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  ASSERT_GE(H5Awrite(attribute, type, bytes.data()), 0);
}

/// As save_weights does: LAYER/LAYER/kernel:0; tensors of a layer must follow each other.
inline void write_keras(const std::string& path, const NamedTensors& tensors) {
  const H5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  const H5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  std::vector<std::string> layers;
  std::map<std::string, std::vector<std::string>> names;
  for (const NamedTensor& tensor : tensors) {
    const std::string layer = tensor.name.substr(0, tensor.name.find('/'));
    if (names[layer].empty()) layers.push_back(layer);
    names[layer].push_back(tensor.name + ":0");
    const std::vector<hsize_t> extent(tensor.dims.begin(), tensor.dims.end());
    const H5Handle space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                         H5Sclose);
    const H5Handle data(H5Dcreate2(file, joined(layer, "/", tensor.name, ":0").c_str(),
                                   H5T_IEEE_F32LE, space, links, H5P_DEFAULT, H5P_DEFAULT),
                        H5Dclose);
    if (tensor.values.empty()) continue;
    ASSERT_GE(H5Dwrite(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.values.data()),
              0);
  }
  for (const std::string& layer : layers) {
    const H5Handle group(H5Gopen2(file, layer.c_str(), H5P_DEFAULT), H5Gclose);
    write_keras_names(group, "weight_names", names[layer]);
  }
  write_keras_names(file, "layer_names", layers);
}

}  // namespace hdecomp::file_testing
