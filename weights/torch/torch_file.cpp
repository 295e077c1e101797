/// From a pickle to the named tensors of its state dict.
#include "weights/torch/torch_file.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/file/size_budget.h"
#include "weights/file/tensor_names.h"
#include "weights/torch/torch_tensor.h"

namespace hdecomp {
namespace {

// Training scripts save the state dict beside the epoch and the optimizer's state.
const PickleNode& find_state_dict(const Pickle& pickle, const std::string& path) {
  const PickleNode* root = as_node(pickle.root(), PickleKind::dict);
  if (root == nullptr) {
    throw UserError(text(path, ": holds no dict of tensors; save model.state_dict()"));
  }
  for (const char* key : {"state_dict", "model_state_dict", "model"}) {
    const PickleValue* value = find_key(*root, key);
    const PickleNode* inner = value != nullptr ? as_node(*value, PickleKind::dict) : nullptr;
    if (inner != nullptr) return *inner;
  }
  return *root;
}

std::vector<TorchTensor> list_tensors(const PickleNode& dict, const std::string& path) {
  std::vector<TorchTensor> tensors;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const std::string_view* name = std::get_if<std::string_view>(&dict.items[i]);
    if (name == nullptr) continue;
    auto tensor = parse_tensor(*name, dict.items[i + 1], path);
    if (tensor) tensors.push_back(std::move(*tensor));
  }
  std::stable_sort(tensors.begin(), tensors.end(), [](const auto& left, const auto& right) {
    return left.storage.key < right.storage.key;
  });
  return tensors;
}

}  // namespace

TensorFile gather_state_dict(const Pickle& pickle, const std::string& path, uint64_t file_bytes,
                             const StorageBytes& storage_bytes) {
  SizeBudget budget(path, file_bytes);
  TensorFile file;
  for (const TorchTensor& tensor : list_tensors(find_state_dict(pickle, path), path)) {
    const std::span<const uint8_t> bytes = storage_bytes(tensor.storage);
    const int64_t elements = Shape(tensor.sizes).elements();
    budget.take(static_cast<uint64_t>(elements) * sizeof(float),
                text("tensor ", in_quotes(tensor.name)));
    if (!file.tensors.emplace(tensor.name, gather(tensor, bytes)).second) {
      throw UserError(text(path, ": tensor ", in_quotes(tensor.name), " comes twice"));
    }
  }
  finish_names(file, path);
  return file;
}

}  // namespace hdecomp
