/// Finding a checkpoint's dicts of tensors and choosing one.
#include "weights/torch/state_dicts.h"

#include <algorithm>
#include <array>
#include <set>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/torch/torch_tensor.h"

namespace hdecomp {
namespace {

constexpr size_t max_depth = 3;
constexpr std::array<std::string_view, 3> usual_keys{"state_dict", "model_state_dict", "model"};

size_t count_tensors(const PickleNode& dict) {
  size_t count = 0;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const bool named = std::holds_alternative<std::string_view>(dict.items[i]);
    if (named && is_tensor(dict.items[i + 1])) ++count;
  }
  return count;
}

/// Visits each dict once, however often and in whatever circles the dicts hold each other.
class DictWalk {
 public:
  void walk(const std::string& key, const PickleNode& dict, size_t depth) {
    if (!seen_.insert(&dict).second) return;
    if (const size_t tensors = count_tensors(dict); tensors > 0) {
      found.push_back({key, &dict, tensors});
    }
    if (depth == max_depth) return;
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const std::string_view* name = std::get_if<std::string_view>(&dict.items[i]);
      const PickleNode* inner = as_node(dict.items[i + 1], PickleKind::dict);
      if (name == nullptr || inner == nullptr || name->starts_with("optim")) continue;
      walk(key.empty() ? std::string(*name) : joined(key, ".", *name), *inner, depth + 1);
    }
  }

  std::vector<StateDict> found;

 private:
  std::set<const PickleNode*> seen_;
};

std::string listed(const std::vector<StateDict>& dicts) {
  constexpr size_t most = 8;
  std::string list;
  for (size_t i = 0; i < std::min(dicts.size(), most); ++i) {
    const std::string name = dicts[i].key.empty() ? "the file itself" : in_quotes(dicts[i].key);
    list += joined(i > 0 ? ", " : "", name, " (", dicts[i].tensors, " tensors)");
  }
  return list + (dicts.size() > most ? ", ..." : "");
}

std::vector<StateDict>::const_iterator largest_of(const std::vector<StateDict>& dicts) {
  return std::ranges::max_element(dicts, {}, &StateDict::tensors);
}

/// Whether a tensor of the dict is called WORD.SOMETHING.
bool has_names_under(const PickleNode& dict, const std::string& word) {
  const std::string before = word + ".";
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const std::string_view* name = std::get_if<std::string_view>(&dict.items[i]);
    const bool under = name != nullptr && name->size() > before.size() && name->starts_with(before);
    if (under && is_tensor(dict.items[i + 1])) return true;
  }
  return false;
}

/// Of several networks in one dict the one whose names begin with `key`.
ChosenDict dict_with_names_under(const std::vector<StateDict>& dicts, const std::string& key,
                                 const std::string& path) {
  for (const StateDict& dict : dicts) {
    if (has_names_under(*dict.dict, key)) return {dict, "", key};
  }
  throw UserError(joined(path, ": --key ", in_quotes(key),
                         " is no dict of tensors there, and no tensor's name begins with it and a "
                         "dot; it has ",
                         listed(dicts)));
}

/// Why there is no dict of tensors.
std::string line_without_tensors(const Pickle& pickle) {
  const PickleNode* root = as_node(pickle.root(), PickleKind::dict);
  if (root == nullptr) return "holds no dict of tensors; save model.state_dict()";
  for (size_t i = 0; i + 1 < root->items.size(); i += 2) {
    const std::string_view* name = std::get_if<std::string_view>(&root->items[i]);
    const PickleNode* call = as_node(root->items[i + 1], PickleKind::call);
    if (name == nullptr || call == nullptr || call->function != PickleGlobal::inert) continue;
    return joined("holds objects, as ", in_quotes(*name),
                  ", but no tensors (NumPy's arrays are none); save model.state_dict()");
  }
  return "holds no float tensors; save model.state_dict()";
}

}  // namespace

std::vector<StateDict> state_dicts(const Pickle& pickle) {
  DictWalk dicts;
  if (const PickleNode* root = as_node(pickle.root(), PickleKind::dict)) dicts.walk("", *root, 0);
  return std::move(dicts.found);
}

ChosenDict choose_state_dict(const Pickle& pickle, const std::string& key,
                             const std::string& path) {
  const std::vector<StateDict> dicts = state_dicts(pickle);
  if (dicts.empty()) throw UserError(joined(path, ": ", line_without_tensors(pickle)));
  auto taken = dicts.end();
  if (!key.empty()) {
    taken = std::ranges::find(dicts, key, &StateDict::key);
    if (taken == dicts.end()) return dict_with_names_under(dicts, key, path);
  }
  for (const std::string_view usual : usual_keys) {
    if (taken == dicts.end()) taken = std::ranges::find(dicts, usual, &StateDict::key);
  }
  if (taken == dicts.end()) taken = largest_of(dicts);
  std::vector<StateDict> others;
  for (const StateDict& dict : dicts) {
    if (dict.dict != taken->dict && 2 * dict.tensors > taken->tensors) others.push_back(dict);
  }
  const bool clear = !key.empty() || others.empty() || taken->key.empty() ||
                     std::ranges::find(usual_keys, taken->key) != usual_keys.end();
  if (!clear) {
    throw UserError(joined(
        path, ": holds several dicts of tensors; say which one with --key: ", listed(dicts)));
  }
  const std::string name = taken->key.empty() ? "the file itself" : in_quotes(taken->key);
  return {*taken,
          others.empty()
              ? ""
              : joined("the weights are those of ", name, "; --key takes ", listed(others)),
          ""};
}

}  // namespace hdecomp
