/// Names in the dialects of torchvision and Keras, and how alike two sets of them are.
#include "weights/import/foreign_names.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
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
  if (best.empty()) {
    const std::string& first = file.tensors.begin()->first;
    throw UserError(joined(path, ": its ", file.tensors.size(), " tensors' names (the first is ",
                           in_quotes(file.in_file(first)),
                           ") fit no known architecture; give --arch, one of ",
                           listed(arch_names())));
  }
  return {best, joined("taken for ", best, " (", found.common, " of its ", found.expected,
                       " tensors before the classifier are there)")};
}

}  // namespace hdecomp
