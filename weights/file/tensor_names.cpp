/// The prefix that DataParallel leaves in the names of tensors.
#include "weights/file/tensor_names.h"

#include <algorithm>
#include <string_view>

#include "hdecomp/error.h"

namespace hdecomp {

void finish_names(TensorFile& file, const std::string& path) {
  constexpr std::string_view prefix = "module.";
  if (file.tensors.empty()) {
    throw UserError(text(path, ": holds no float tensors; save model.state_dict()"));
  }
  if (!std::all_of(file.tensors.begin(), file.tensors.end(),
                   [&](const auto& entry) { return entry.first.starts_with(prefix); })) {
    return;
  }
  std::map<std::string, Tensor> renamed;
  for (auto& [name, tensor] : file.tensors) {
    renamed.emplace(name.substr(prefix.size()), std::move(tensor));
  }
  file.tensors = std::move(renamed);
}

}  // namespace hdecomp
