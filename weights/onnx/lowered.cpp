/// Reductions, softmax, powers and norms of groups by ops of the graph.
#include "weights/onnx/lowered.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp::onnx {
namespace {

/// A matrix over channels that no file holds: a few ops make it as large as they like.
void check_matrix(int64_t rows, int64_t columns) {
  constexpr int64_t most = int64_t{1} << 24;
  if (rows > most / columns)
    throw UserError(joined("a matrix of ", rows, " by ", columns, " channels"));
}

int whole_map(Net& net, int in, bool maximum) {
  Node node;
  node.op = maximum ? Op::max_pool : Op::adaptive_avg_pool;
  if (maximum) {
    node.y.size = net.shape(in).height;
    node.x.size = net.shape(in).width;
  }
  return net.append(node, {in});
}

/// What a pool of all rows, or of all columns, pools; none if the node is no such pool.
int pooled_by(Net& net, int at, Op op) {
  const Node& pool = net.node(at);
  if (pool.op != op) return -1;
  const FeatureShape& in = net.shape(pool.inputs[0]);
  KernelAxis rows, columns;
  rows.size = in.height, columns.size = in.width;
  const bool one_side =
      (pool.y == rows && pool.x == KernelAxis{}) || (pool.x == columns && pool.y == KernelAxis{});
  return one_side ? pool.inputs[0] : -1;
}

/// Over rows, columns or both. A mean of means of as many is the mean, a maximum of maxima the
/// maximum.
int over_map(Net& net, int in, Sides sides, bool maximum) {
  const FeatureShape shape = net.shape(in);
  const Op op = maximum ? Op::max_pool : Op::avg_pool;
  const bool rows = (sides & set_of(Side::height)) != 0 || shape.height == 1;
  const bool columns = (sides & set_of(Side::width)) != 0 || shape.width == 1;
  if (rows && columns) {
    const int below = pooled_by(net, in, op);
    return whole_map(net, below < 0 ? in : below, maximum);
  }
  Node node;
  node.op = op;
  if (rows) node.y.size = shape.height;
  if (columns) node.x.size = shape.width;
  return net.append(node, {in});
}

int over_channels(Net& net, int in, Reduction reduction) {
  if (reduction == Reduction::maximum) return net.append(Op::channel_max, {in});
  const int64_t count = net.shape(in).channels;
  const float each = reduction == Reduction::sum ? 1 : 1 / static_cast<float>(count);
  Node node;
  node.op = Op::conv;
  node.out_channels = 1;
  return net.append(node, {in}, std::vector<float>(static_cast<size_t>(count), each), {});
}

/// The mean over each group's map, for all of its channels, and `more`.
int group_means(Net& net, int in, int64_t groups, float more) {
  const int64_t channels = net.shape(in).channels, own = channels / groups;
  check_matrix(channels, own);
  const int means = whole_map(net, in, false);
  if (own == 1) return more == 0 ? means : net.scaled(means, false, 1, more);
  const std::vector<float> shift(static_cast<size_t>(channels), more);
  Node node;
  node.op = Op::conv;
  node.out_channels = channels;
  node.groups = groups;
  return net.append(node, {means},
                    std::vector<float>(shift.size() * own, 1 / static_cast<float>(own)), shift);
}

struct ChannelWindow {
  int64_t size, before, after;
};

/// Channel o is `bias` and the sum of tap(j, inside) times the input's channel o - before + j, j
/// below the size, `inside` of which there are.
template <class Tap>
int banded(Net& net, int in, const ChannelWindow& window, float bias, Tap tap) {
  const auto [size, before, after] = window;
  const int64_t channels = net.shape(in).channels;
  const bool fits = size >= 1 && size <= int64_t{1} << 24 && before >= 0 && before < size &&
                    after >= 0 && after < size && size <= channels + before + after;
  if (!fits) throw UserError(joined("windows of ", size, " of ", channels, " channels"));
  Node node;
  node.op = Op::conv;
  node.out_channels = channels + before + after - size + 1;
  check_matrix(node.out_channels, channels);
  std::vector<float> weight(static_cast<size_t>(node.out_channels * channels), 0);
  for (int64_t o = 0; o < node.out_channels; ++o) {
    const int64_t first = std::max<int64_t>(o - before, 0);
    const int64_t end = std::min(o - before + size, channels);
    for (int64_t c = first; c < end; ++c)
      weight[o * channels + c] = tap(c - o + before, end - first);
  }
  return net.append(node, {in}, std::move(weight),
                    std::vector<float>(static_cast<size_t>(node.out_channels), bias));
}

}  // namespace

int reduced(Net& net, int in, Sides sides, Reduction reduction) {
  const FeatureShape shape = net.shape(in);
  if (const Sides map = sides & ~set_of(Side::channels); map != 0) {
    in = over_map(net, in, map, reduction == Reduction::maximum);
    const auto count = static_cast<double>(shape.height * shape.width) /
                       static_cast<double>(net.shape(in).height * net.shape(in).width);
    if (reduction == Reduction::sum) in = net.scaled(in, false, count, 0);
  }
  const bool channels = (sides & set_of(Side::channels)) != 0;
  return channels ? over_channels(net, in, reduction) : in;
}

int channel_windows(Net& net, int in, int64_t size, int64_t before, int64_t after,
                    bool count_zeros) {
  return banded(net, in, {size, before, after}, 0, [&](int64_t, int64_t inside) {
    return 1 / static_cast<float>(count_zeros ? size : inside);
  });
}

int convolved_channels(Net& net, int in, std::span<const float> taps, int64_t before, int64_t after,
                       float bias) {
  return banded(net, in, {std::ssize(taps), before, after}, bias,
                [&](int64_t tap, int64_t) { return taps[tap]; });
}

int apply(Net& net, int in, ScalarFunction function) {
  Node node;
  node.op = Op::activation;
  node.function = function;
  return net.append(node, {in});
}

int softmax(Net& net, int in, Sides sides) {
  const int largest = reduced(net, in, sides, Reduction::maximum);
  const int powers = apply(net, net.append(Op::sub, {in, largest}), {Function::exp});
  return net.append(Op::div, {powers, reduced(net, powers, sides, Reduction::sum)});
}

int negated(Net& net, int in, bool sole) { return net.scaled(in, sole, -1, 0); }

int power(Net& net, int in, float exponent) {
  if (exponent == 1) return in;
  if (exponent == 2) return net.append(Op::mul, {in, in});
  if (exponent == 3) return net.append(Op::mul, {net.append(Op::mul, {in, in}), in});
  return apply(net, in, {Function::power, exponent});
}

int normalised_groups(Net& net, int in, int64_t groups, double epsilon) {
  const int64_t channels = net.shape(in).channels;
  if (groups < 1 || channels % groups != 0)
    throw UserError(joined(groups, " groups of ", channels, " channels"));
  if (!(epsilon > 0)) throw UserError(joined("epsilon ", epsilon, "; it must be above 0"));
  const int centred = net.append(Op::sub, {in, group_means(net, in, groups, 0)});
  const int squares = power(net, centred, 2);
  const int variance = group_means(net, squares, groups, static_cast<float>(epsilon));
  return net.append(Op::mul, {centred, power(net, variance, -0.5f)});
}

}  // namespace hdecomp::onnx
