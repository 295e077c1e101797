/// One walk over an ONNX model's nodes: constants are computed, all else becomes nodes of a
/// network.
#include "weights/onnx/network.h"

#include <set>

#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/general/names.h"
#include "weights/onnx/lowered.h"
#include "weights/onnx/reading.h"

namespace hdecomp::onnx {
namespace {

using namespace general;

std::string supported_ops() {
  std::string list;
  for (const auto& [op, rule] : rules()) list += (list.empty() ? "" : ", ") + op;
  return list;
}

std::string shown(const RawNode& node) {
  const std::string& name =
      node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name;
  return joined("node ", in_quotes(name), " (", in_quotes(node.op), ")");
}

Value constant_value(ConstantPtr constant) {
  Value value;
  value.constant = std::move(constant);
  return value;
}

/// Adds the raw node's name and its output's to a node; the weight's stem comes first.
void add_names(Node& node, const RawNode& raw, const std::string& output) {
  if (node.torchvision.empty() && raw.inputs.size() > 1 && has_weights(node)) {
    const std::string& weight = raw.inputs[1];
    if (weight.ends_with(".weight")) add_name(node, weight.substr(0, weight.size() - 7));
  }
  add_name(node, raw.name);
  add_name(node, output);
}

class Walk {
 public:
  Walk(RawModel& model, ConstantSource& source, const PixelSize& size, Network& result)
      : model_(model), source_(source), size_(size), result_(result) {}

  void run() {
    check_model();
    output_ = scores_tensor(model_, result_.said);
    recognise_patterns(model_);
    readers_ = drop_unread_nodes(model_, output_);
    const ImageInput image = image_input(model_, readers_, size_, result_.said);
    result_.input_size = image.size;
    Net net({3, image.size.height, image.size.width}, source_.budget);
    values_[image.name] = image_value(image, net);
    add(model_, net);
    finish(net);
  }

 private:
  void check_model() const {
    if (model_.nodes.empty()) throw UserError("an ONNX file without nodes, or no ONNX file");
    if (model_.opset < 7 || model_.opset > 21) {
      throw UserError(joined("operator set ", model_.opset, "; 7 to 21 are supported"));
    }
    if (model_.outputs.empty()) throw UserError("a graph without an output");
  }

  Value image_value(const ImageInput& image, Net& net) {
    result_.grey = image.grey;
    Value value;
    value.node = image.grey ? append_luminance(net) : 0;
    value.dims = image.dims;
    value.layout = image.last ? Layout::last : Layout::map;
    return value;
  }

  void add(const RawGraph& graph, Net& net) {
    for (const RawTensor& tensor : graph.initialisers) {
      if (readers_.contains(tensor.name))
        values_[tensor.name].constant = constant_of(tensor, source_);
    }
    for (const RawNode& node : graph.nodes) translate(node, net);
  }

  void translate(const RawNode& node, Net& net) {
    try {
      if (node.op == "If") return branch(node, net);
      const int before = net.graph().scores();
      std::vector<Value> outputs = outputs_of(node, net);
      for (size_t i = 0; i < node.outputs.size() && i < outputs.size(); ++i) {
        const bool sole = is_new(outputs[i], before) || is_alone_below(node, outputs[i]);
        define(node, node.outputs[i], std::move(outputs[i]), net, sole);
      }
    } catch (const UserError& fault) {
      throw UserError(joined(shown(node), ": ", fault.what()));
    }
  }

  /// PyTorch 1.13 writes one where it does not know whether an axis that it squeezes is of 1.
  void branch(const RawNode& node, Net& net) {
    const auto found = values_.find(node.inputs.empty() ? "" : node.inputs[0]);
    if (found == values_.end() || !found->second.constant)
      throw UserError("its condition is no constant");
    const bool then = number_of(*found->second.constant) != 0;
    const auto chosen = node.attributes.find(then ? "then_branch" : "else_branch");
    if (chosen == node.attributes.end() || !chosen->second.graph)
      throw UserError("the branch that is taken is missing");
    const RawGraph& graph = *chosen->second.graph;
    add(graph, net);
    if (graph.outputs.size() != node.outputs.size())
      throw UserError("its branch has another number of outputs");
    for (size_t i = 0; i < graph.outputs.size(); ++i) {
      const Value& result = value_of(graph.outputs[i].name);
      define(node, node.outputs[i], result, net, result.sole);
    }
  }

  const Value& value_of(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end())
      throw UserError(joined("reads ", in_quotes(name), ", which no node before it makes"));
    return found->second;
  }

  std::vector<Value> outputs_of(const RawNode& node, Net& net) {
    Call call{node, {}, net, false, model_.opset};
    bool all_constant = true;
    for (const std::string& input : node.inputs) {
      if (input.empty()) {
        call.inputs.emplace_back();
        continue;
      }
      call.inputs.push_back(value_of(input));
      all_constant = all_constant && call.inputs.back().constant != nullptr;
    }
    if (!node.domain.empty() && node.domain != "ai.onnx")
      throw UserError(joined("of the domain ", in_quotes(node.domain), " is not supported"));
    if (all_constant && node.op != "Shape") {
      if (ConstantPtr result = folded(node, call.constants(), source_))
        return {constant_value(result)};
    }
    for (Value& input : call.inputs) {
      if (input.spread && !broadcasts(node.op)) write_out(net, input);
    }
    const auto rule = rules().find(node.op);
    if (rule == rules().end())
      throw UserError(joined("is not supported; supported are ", supported_ops()));
    return rule->second(call);
  }

  /// Ops that an expanded feature need not be written out for.
  static bool broadcasts(const std::string& op) {
    static const std::set<std::string> all{"Add", "Sub", "Mul", "Div",
                                           "Sum", "Max", "Min", "Shape"};
    return all.contains(op);
  }

  static bool is_new(const Value& value, int before) { return value.node > before; }

  /// A view is alone only if what it views is.
  bool is_alone_below(const RawNode& raw, const Value& view) const {
    for (const std::string& input : raw.inputs) {
      const auto found = values_.find(input);
      if (found != values_.end() && found->second.node == view.node && !found->second.sole)
        return false;
    }
    return true;
  }

  void define(const RawNode& raw, const std::string& name, Value value, Net& net, bool sole) {
    if (name.empty()) return;
    if (value.node >= 0) {
      const FeatureShape& shape = net.shape(value.node);
      const int64_t elements = elements_of(value.dims, name);
      if (!value.spread && elements != shape.elements() * value.dims.at(0))
        throw UserError("a broadcast that is none of one channel, or of one cell");
      const auto count = readers_.find(name);
      value.sole = sole && count != readers_.end() && count->second == 1;
      const bool plain = value.layout == Layout::map && !value.spread;
      if (value.node > 0 && plain) add_names(net.node(value.node), raw, name);
    }
    if (!values_.emplace(name, std::move(value)).second)
      throw UserError(joined("makes ", in_quotes(name), " a second time"));
  }

  void finish(Net& net) {
    const auto found = values_.find(output_);
    if (found == values_.end() || found->second.node <= 0)
      throw UserError(joined("output ", in_quotes(output_), " is not computed from the image"));
    const Value& scores = found->second;
    const FeatureShape shape = net.shape(scores.node);
    const bool headless = shape.height * shape.width > 1;
    if (headless) result_.said.emplace_back(said_of_headless);
    drop_unread(net, scores.node);
    result_.graph = std::move(net.graph());
    result_.graph.has_scores = !headless;
    result_.layers = std::move(net.layers());
    name_nodes(result_.graph);
    infer_shapes(result_.graph, {3, result_.input_size.height, result_.input_size.width});
  }

  RawModel& model_;
  ConstantSource& source_;
  PixelSize size_;
  Network& result_;
  std::string output_;
  std::map<std::string, Value> values_;
  std::map<std::string, int64_t> readers_;
};

}  // namespace

Network read_network(const std::string& path, const PixelSize& size) {
  try {
    const FileBytes file(path);
    RawModel model = read_schema(file.bytes());
    SizeBudget budget(path, file.bytes().size());
    ConstantSource source{path, budget};
    Network result;
    Walk(model, source, size, result).run();
    result.halves = source.halves;
    return result;
  } catch (const UserError& fault) {
    const std::string line = fault.what();
    throw UserError(line.starts_with(path) ? line : joined(path, ": ", line));
  }
}

/// ModelProto begins with ir_version (field 1, a small number) in every exporter's file.
bool looks_like_onnx(std::span<const uint8_t> bytes) {
  return bytes.size() > 4 && bytes[0] == 0x08 && bytes[1] >= 1 && bytes[1] < 0x40 &&
         (bytes[2] & 7) != 3 && (bytes[2] & 7) != 4;
}

}  // namespace hdecomp::onnx
