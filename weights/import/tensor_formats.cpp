/// The first bytes of each format, and its reader.
#include "weights/import/tensor_formats.h"

#include <cstring>
#include <string_view>

#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/file/tensor_names.h"
#include "weights/keras/keras_archive.h"
#include "weights/keras/keras_h5.h"
#include "weights/safetensors/safetensors.h"
#include "weights/torch/torch_formats.h"
#include "weights/torch/torch_magic.h"

namespace hdecomp {
namespace {

bool begins_with(std::span<const uint8_t> bytes, std::string_view signature) {
  return bytes.size() >= signature.size() &&
         std::memcmp(bytes.data(), signature.data(), signature.size()) == 0;
}

// The length of the JSON header in eight bytes, little-endian, then the header.
bool is_safetensors(std::span<const uint8_t> bytes) {
  uint64_t header = 0;
  if (bytes.size() <= sizeof header || bytes[sizeof header] != '{') return false;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header <= bytes.size() - sizeof header;
}

/// A file without dicts inside may still hold several networks, by their names' first words.
void require_under(TensorFile& file, const std::string& key, const std::string& path) {
  if (file.dialect == Dialect::keras) {
    throw UserError(joined("--key: ", path, " is a Keras file, which holds one network"));
  }
  if (take_under(file, key, path)) return;
  throw UserError(joined(path, ": --key ", in_quotes(key),
                         ": no tensor's name begins with it and a dot; the first is ",
                         in_quotes(file.tensors.begin()->first)));
}

}  // namespace

bool is_tensor_file(std::span<const uint8_t> bytes) {
  return begins_with(bytes, "PK\x03\x04") || has_torch_magic(bytes) ||
         begins_with(bytes, "\x89HDF\r\n\x1a\n") || is_safetensors(bytes);
}

TensorFile read_tensor_file(const std::string& path, const std::string& key) {
  TensorFile (*read)(const std::string&) = nullptr;
  TensorFile (*read_torch)(const std::string&, const std::string&) = nullptr;
  {
    const FileBytes file(path);
    const std::span<const uint8_t> bytes = file.bytes();
    if (begins_with(bytes, "PK\x03\x04")) {
      if (is_keras_archive(path))
        read = read_keras_archive;
      else
        read_torch = read_torch_zip;
    }
    if (has_torch_magic(bytes)) read_torch = read_torch_legacy;
    if (begins_with(bytes, "\x89HDF\r\n\x1a\n")) read = read_keras;
    if (read == nullptr && is_safetensors(bytes)) read = read_safetensors;
  }
  if (read_torch != nullptr) return read_torch(path, key);
  if (read == nullptr) {
    throw UserError(
        joined(path, ": not a weight file that is read: give a PyTorch state dict (.pth, .pt), ",
               "a .safetensors file, a Keras .keras or .h5 file or an ONNX file"));
  }
  TensorFile result = read(path);
  if (!key.empty()) require_under(result, key, path);
  return result;
}

}  // namespace hdecomp
