/// Renaming tensors.
#include "weights/file/tensor_names.h"

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {

std::string TensorFile::in_file(const std::string& name) const {
  const auto found = spelling.find(name);
  if (found != spelling.end()) return found->second;
  return usual_spelling ? usual_spelling(name) : name;
}

void rename_tensors(TensorFile& file, const std::string& path, const Renaming& renamed) {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> spelling;
  for (auto& [name, tensor] : file.tensors) {
    const std::optional<std::string> to = renamed(name);
    if (!to) continue;
    const std::string in_file = file.in_file(name);
    const auto [entry, fresh] = spelling.emplace(*to, in_file);
    if (!fresh) {
      throw UserError(joined(path, ": tensors ", in_quotes(entry->second), " and ",
                             in_quotes(in_file), " are both a network's ", in_quotes(*to),
                             "; save the state dict of one network"));
    }
    tensors.emplace(*to, std::move(tensor));
  }
  file.tensors = std::move(tensors);
  file.spelling = std::move(spelling);
}

void require_tensors(const TensorFile& file, const std::string& path) {
  if (!file.tensors.empty()) return;
  throw UserError(joined(path, ": holds no float tensors; save model.state_dict()"));
}

}  // namespace hdecomp
