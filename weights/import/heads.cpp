/// Finding and ordering a foreign network's linear layers.
#include "weights/import/heads.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <set>
#include <vector>

#include "hdecomp/error.h"
#include "weights/file/tensor_names.h"
#include "weights/import/foreign_names.h"
#include "weights/import/head_norms.h"

namespace hdecomp {
namespace {

/// What PyTorch's linear layers are called, those that come first in a network before the others.
constexpr std::array<std::string_view, 11> first_words{
    "pre_logits", "classifier",  "fc",     "linear", "dense", "mlp",
    "head",       "last_linear", "logits", "output", "out"};

/// The position among first_words of "fc" in "fc.1" or "fc2"; nothing for another word.
std::optional<size_t> word_of(const std::string& layer) {
  std::string word = layer.substr(0, layer.find('.'));
  while (!word.empty() && word.back() >= '0' && word.back() <= '9') word.pop_back();
  const auto found = std::ranges::find(first_words, word);
  if (found == first_words.end()) return {};
  return static_cast<size_t>(found - first_words.begin());
}

/// "fc10" after "fc9": digits in a row are one number.
bool comes_before(std::string_view left, std::string_view right) {
  const auto digits = [](std::string_view text) {
    return std::min(text.find_first_not_of("0123456789"), text.size());
  };
  while (!left.empty() && !right.empty()) {
    const size_t a = digits(left), b = digits(right);
    if (a > 0 && b > 0) {
      if (a != b) return a < b;
      if (left.substr(0, a) != right.substr(0, b)) return left.substr(0, a) < right.substr(0, b);
    } else if (left[0] != right[0]) {
      return left[0] < right[0];
    }
    left.remove_prefix(std::max<size_t>(a > 0 && b > 0 ? a : 1, 1));
    right.remove_prefix(std::max<size_t>(a > 0 && b > 0 ? b : 1, 1));
  }
  return left.size() < right.size();
}

class HeadFinder {
 public:
  HeadFinder(TensorFile& file, const NetParams& params, const std::string& lead)
      : file_(file), lead_(lead), keras_(file.dialect == Dialect::keras) {
    for (const Node& node : build_graph(params).nodes) {
      const ForeignNames names = foreign_names(node, file.dialect);
      if (node.op == Op::linear) {
        usual_.push_back(owner_of(names.weight));
        continue;
      }
      if (node.op != Op::conv) continue;
      body_.insert(body_part(names.weight));
      if (names.batch_norm) body_.insert(body_part(names.batch_norm->gamma));
    }
    for (const auto& [name, tensor] : file.tensors) {
      if (!keras_ && tensor.shape().rank() == 4) convolved_.insert(body_part(name));
    }
  }

  /// The linear layers in the order of the network, and the batch norms among them.
  HeadLayers layers() {
    std::set<std::string> there = candidates(), norms;
    for (const std::string& layer : there) {
      if (is_norm(layer)) norms.insert(layer);
    }
    std::erase_if(there, [&](const std::string& layer) { return norms.contains(layer); });
    const bool usual =
        std::ranges::all_of(usual_, [&](auto& each) { return there.contains(each); });
    std::vector<std::string> found = usual ? usual_ : std::vector(there.begin(), there.end());
    for (const std::string& layer : found) check(layer);
    if (found.size() > max_hidden_layers + 1) {
      refuse(joined("it has ", found.size(), " linear layers; at most ", max_hidden_layers + 1,
                    " are read"));
    }
    std::ranges::stable_sort(found, [&](const std::string& a, const std::string& b) {
      const auto left = keras_ ? 0 : word_of(a), right = keras_ ? 0 : word_of(b);
      return left != right ? left < right : comes_before(a, b);
    });
    order_by_extents(found);
    return {found, {norms.begin(), norms.end()}};
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UserError(joined(lead_, ": ", why));
  }
  /// What tells a convolution's name from a linear layer's.
  std::string body_part(const std::string& tensor) const {
    return keras_ ? owner_of(tensor) : tensor.substr(0, tensor.find('.'));
  }
  std::string weight_of(const std::string& layer) const {
    return weight_name(layer, file_.dialect);
  }
  std::set<std::string> candidates() const {
    std::set<std::string> found;
    for (const auto& [name, tensor] : file_.tensors) {
      const std::string layer = owner_of(name);
      if (layer.empty() || body_.contains(body_part(name))) continue;
      // A norm beside convolutions is none of the head's, though the stated architecture has none
      // there.
      if (is_norm(layer) && convolved_.contains(body_part(name))) continue;
      if (!keras_ && !word_of(layer) && !is_norm(layer)) continue;
      found.insert(layer);
    }
    return found;
  }
  bool is_norm(const std::string& layer) const {
    return file_.tensors.contains(layer + (keras_ ? "/moving_mean" : ".running_mean"));
  }
  void check(const std::string& layer) const {
    if (!file_.tensors.contains(weight_of(layer))) {
      refuse(joined("tensor ", file_.in_file(weight_of(layer)), " is missing"));
    }
  }
  /// Inputs and outputs of a layer; a convolution as large as its map is a linear layer.
  std::pair<int64_t, int64_t> extent(const std::string& layer) const {
    const std::vector<int64_t> dims = file_.tensors.at(weight_of(layer)).shape().dims();
    if (dims.empty()) return {0, 0};
    int64_t all = 1;
    for (const int64_t dim : dims) all *= std::max<int64_t>(dim, 1);
    const int64_t out = std::max<int64_t>(keras_ ? dims.back() : dims.front(), 1);
    return {all / out, out};
  }
  bool follows(const std::vector<std::string>& layers) const {
    for (size_t i = 1; i < layers.size(); ++i) {
      if (extent(layers[i - 1]).second != extent(layers[i]).first) return false;
    }
    return true;
  }
  /// Names can mislead ("output", "hidden"): the one order in which each reads what the one before
  /// writes, if the order by names is none.
  void order_by_extents(std::vector<std::string>& layers) const {
    constexpr size_t most = 6;
    if (layers.size() > most || follows(layers)) return;
    std::vector<std::string> order = layers, fitting;
    std::ranges::sort(order);
    do {
      if (!follows(order)) continue;
      if (!fitting.empty()) return;
      fitting = order;
    } while (std::ranges::next_permutation(order).found);
    if (!fitting.empty()) layers = fitting;
  }

  TensorFile& file_;
  const std::string& lead_;
  bool keras_;
  std::set<std::string> body_;       // of the stated architecture
  std::set<std::string> convolved_;  // what holds convolutions in the file
  std::vector<std::string> usual_;
};

/// timm keeps VGG's linear layers as convolutions.
void flatten(Tensor& weight) {
  const Shape shape = weight.shape();
  if (shape.rank() != 4 || shape[0] == 0) return;
  Tensor flat(Device{}, {shape[0], shape[1] * shape[2] * shape[3]});
  std::ranges::copy(weight.span(), flat.data());
  weight = std::move(flat);
}

void leave_headless(TensorFile& file, NetParams& params) {
  params.classes = 0;
  params.hidden_units.clear();
  file.remarks.emplace_back("no layer after its convolutions: features, but no classes");
}

}  // namespace

void name_head(TensorFile& file, NetParams& params, const std::string& lead) {
  const Graph published = build_graph(params);
  if (std::ranges::find(published.nodes, Op::linear, &Node::op) == published.nodes.end()) {
    const auto last = std::ranges::find(std::views::reverse(published.nodes), Op::conv, &Node::op);
    if (!file.tensors.contains(foreign_names(*last, file.dialect).weight))
      leave_headless(file, params);
    return;
  }
  const HeadLayers head = HeadFinder(file, params, lead).layers();
  const std::vector<std::string>& layers = head.linear;
  if (layers.empty()) return leave_headless(file, params);
  fold_head_norms(file, head, lead);
  params.hidden_units.assign(layers.size() - 1, 1);
  std::map<std::string, std::string> names;  // the file's layer to the architecture's
  size_t next = 0;
  for (const Node& node : build_graph(params).nodes) {
    if (node.op != Op::linear) continue;
    names[layers.at(next++)] = owner_of(foreign_names(node, file.dialect).weight);
  }
  rename_tensors(file, lead, [&](const std::string& name) {
    const auto found = names.find(owner_of(name));
    return found == names.end() ? name : found->second + name.substr(found->first.size());
  });
  if (file.dialect == Dialect::torchvision) {
    for (const auto& [from, to] : names) flatten(file.tensors.at(to + ".weight"));
  }
  const bool usual = params.hidden_units.size() == default_params(params.arch).hidden_units.size();
  if (!usual && layers.size() > 1) {
    file.remarks.push_back(joined("a ReLU after each of the first ", layers.size() - 1, " of its ",
                                  layers.size(), " linear layers"));
  }
}

}  // namespace hdecomp
