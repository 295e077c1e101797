/// From a pickle to the named tensors of its state dict.
#include "weights/torch/torch_file.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/file/size_budget.h"
#include "weights/file/tensor_names.h"
#include "weights/torch/state_dicts.h"
#include "weights/torch/torch_tensor.h"

namespace hdecomp {
namespace {

/// Where there is a `word`, of those alone whose names begin with it and a dot.
std::vector<TorchTensor> list_tensors(const PickleNode& dict, const std::string& word,
                                      const std::string& path) {
  const std::string before = word.empty() ? "" : word + ".";
  std::vector<TorchTensor> tensors;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const std::string_view* name = std::get_if<std::string_view>(&dict.items[i]);
    if (name == nullptr || !name->starts_with(before)) continue;
    auto tensor = parse_tensor(*name, dict.items[i + 1], path);
    if (tensor) tensors.push_back(std::move(*tensor));
  }
  std::stable_sort(tensors.begin(), tensors.end(), [](const auto& left, const auto& right) {
    return left.storage.key < right.storage.key;
  });
  return tensors;
}

/// Names of numpy's arrays and the like.
std::set<std::string> list_objects(const PickleNode& dict) {
  std::set<std::string> names;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const std::string_view* name = std::get_if<std::string_view>(&dict.items[i]);
    const PickleNode* call = as_node(dict.items[i + 1], PickleKind::call);
    if (name == nullptr || call == nullptr || call->function != PickleGlobal::inert) continue;
    names.emplace(*name);
  }
  return names;
}

}  // namespace

TensorFile gather_state_dict(const Pickle& pickle, const TorchSource& source,
                             const StorageBytes& storage_bytes) {
  SizeBudget budget(source.path, source.file_bytes);
  TensorFile file;
  const ChosenDict chosen = choose_state_dict(pickle, source.key, source.path);
  if (!chosen.remark.empty()) file.remarks.push_back(chosen.remark);
  for (const TorchTensor& tensor : list_tensors(*chosen.taken.dict, chosen.word, source.path)) {
    const std::span<const uint8_t> bytes = storage_bytes(tensor.storage);
    const int64_t elements = Shape(tensor.sizes).elements();
    budget.take(static_cast<uint64_t>(elements) * sizeof(float),
                joined("tensor ", in_quotes(tensor.name)));
    if (!file.tensors.emplace(tensor.name, gather(tensor, bytes)).second) {
      throw UserError(joined(source.path, ": tensor ", in_quotes(tensor.name), " comes twice"));
    }
  }
  file.objects = list_objects(*chosen.taken.dict);
  require_tensors(file, source.path);
  if (!chosen.word.empty()) take_under(file, chosen.word, source.path);
  return file;
}

}  // namespace hdecomp
