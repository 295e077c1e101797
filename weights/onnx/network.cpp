/// One walk over an ONNX model's nodes: constants are computed, all else becomes nodes of a
/// network.
#include "weights/onnx/network.h"

#include <algorithm>
#include <set>

#include "hdecomp/error.h"
#include "nets/op_traits.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/onnx/names.h"
#include "weights/onnx/translate.h"

namespace hdecomp::onnx {
namespace {

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> all = [] {
    std::map<std::string, Rule> made;
    add_kernel_rules(made);
    add_layout_rules(made);
    add_cell_rules(made);
    add_arithmetic_rules(made);
    return made;
  }();
  return all;
}

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

class Walk {
 public:
  Walk(RawModel& model, ConstantSource& source, int64_t size, Network& result)
      : model_(model), source_(source), size_(size), result_(result) {}

  void run() {
    check_model();
    find_output();
    recognise_patterns(model_);
    drop_unread_nodes();
    std::set<std::string> constants;
    for (const RawTensor& tensor : model_.initialisers) constants.insert(tensor.name);
    Net net = begin(constants);
    for (const RawTensor& tensor : model_.initialisers) {
      if (readers_.contains(tensor.name))
        values_[tensor.name].constant = constant_of(tensor, source_);
    }
    for (const RawNode& node : model_.nodes) translate(node, net);
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

  /// The scores: what a final softmax or sigmoid is computed from.
  void find_output() {
    std::map<std::string, const RawNode*> makers;
    for (const RawNode& node : model_.nodes) {
      for (const std::string& output : node.outputs) makers[output] = &node;
    }
    output_ = model_.outputs[0].name;
    if (model_.outputs.size() > 1) {
      result_.said.push_back(joined("the first of ", model_.outputs.size(), " outputs, ",
                                    in_quotes(output_), ", holds the class scores"));
    }
    std::string at = output_;
    for (int steps = 0; steps < 4; ++steps) {  // a reshape or so may come behind it
      const auto found = makers.find(at);
      if (found == makers.end() || found->second->inputs.empty()) return;
      const RawNode& node = *found->second;
      at = node.inputs[0];
      if (node.op == "Softmax" || node.op == "LogSoftmax" || node.op == "Sigmoid") {
        result_.said.push_back(
            joined("the final ", node.op, " is left out: decisions are the scores before it"));
        output_ = at;
        return;
      }
      const std::set<std::string> passing{"Identity", "Dropout", "Reshape",
                                          "Flatten",  "Squeeze", "Cast"};
      if (!passing.contains(node.op)) return;
    }
  }

  /// From the output back; counts what reads each tensor on the way. A Shape does not read values.
  void drop_unread_nodes() {
    std::set<std::string> read{output_};
    std::vector<RawNode> kept;
    readers_[output_] = 1;
    for (size_t i = model_.nodes.size(); i-- > 0;) {
      RawNode& node = model_.nodes[i];
      if (std::ranges::none_of(node.outputs,
                               [&](const std::string& name) { return read.contains(name); }))
        continue;
      for (const std::string& input : node.inputs) {
        read.insert(input);
        readers_[input] += node.op == "Shape" ? 0 : 1;
      }
      kept.push_back(std::move(node));
    }
    std::ranges::reverse(kept);
    model_.nodes = std::move(kept);
  }

  /// The image is the input that is no initialiser.
  Net begin(const std::set<std::string>& constants) {
    const RawValue* image = nullptr;
    for (const RawValue& input : model_.inputs) {
      if (constants.contains(input.name) || !readers_.contains(input.name)) continue;
      if (image != nullptr)
        throw UserError(joined("two inputs, ", in_quotes(image->name), " and ",
                               in_quotes(input.name), "; a classifier of images has one"));
      image = &input;
    }
    if (image == nullptr) throw UserError("no input that the output is computed from");
    std::vector<int64_t> dims = image->dims;
    const std::string what = joined("input ", in_quotes(image->name), " of ", dims_shown(dims));
    if (dims.size() != 4)
      throw UserError(joined(what, "; batch, channels, height and width are needed (0: open)"));
    const auto is_colour = [](int64_t channels) { return channels == 1 || channels == 3; };
    const bool last = !is_colour(dims[1]) && is_colour(dims[3]);
    int64_t &channels = dims[last ? 3 : 1], &height = dims[last ? 1 : 2],
            &width = dims[last ? 2 : 3];
    if (channels == 0) channels = 3;
    if (!is_colour(channels)) throw UserError(joined(what, "; images have 3 channels, or 1"));
    if (size_ == 0 && height != width && height != 0 && width != 0) {
      throw UserError(
          joined(what, ": images are cropped to squares; --crop SIZE converts it for one"));
    }
    constexpr int64_t usual_size = 224;
    const int64_t fixed = std::max(height, width);
    result_.input_size = size_ != 0 ? size_ : fixed != 0 ? fixed : usual_size;
    if (fixed == 0 && size_ == 0)
      result_.said.push_back("the file leaves the input's size open: 224 (--crop sets another)");
    if (result_.input_size < 1 || result_.input_size > 4096)
      throw UserError(joined(what, "; sizes are 1 to 4096"));
    height = width = result_.input_size;
    if (dims[0] < 1) dims[0] = 1;
    Net net({3, height, width}, source_);
    Value value;
    value.node = 0;
    value.dims = dims;
    value.layout = last ? Layout::last : Layout::map;
    if (channels == 1) value.node = grey(net);
    values_[image->name] = value;
    return net;
  }

  /// Luminance, as JPEG and PNG have it.
  int grey(Net& net) {
    result_.grey = true;
    Node node;
    node.op = Op::conv;
    node.out_channels = 1;
    return net.append(node, {0}, {0.299f, 0.587f, 0.114f}, {0});
  }

  static std::string dims_shown(const std::vector<int64_t>& dims) {
    std::string shown = "(";
    for (size_t i = 0; i < dims.size() && i < 8; ++i) shown += joined(i == 0 ? "" : ", ", dims[i]);
    return shown + ")";
  }

  void translate(const RawNode& node, Net& net) {
    try {
      const int before = net.graph().scores();
      std::vector<Value> outputs = outputs_of(node, net);
      for (size_t i = 0; i < node.outputs.size() && i < outputs.size(); ++i) {
        define(node, node.outputs[i], std::move(outputs[i]), net, before);
      }
    } catch (const UserError& fault) {
      throw UserError(joined(shown(node), ": ", fault.what()));
    }
  }

  std::vector<Value> outputs_of(const RawNode& node, Net& net) {
    Call call{node, {}, net};
    bool all_constant = true;
    for (const std::string& input : node.inputs) {
      if (input.empty()) {
        call.inputs.emplace_back();
        continue;
      }
      const auto found = values_.find(input);
      if (found == values_.end())
        throw UserError(joined("reads ", in_quotes(input), ", which no node before it makes"));
      call.inputs.push_back(found->second);
      all_constant = all_constant && found->second.constant != nullptr;
    }
    if (!node.domain.empty() && node.domain != "ai.onnx")
      throw UserError(joined("of the domain ", in_quotes(node.domain), " is not supported"));
    if (all_constant && node.op != "Shape") {
      if (ConstantPtr result = folded(node, call.constants(), source_))
        return {constant_value(result)};
    }
    const auto rule = rules().find(node.op);
    if (rule == rules().end())
      throw UserError(joined("is not supported; supported are ", supported_ops()));
    if (node.op == "Shape" && all_constant) return {shape_of_constant(call)};
    return rule->second(call);
  }

  static Value shape_of_constant(const Call& call) {
    auto dims = std::make_shared<Constant>();
    dims->whole = true;
    dims->integers = call.constant(0).dims;
    dims->dims = {static_cast<int64_t>(dims->integers.size())};
    return constant_value(dims);
  }

  void define(const RawNode& raw, const std::string& name, Value value, Net& net, int before) {
    if (name.empty()) return;
    if (value.node >= 0) {
      bool inherited = true;  // a view is alone only if what it views is
      if (value.node <= before) {
        for (const std::string& input : raw.inputs) {
          const auto found = values_.find(input);
          if (found != values_.end() && found->second.node == value.node)
            inherited = inherited && found->second.sole;
        }
      }
      const auto count = readers_.find(name);
      value.sole = inherited && count != readers_.end() && count->second == 1;
      const bool plain = value.layout == Layout::map || value.layout == Layout::flat;
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
    if (shape.height * shape.width != 1 || shape.channels < 1) {
      throw UserError(joined("output ", in_quotes(output_), " is a map of ", shape.channels, "x",
                             shape.height, "x", shape.width,
                             "; a classifier gives one number per class"));
    }
    drop_unread(net, scores.node);
    result_.graph = std::move(net.graph());
    result_.layers = std::move(net.layers());
    name_nodes(result_.graph);
    infer_shapes(result_.graph, {3, result_.input_size, result_.input_size});
  }

  RawModel& model_;
  ConstantSource& source_;
  int64_t size_;
  Network& result_;
  std::string output_;
  std::map<std::string, Value> values_;
  std::map<std::string, int64_t> readers_;
};

}  // namespace

const Value& Call::feature(size_t i) const {
  if (i >= inputs.size() || inputs[i].node < 0)
    throw UserError(joined("input ", i, " is not computed from the image"));
  return inputs[i];
}

const Constant& Call::constant(size_t i) const {
  if (i >= inputs.size() || !inputs[i].constant)
    throw UserError(joined("input ", i, " is no constant"));
  return *inputs[i].constant;
}

std::vector<ConstantPtr> Call::constants() const {
  std::vector<ConstantPtr> all;
  for (const Value& value : inputs) all.push_back(value.constant);
  return all;
}

Value Call::as(size_t i, int other) const {
  Value value = feature(i);
  value.node = other;
  return value;
}

Network read_network(const std::string& path, int64_t size) {
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
