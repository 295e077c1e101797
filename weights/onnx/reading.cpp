/// Walks from an ONNX model's outputs back to its image.
#include "weights/onnx/reading.h"

#include <algorithm>
#include <set>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/general/input_size.h"

namespace hdecomp::onnx {
namespace {

std::string dims_shown(const std::vector<int64_t>& dims) {
  std::string shown = "(";
  for (size_t i = 0; i < dims.size() && i < 8; ++i) shown += joined(i == 0 ? "" : ", ", dims[i]);
  return shown + ")";
}

bool is_colour(int64_t channels) { return channels == 1 || channels == 3; }

const RawValue& only_input(const RawModel& model, const std::map<std::string, int64_t>& readers) {
  std::set<std::string> constants;
  for (const RawTensor& tensor : model.initialisers) constants.insert(tensor.name);
  const RawValue* image = nullptr;
  for (const RawValue& input : model.inputs) {
    if (constants.contains(input.name) || !readers.contains(input.name)) continue;
    if (image != nullptr) {
      throw UserError(joined("two inputs, ", in_quotes(image->name), " and ", in_quotes(input.name),
                             "; a classifier of images has one"));
    }
    image = &input;
  }
  if (image == nullptr) throw UserError("no input that the output is computed from");
  return *image;
}

}  // namespace

std::string scores_tensor(const RawModel& model, std::vector<std::string>& said) {
  std::map<std::string, const RawNode*> makers;
  for (const RawNode& node : model.nodes) {
    for (const std::string& output : node.outputs) makers[output] = &node;
  }
  const std::string& first = model.outputs[0].name;
  if (model.outputs.size() > 1) {
    said.push_back(joined("the first of ", model.outputs.size(), " outputs, ", in_quotes(first),
                          ", holds the class scores"));
  }
  std::string at = first, scores = first;
  for (int steps = 0; steps < 4; ++steps) {  // a reshape or so may come behind it
    const auto found = makers.find(at);
    if (found == makers.end() || found->second->inputs.empty()) break;
    const RawNode& node = *found->second;
    at = node.inputs[0];
    const bool chooses = node.op == "ArgMax" || node.op == "TopK";
    const bool shares = node.op == "Softmax" || node.op == "LogSoftmax" || node.op == "Sigmoid";
    if (chooses || shares) {
      said.push_back(
          joined("the final ", node.op, " is left out: decisions are the scores before it"));
      scores = at;
    }
    if (shares) return scores;
    if (chooses) continue;
    const std::set<std::string> passing{"Identity", "Dropout", "Reshape", "Flatten",
                                        "Squeeze",  "Cast",    "Log"};
    if (!passing.contains(node.op)) break;
  }
  return scores;
}

namespace {

/// Counts what a node reads, also inside of its branches, whose results it reads as well.
void count_reads(const RawNode& node, std::map<std::string, int64_t>& readers) {
  for (const std::string& input : node.inputs) readers[input] += node.op == "Shape" ? 0 : 1;
  for (const auto& [name, attribute] : node.attributes) {
    if (!attribute.graph) continue;
    for (const RawNode& inner : attribute.graph->nodes) count_reads(inner, readers);
    for (const RawValue& output : attribute.graph->outputs) ++readers[output.name];
  }
}

}  // namespace

std::map<std::string, int64_t> drop_unread_nodes(RawModel& model, const std::string& output) {
  std::map<std::string, int64_t> readers{{output, 1}};
  std::vector<RawNode> kept;
  for (size_t i = model.nodes.size(); i-- > 0;) {
    RawNode& node = model.nodes[i];
    const auto is_read = [&](const std::string& name) { return readers.contains(name); };
    if (std::ranges::none_of(node.outputs, is_read)) continue;
    count_reads(node, readers);
    kept.push_back(std::move(node));
  }
  std::ranges::reverse(kept);
  model.nodes = std::move(kept);
  return readers;
}

ImageInput image_input(const RawModel& model, const std::map<std::string, int64_t>& readers,
                       const PixelSize& size, std::vector<std::string>& said) {
  const RawValue& value = only_input(model, readers);
  ImageInput image{value.name, value.dims};
  std::vector<int64_t>& dims = image.dims;
  const std::string what = joined("input ", in_quotes(image.name), " of ", dims_shown(dims));
  if (dims.size() != 4)
    throw UserError(joined(what, "; batch, channels, height and width are needed (0: open)"));
  image.last = !is_colour(dims[1]) && is_colour(dims[3]);
  int64_t &channels = dims[image.last ? 3 : 1], &height = dims[image.last ? 1 : 2],
          &width = dims[image.last ? 2 : 3];
  if (channels == 0) channels = 3;
  if (!is_colour(channels)) throw UserError(joined(what, "; images have 3 channels, or 1"));
  image.grey = channels == 1;
  image.size = general::input_size(size, {height, width}, what, said);
  height = image.size.height, width = image.size.width;
  if (dims[0] < 1) dims[0] = 1;
  return image;
}

}  // namespace hdecomp::onnx
