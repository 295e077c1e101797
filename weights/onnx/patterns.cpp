/// Chains of nodes that exporters spell one op with.
#include <cmath>
#include <functional>
#include <optional>
#include <set>

#include "weights/onnx/attributes.h"
#include "weights/onnx/translate.h"

namespace hdecomp::onnx {
namespace {

class Patterns {
 public:
  explicit Patterns(RawModel& model) : model_(model) {
    for (size_t i = 0; i < model.nodes.size(); ++i) {
      for (const std::string& input : model.nodes[i].inputs) readers_[input].push_back(i);
      for (const std::string& output : model.nodes[i].outputs) makers_[output] = i;
    }
    for (const RawTensor& tensor : model.initialisers) {
      if (tensor.dims.size() < 8 && elements(tensor) == 1) scalars_[tensor.name] = &tensor;
    }
    for (const RawNode& node : model.nodes) {
      const auto value = node.attributes.find("value");
      if (node.op != "Constant" || value == node.attributes.end() || node.outputs.empty()) continue;
      if (elements(value->second.tensor) == 1) scalars_[node.outputs[0]] = &value->second.tensor;
    }
  }

  void rewrite() {
    for (size_t i = 0; i < model_.nodes.size(); ++i) {
      if (model_.nodes[i].op == "Erf") gelu(i);
      if (model_.nodes[i].op == "Sqrt") layer_norm(i);
    }
    std::erase_if(model_.nodes, [](const RawNode& node) { return node.op.empty(); });
  }

 private:
  static int64_t elements(const RawTensor& tensor) {
    int64_t count = 1;
    for (const int64_t dim : tensor.dims) count = dim == 1 ? count : 0;
    return count;
  }
  std::optional<float> scalar(const std::string& name) const {
    const auto found = scalars_.find(name);
    if (found == scalars_.end() || found->second->is_external) return std::nullopt;
    SizeBudget budget("", 0);
    ConstantSource source{"", budget};
    return constant_of(*found->second, source)->scalar();
  }
  /// The node that makes a tensor, if it is of this op.
  RawNode* made_by(const std::string& tensor, const std::string& op) {
    const auto found = makers_.find(tensor);
    if (found == makers_.end() || model_.nodes[found->second].op != op) return nullptr;
    RawNode& node = model_.nodes[found->second];
    return node.outputs.size() == 1 ? &node : nullptr;
  }
  /// The only reader of a node's output, if it is of this op.
  RawNode* reader(const RawNode& node, const std::string& op) {
    if (node.outputs.size() != 1) return nullptr;
    const std::vector<size_t>& all = readers_[node.outputs[0]];
    if (all.size() != 1 || model_.nodes[all[0]].op != op) return nullptr;
    RawNode& next = model_.nodes[all[0]];
    return next.outputs.size() == 1 && next.inputs.size() == 2 ? &next : nullptr;
  }
  static const std::string& other(const RawNode& node, const std::string& input) {
    return node.inputs[0] == input ? node.inputs[1] : node.inputs[0];
  }
  /// A binary node's factor beside `x`, if `node` is x times a number.
  std::optional<float> factor(const RawNode& node, const std::string& x) const {
    if (node.inputs.size() != 2) return std::nullopt;
    return scalar(other(node, x));
  }
  static bool near(std::optional<float> a, float b) {
    return a && std::abs(*a - b) <= 1e-3f * std::abs(b);
  }

  /// x / 2 (1 + erf(x / sqrt 2)), the half at any place.
  void gelu(size_t at) {
    RawNode& erf = model_.nodes[at];
    if (erf.inputs.size() != 1) return;
    RawNode* scaled = made_by(erf.inputs[0], "Div");
    bool fits = scaled != nullptr && scaled->inputs.size() == 2 &&
                near(scalar(scaled->inputs[1]), 1.41421356f);
    std::string x = fits ? scaled->inputs[0] : "";
    if (scaled = made_by(erf.inputs[0], "Mul");
        !fits && scaled != nullptr && scaled->inputs.size() == 2) {
      x = scalar(scaled->inputs[0]) ? scaled->inputs[1] : scaled->inputs[0];
      fits = near(factor(*scaled, x), 0.70710678f);
    }
    RawNode* plus = fits ? reader(erf, "Add") : nullptr;
    if (plus == nullptr || !near(factor(*plus, erf.outputs[0]), 1)) return;
    RawNode* product = reader(*plus, "Mul");
    if (product == nullptr) return;
    const std::string side = other(*product, plus->outputs[0]);
    RawNode* last = product;
    if (side == x) {
      last = reader(*product, "Mul");
      if (last == nullptr || !near(factor(*last, product->outputs[0]), 0.5f)) return;
    } else if (near(scalar(side), 0.5f)) {
      last = reader(*product, "Mul");
      if (last == nullptr || other(*last, product->outputs[0]) != x) return;
    } else {
      const RawNode* half = made_by(side, "Mul");
      if (half == nullptr || half->inputs.size() != 2 ||
          (half->inputs[0] != x && half->inputs[1] != x) || !near(factor(*half, x), 0.5f)) {
        return;
      }
    }
    RawNode fused;
    fused.op = "Gelu";
    fused.name = last->name;
    fused.inputs = {x};
    fused.outputs = last->outputs;
    *last = fused;  // what made the parts is read by nobody now, and dropped
  }

  /// (x - mean) / sqrt(mean((x - mean)^2) + epsilon), means over one axis.
  void layer_norm(size_t at) {
    RawNode& root = model_.nodes[at];
    if (root.inputs.size() != 1) return;
    const RawNode* plus = made_by(root.inputs[0], "Add");
    if (plus == nullptr || plus->inputs.size() != 2) return;
    const bool first = scalar(plus->inputs[0]).has_value();
    const std::optional<float> epsilon = scalar(plus->inputs[first ? 0 : 1]);
    const RawNode* variance = made_by(plus->inputs[first ? 1 : 0], "ReduceMean");
    if (variance == nullptr || !epsilon || variance->inputs.size() != 1) return;
    const RawNode* square = made_by(variance->inputs[0], "Pow");
    if (square == nullptr) square = made_by(variance->inputs[0], "Mul");
    if (square == nullptr || square->inputs.size() != 2) return;
    if (square->op == "Pow" ? !near(scalar(square->inputs[1]), 2)
                            : square->inputs[0] != square->inputs[1])
      return;
    const RawNode* centred = made_by(square->inputs[0], "Sub");
    RawNode* quotient = reader(root, "Div");
    if (centred == nullptr || quotient == nullptr || centred->inputs.size() != 2) return;
    const RawNode* numerator = made_by(quotient->inputs[0], "Sub");
    const RawNode* mean = made_by(centred->inputs[1], "ReduceMean");
    const std::string& x = centred->inputs[0];
    if (numerator == nullptr || numerator->inputs != centred->inputs ||
        quotient->inputs[1] != root.outputs[0])
      return;
    if (mean == nullptr || mean->inputs.size() != 1 || mean->inputs[0] != x) return;
    const std::vector<int64_t> axes = integers(*mean, "axes");
    if (axes.size() != 1 || axes != integers(*variance, "axes")) return;
    // Without the axis a mean would be spread over other places.
    if (integer(*mean, "keepdims", 1) == 0 || integer(*variance, "keepdims", 1) == 0) return;
    RawNode fused;
    fused.op = "LayerNormalization";
    fused.name = quotient->name;
    fused.inputs = {x};
    fused.outputs = quotient->outputs;
    fused.attributes["axis"].integer = axes[0];
    fused.attributes["epsilon"].real = *epsilon;
    fused.attributes["over"].text = "axis";
    *quotient = fused;
  }

  RawModel& model_;
  std::map<std::string, std::vector<size_t>> readers_;
  std::map<std::string, size_t> makers_;
  std::map<std::string, const RawTensor*> scalars_;
};

}  // namespace

void recognise_patterns(RawModel& model) { Patterns(model).rewrite(); }

}  // namespace hdecomp::onnx
