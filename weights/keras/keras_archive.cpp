/// Reading .keras files: the layers from config.json, their tensors from model.weights.h5.
#include "weights/keras/keras_archive.h"

#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"
#include "weights/file/zip_archive.h"
#include "weights/hdf5/hdf5_memory.h"
#include "weights/keras/keras3_h5.h"

namespace hdecomp {
namespace {

constexpr const char* config_entry = "config.json";
constexpr const char* weights_entry = "model.weights.h5";
constexpr uint64_t max_config_bytes = uint64_t{16} << 20;

}  // namespace

bool is_keras_archive(const std::string& path) {
  const FileBytes file(path);
  const ZipArchive archive(file.bytes(), path);
  return archive.has(config_entry) && archive.has(weights_entry);
}

TensorFile read_keras_archive(const std::string& path) {
  const FileBytes file(path);
  const ZipArchive archive(file.bytes(), path);
  const std::vector<uint8_t> text = archive.read(config_entry, max_config_bytes);
  const auto config = std::make_shared<const KerasLayer>(
      read_keras_config({reinterpret_cast<const char*>(text.data()), text.size()}, path));
  const uint64_t file_bytes = file.bytes().size();
  const std::vector<uint8_t> weights = archive.read(weights_entry, most_from_file(file_bytes));
  const SilentHdf5 silent;
  const H5Handle hdf5 = open_hdf5_in_memory(
      weights, joined(path, ": ", weights_entry,
                      ": cannot be read as an HDF5 file: it is damaged or cut short"));
  SizeBudget budget(path, file_bytes);
  TensorFile result = read_keras3(hdf5, path, budget, config.get());
  result.keras_config = config;
  return result;
}

}  // namespace hdecomp
