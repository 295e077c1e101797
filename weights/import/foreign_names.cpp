/// Names in the dialects of torchvision and Keras, and how alike two sets of them are.
#include "weights/import/foreign_names.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/file/tensor_names.h"
#include "weights/keras/keras_layout.h"

namespace hdecomp {
namespace {

struct Likeness {
  int64_t common = 0, expected = 0, others = 0;
  bool matching = true;  // extents_match: tells families with the same names apart
  double share() const {
    return static_cast<double>(common) / static_cast<double>(expected + others);
  }
  bool exceeds(const Likeness& other) const {
    return std::tuple(share(), matching) > std::tuple(other.share(), other.matching);
  }
};

/// The tensors below the classifier: heads have too many names. Those of the file that belong to
/// none of the architecture's layers count against it only where they look like a convolution's or
/// a batch norm's.
Likeness likeness(const std::string& arch, const TensorFile& file) {
  const Graph graph = build_graph(default_params(arch));
  std::set<std::string> expected;
  Likeness result;
  for (const Node& node : graph.nodes) {
    if (node.op != Op::conv && node.op != Op::affine) continue;
    const ForeignNames names = foreign_names(node, file.dialect);
    if (node.may_be_absent && !file.tensors.contains(names.weight)) continue;
    if (node.op == Op::conv) expected.insert(names.weight);
    if (file.tensors.contains(names.bias)) expected.insert(names.bias);
    if (const auto& bn = names.batch_norm) {
      expected.insert({bn->gamma, bn->beta, bn->mean, bn->variance});
    }
  }
  result.expected = static_cast<int64_t>(expected.size());
  for (const auto& [name, tensor] : file.tensors) {
    const bool weight = name.ends_with("weight") || name.ends_with("kernel");
    if (expected.contains(name)) {
      ++result.common;
    } else if (!weight || tensor.shape().rank() == 4) {
      ++result.others;
    }
  }
  return result;
}

/// Whether the file's extents are the architecture's, where another one has the same names.
bool extents_match(const std::string& arch, const TensorFile& file) {
  const auto matches = find_family(arch).matches;
  if (matches == nullptr) return true;
  const Graph graph = build_graph(default_params(arch));
  return matches(arch, [&](const std::string& layer) -> std::vector<int64_t> {
    const auto node = std::ranges::find(graph.nodes, layer, &Node::name);
    const auto found = file.tensors.find(foreign_names(*node, file.dialect).weight);
    if (found == file.tensors.end()) return {};
    const std::vector<int64_t> dims = found->second.shape().dims();
    return file.dialect == Dialect::keras ? keras_to_native_dims(dims) : dims;
  });
}

/// The first words, in the file, of names behind which an architecture's stand: of several networks
/// in one file each is found so.
std::vector<std::string> words_of_networks(const TensorFile& file) {
  std::map<std::string, TensorFile> networks;
  for (const auto& [name, tensor] : file.tensors) {
    const std::string word = first_word(file.in_file(name));
    const bool kept = name.starts_with(word + ".");  // else it was a wrapper, and is gone
    networks[word].tensors.emplace(kept ? name.substr(word.size() + 1) : name, Tensor());
  }
  networks.erase("");
  // A file says as many words as it likes, and each is compared with every architecture.
  constexpr size_t most_networks = 16;
  std::erase_if(networks, [](const auto& each) { return each.second.tensors.size() < 8; });
  std::vector<std::string> words;
  if (networks.size() > most_networks) return words;
  for (const auto& [word, network] : networks) {
    const bool known = std::ranges::any_of(arch_names(), [&](const std::string& arch) {
      return likeness(arch, network).share() > 0.5;
    });
    if (known) words.push_back(in_quotes(word));
  }
  return words;
}

[[noreturn]] void refuse_unknown(const TensorFile& file, const std::string& path) {
  const std::string& first = file.tensors.begin()->first;
  const std::string lead =
      joined(path, ": its ", file.tensors.size(), " tensors' names (the first ", "is ",
             in_quotes(file.in_file(first)), ")");
  if (file.dialect == Dialect::torchvision) {
    const std::vector<std::string> words = words_of_networks(file);
    if (!words.empty()) {
      throw UserError(
          joined(lead, " are more than one network's; --key takes one: ", listed(words, " or ")));
    }
  }
  throw UserError(
      joined(lead, " fit no known architecture; give --arch, one of ", listed(arch_names())));
}

}  // namespace

std::string weight_name(const std::string& layer, Dialect dialect) {
  return layer + (dialect == Dialect::keras ? "/kernel" : ".weight");
}

std::string bias_name(const std::string& layer, Dialect dialect) {
  return layer + (dialect == Dialect::keras ? "/bias" : ".bias");
}

ForeignNames foreign_names(const Node& node, Dialect dialect) {
  const bool keras = dialect == Dialect::keras;
  const std::vector<std::string>& layers = keras ? node.keras : node.torchvision;
  const std::string layer = layers.empty() ? "" : layers[0];
  ForeignNames names{weight_name(layer, dialect), bias_name(layer, dialect), {}};
  const std::string& bn = keras ? node.keras_bn : node.torchvision_bn;
  if (bn.empty()) return names;
  if (keras) {
    names.batch_norm = {bn + "/gamma", bn + "/beta", bn + "/moving_mean", bn + "/moving_variance"};
  } else {
    names.batch_norm = {bn + ".weight", bn + ".bias", bn + ".running_mean", bn + ".running_var"};
  }
  return names;
}

std::string owner_of(const std::string& tensor) {
  const size_t end = tensor.find_last_of("./");
  return end == std::string::npos ? "" : tensor.substr(0, end);
}

Recognised recognise(const TensorFile& file, const std::string& arch, const std::string& path) {
  if (!arch.empty()) {
    try {
      find_family(arch);
    } catch (const UserError& fault) {
      throw UserError(joined(path, ": ", fault.what()));
    }
    return {arch, joined("taken for ", arch, ", as --arch says")};
  }
  std::string best;
  Likeness found;
  for (const std::string& each : arch_names()) {
    Likeness now = likeness(each, file);
    if (now.share() <= 0.5) continue;
    now.matching = extents_match(each, file);
    if (!best.empty() && !now.exceeds(found)) continue;
    best = each;
    found = now;
  }
  if (best.empty()) refuse_unknown(file, path);
  return {best, joined("taken for ", best, " (", found.common, " of its ", found.expected,
                       " tensors before the classifier are there)")};
}

}  // namespace hdecomp
