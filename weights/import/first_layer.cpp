/// The input channels of first convolutions.
#include "weights/import/first_layer.h"

#include <algorithm>
#include <array>

#include "weights/import/foreign_names.h"

namespace hdecomp {
namespace {

constexpr std::array<float, 3> luminance{0.299f, 0.587f, 0.114f};

}  // namespace

bool widen_grey(TensorFile& file, const NetParams& params) {
  const Graph graph = build_graph(params);
  const auto first = std::ranges::find(graph.nodes, Op::conv, &Node::op);
  const auto found = file.tensors.find(foreign_names(*first, file.dialect).weight);
  if (found == file.tensors.end() || found->second.shape().rank() != 4) return false;
  const bool keras = file.dialect == Dialect::keras;
  Tensor& grey = found->second;
  std::vector<int64_t> dims = grey.shape().dims();
  int64_t& channels = dims[keras ? 2 : 1];
  if (channels != 1 || grey.elements() == 0) return false;
  channels = 3;
  // What one input channel has in a row: (out, in, k * k), or Keras's (k * k, in, out).
  const int64_t row = keras ? dims[3] : dims[2] * dims[3];
  Tensor wide(Device{}, Shape(dims));
  float* to = wide.data();
  for (int64_t begin = 0; begin < grey.elements(); begin += row) {
    for (const float weight : luminance) {
      for (int64_t i = 0; i < row; ++i) *to++ = grey.data()[begin + i] * weight;
    }
  }
  grey = std::move(wide);
  return true;
}

void swap_red_and_blue(ModelData& model) {
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const Node& node = model.graph.nodes[i];
    if (node.op != Op::conv || node.inputs[0] != 0) continue;
    Tensor& weight = model.layers[i].weight;
    const int64_t area = weight.shape()[2] * weight.shape()[3];
    for (int64_t out = 0; out < weight.shape()[0]; ++out) {
      float* blue = weight.data() + 3 * area * out;
      std::swap_ranges(blue, blue + area, blue + 2 * area);
    }
  }
}

}  // namespace hdecomp
