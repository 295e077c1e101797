/// Renaming tensors.
#include "weights/file/tensor_names.h"

#include <algorithm>
#include <set>
#include <vector>

#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {
namespace {

/// What to do about a file of two networks, whose tensors of these names are both `to`.
std::string way_out(const TensorFile& file, const std::vector<std::string>& names,
                    const std::string& to) {
  std::set<std::string> words;
  for (const std::string& name : names) {
    if (name.ends_with("." + to)) words.insert(in_quotes(first_word(name)));
  }
  if (file.dialect == Dialect::keras || words.empty()) return "save the state dict of one network";
  return joined("--key takes one network: ", listed(words, " or "));
}

}  // namespace

std::string first_word(const std::string& name) {
  const size_t dot = name.find('.');
  return dot == std::string::npos ? "" : name.substr(0, dot);
}

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
                             in_quotes(in_file), " are both a network's ", in_quotes(*to), "; ",
                             way_out(file, {entry->second, in_file}, *to)));
    }
    tensors.emplace(*to, std::move(tensor));
  }
  file.tensors = std::move(tensors);
  file.spelling = std::move(spelling);
}

bool take_under(TensorFile& file, const std::string& word, const std::string& path) {
  const std::string before = word + ".";
  const auto is_under = [&](const std::string& name) {
    return name.size() > before.size() && name.starts_with(before);
  };
  if (std::ranges::none_of(file.tensors, [&](const auto& each) { return is_under(each.first); })) {
    return false;
  }
  rename_tensors(file, path, [&](const std::string& name) -> std::optional<std::string> {
    if (!is_under(name)) return {};
    return name.substr(before.size());
  });
  return true;
}

void require_tensors(const TensorFile& file, const std::string& path) {
  if (!file.tensors.empty()) return;
  throw UserError(joined(path, ": holds no float tensors; save model.state_dict()"));
}

}  // namespace hdecomp
