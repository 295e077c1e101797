/// PyTorch's nn.LocalResponseNorm, which its exporter spells out: x / (k + alpha mean(x^2))^beta,
/// the mean over windows of channels, which channel_windows() made a convolution.
#include <algorithm>
#include <cmath>

#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

/// The number that all of `values` are, if they are one.
std::optional<float> only_number(std::span<const float> values) {
  const auto same = [&](float value) { return value == values[0]; };
  if (values.empty() || !std::ranges::all_of(values, same)) return std::nullopt;
  return values[0];
}

/// A matrix whose row o has one number in the columns from o - before on, `size` of them.
struct Band {
  int64_t size = 0, before = 0;
  float number = 0;
};

std::optional<Band> band_of(const Tensor& weight) {
  const int64_t rows = weight.shape()[0], columns = weight.shape()[1];
  const std::span<const float> all = weight.span();
  Band band;
  for (int64_t o = 0; o < rows; ++o) {  // the longest: windows at the ends are cut
    const auto row = all.subspan(o * columns, columns);
    const auto first = std::ranges::find_if(row, [](float v) { return v != 0; });
    const int64_t length = std::find(first, row.end(), 0.0f) - first;
    if (length > band.size) band = {length, o - (first - row.begin()), *first};
  }
  for (int64_t o = 0; o < rows; ++o) {
    for (int64_t c = 0; c < columns; ++c) {
      const int64_t place = c - o + band.before;
      const bool inside = place >= 0 && place < band.size;
      if (all[o * columns + c] != (inside ? band.number : 0)) return std::nullopt;
    }
  }
  return band;
}

/// How many channels of zeros a node puts before its input's, if that and some behind is all it
/// does.
std::optional<int64_t> zeros_before(Net& net, int at) {
  const Node& pad = net.node(at);
  if (pad.op != Op::pad || pad.y.pad != 0 || pad.y.pad_end != 0 || pad.x.pad != 0 ||
      pad.x.pad_end != 0 || pad.first_channel > 0) {
    return std::nullopt;
  }
  const bool all = pad.out_channels >= net.shape(pad.inputs[0]).channels - pad.first_channel;
  return all ? std::optional(-pad.first_channel) : std::nullopt;
}

}  // namespace

std::optional<ResponseNorm> response_norm(Net& net, int x, int divisor) {
  const Node& root = net.node(divisor);
  if (root.op != Op::activation || root.function.function != Function::power) return std::nullopt;
  int at = root.inputs[0];
  std::optional<float> scale = 1, shift = 0;  // behind the windows, where no part of them
  if (const Node& node = net.node(at);
      node.op == Op::affine && node.activation == Activation::none) {
    scale = only_number(net.layers()[at].weight.span());
    shift = only_number(net.layers()[at].bias.span());
    at = node.inputs[0];
  }
  const Node& windows = net.node(at);
  if (windows.op != Op::conv || windows.groups != 1 || windows.activation != Activation::none ||
      windows.y != KernelAxis{} || windows.x != KernelAxis{}) {
    return std::nullopt;
  }
  const LayerWeights& means = net.layers()[at];
  const std::optional<float> more = only_number(means.bias.span());
  const std::optional<Band> band = band_of(means.weight);
  int squares = windows.inputs[0];
  const std::optional<int64_t> zeros = zeros_before(net, squares);
  if (zeros) squares = net.node(squares).inputs[0];
  const Node& square = net.node(squares);
  const bool of_x = square.op == Op::mul && square.activation == Activation::none &&
                    square.inputs == std::vector<int>{x, x};
  if (!of_x || !scale || !shift || !more || !band) return std::nullopt;
  ResponseNorm norm;
  norm.size = band->size;
  norm.before = band->before + zeros.value_or(0);
  norm.alpha = band->number * *scale * static_cast<float>(band->size);
  norm.k = *more * *scale + *shift;
  norm.beta = root.function.alpha;
  const bool fits = norm.size > 0 && norm.before >= 0 && norm.before < norm.size && norm.k > 0 &&
                    norm.alpha >= 0 && std::isfinite(norm.alpha) && std::isfinite(norm.k) &&
                    net.shape(divisor) == net.shape(x);
  return fits ? std::optional(norm) : std::nullopt;
}

}  // namespace hdecomp::onnx
