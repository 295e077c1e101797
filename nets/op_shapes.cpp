/// The rules of shapes. Graphs may come from files: every number is in range before it is used.
#include "nets/op_shapes.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"

namespace hdecomp::shape_rules {
namespace {

/// Far beyond any network, and products of two stay far inside 64 bits.
constexpr int64_t most = int64_t{1} << 24;

template <class... Parts>
[[noreturn]] void refuse(const Node& node, const Parts&... parts) {
  throw UserError(joined(node.name.empty() ? "" : "layer " + node.name + ": ", parts...));
}

void check_range(const Node& node, const char* what, int64_t value, int64_t least) {
  if (value < least || value > most) {
    refuse(node, what, " ", value, "; it must be ", least, " to ", most);
  }
}

void check_kernel(const Node& node, const KernelAxis& axis) {
  check_range(node, "a kernel of size", axis.size, 1);
  check_range(node, "a stride of", axis.stride, 1);
  check_range(node, "a dilation of", axis.dilation, 1);
  check_range(node, "padding of", axis.pad, 0);
  check_range(node, "padding of", axis.pad_end, 0);
}

int64_t steps(const Node& node, const KernelAxis& axis, int64_t size) {
  check_kernel(node, axis);
  if (size + axis.pad + axis.pad_end < axis.extent()) {
    const bool dilated = axis.dilation > 1;
    refuse(node, "its ", node.y.size, "x", node.x.size, dilated ? " dilated" : "",
           " kernel does not fit a map of size ", size, "; the network needs a larger input");
  }
  return steps_of_kernel(size, axis, node.rounding);
}

/// Every kernel of a pool must read a cell of the map.
void check_pool_padding(const Node& node, const KernelAxis& axis, int64_t size) {
  if (axis.pad >= axis.extent() || axis.pad_end >= axis.extent()) {
    refuse(node, "padding ", std::max(axis.pad, axis.pad_end), " of a pool's kernel of ",
           axis.extent(), " cells; it must be less");
  }
  if (axis.pad > 0 && axis.dilation > size) {
    refuse(node, "a padded pool of dilation ", axis.dilation, " on a map of size ", size);
  }
}

/// A gather's axis.
void check_gather(const Node& node, const KernelAxis& axis) {
  check_range(node, "an axis of", axis.size, 1);
  check_range(node, "a shift of", axis.pad, -most);
  check_range(node, "cells that are there", axis.dilation, 1);
  if (axis.stride != 1 && axis.stride != -1) {
    refuse(node, "a step of ", axis.stride, "; it must be 1 or -1");
  }
}

/// Of space_to_depth and depth_to_space: the cells of a block on an axis.
void check_block(const Node& node, const KernelAxis& axis) {
  check_range(node, "a block of", axis.size, 1);
  KernelAxis block;
  block.size = block.stride = axis.size;
  if (axis != block) refuse(node, "a block that overlaps, leaves cells out or pads");
}

/// Where each input has the output's extent or 1.
int64_t common_extent(const Node& node, const char* what, int64_t a, int64_t b) {
  if (a == b || b == 1) return a;
  if (a == 1) return b;
  refuse(node, "its two inputs differ in ", what, ", ", a, " and ", b);
}

}  // namespace

FeatureShape conv(const Node& node, Inputs in) {
  check_range(node, "output channels", node.out_channels, 1);
  check_range(node, "groups", node.groups, 1);
  if (in[0].channels % node.groups != 0 || node.out_channels % node.groups != 0) {
    refuse(node, node.groups, " groups do not divide its ", in[0].channels, " and ",
           node.out_channels, " channels");
  }
  return {node.out_channels, steps(node, node.y, in[0].height), steps(node, node.x, in[0].width)};
}

FeatureShape linear(const Node& node, Inputs) {
  check_range(node, "units", node.out_channels, 1);
  return {node.out_channels, 1, 1};
}

FeatureShape pool(const Node& node, Inputs in) {
  const FeatureShape pooled{in[0].channels, steps(node, node.y, in[0].height),
                            steps(node, node.x, in[0].width)};
  check_pool_padding(node, node.y, in[0].height);
  check_pool_padding(node, node.x, in[0].width);
  const bool dilated = node.y.dilation > 1 || node.x.dilation > 1;
  if (node.op == Op::avg_pool && dilated) refuse(node, "a dilated average pool is not supported");
  return pooled;
}

FeatureShape adaptive_pool(const Node& node, Inputs in) {
  check_range(node, "a pooled size of", node.pool_size, 1);
  return {in[0].channels, node.pool_size, node.pool_size};
}

FeatureShape binary(const Node& node, Inputs in) {
  const FeatureShape &a = in[0], &b = in[1];
  const FeatureShape both{common_extent(node, "channels", a.channels, b.channels),
                          common_extent(node, "height", a.height, b.height),
                          common_extent(node, "width", a.width, b.width)};
  for (const FeatureShape& each : in) {
    const bool map = each.height == both.height && each.width == both.width;
    if (!map && (each.height != 1 || each.width != 1)) {
      refuse(node, "an input of ", each.height, "x", each.width, " beside a map of ", both.height,
             "x", both.width, "; it must be as large, or one cell");
    }
  }
  return both;
}

FeatureShape concat(const Node& node, Inputs in) {
  FeatureShape all{0, in[0].height, in[0].width};
  for (const FeatureShape& each : in) {
    if (each.height != all.height || each.width != all.width) {
      refuse(node, "its inputs differ in height or width");
    }
    all.channels += each.channels;
  }
  return all;
}

FeatureShape same(const Node&, Inputs in) { return in[0]; }

FeatureShape activation(const Node& node, Inputs in) {
  const auto function = static_cast<int>(node.function.function);
  if (function < 0 || function >= function_count) refuse(node, "unknown function ", function);
  if (std::isnan(node.function.alpha) || std::isnan(node.function.beta)) {
    refuse(node, "a parameter of its function is not a number");
  }
  if (node.function.function == Function::clip && node.function.alpha > node.function.beta) {
    refuse(node, "clips to ", node.function.alpha, " to ", node.function.beta);
  }
  return in[0];
}

FeatureShape slice(const Node& node, Inputs in) {
  check_range(node, "output channels", node.out_channels, 1);
  check_range(node, "a first channel of", node.first_channel, 0);
  if (node.first_channel + node.out_channels > in[0].channels) {
    refuse(node, "channels ", node.first_channel, " to ",
           node.first_channel + node.out_channels - 1, " of ", in[0].channels);
  }
  return {node.out_channels, in[0].height, in[0].width};
}

FeatureShape pad(const Node& node, Inputs in) {
  check_range(node, "output channels", node.out_channels, 1);
  check_range(node, "a first channel of", node.first_channel, -most);
  for (const int64_t cells : {node.y.pad, node.y.pad_end, node.x.pad, node.x.pad_end}) {
    check_range(node, "padding of", cells, -most);
  }
  const FeatureShape out{node.out_channels, in[0].height + node.y.pad + node.y.pad_end,
                         in[0].width + node.x.pad + node.x.pad_end};
  if (out.height < 1 || out.width < 1) {
    refuse(node, "it crops a map of ", in[0].height, "x", in[0].width, " to nothing");
  }
  return out;
}

FeatureShape shuffle(const Node& node, Inputs in) {
  check_range(node, "groups", node.groups, 1);
  if (in[0].channels % node.groups != 0) {
    refuse(node, node.groups, " groups do not divide its ", in[0].channels, " channels");
  }
  return in[0];
}

FeatureShape lrn(const Node& node, Inputs in) {
  check_range(node, "a window of", node.lrn.size, 1);
  check_range(node, "channels before of", node.lrn.before, 0);
  if (node.lrn.before >= node.lrn.size) {
    refuse(node, node.lrn.before, " channels before in a window of ", node.lrn.size);
  }
  if (!(node.lrn.k > 0) || !(node.lrn.alpha >= 0) || !std::isfinite(node.lrn.beta)) {
    refuse(node, "k ", node.lrn.k, ", alpha ", node.lrn.alpha, ", beta ", node.lrn.beta,
           "; k must be above 0, alpha at least 0");
  }
  return in[0];
}

FeatureShape layer_norm(const Node& node, Inputs in) {
  if (!(node.epsilon > 0)) refuse(node, "epsilon ", node.epsilon, "; it must be above 0");
  return in[0];
}

FeatureShape channel_max(const Node&, Inputs in) { return {1, in[0].height, in[0].width}; }

FeatureShape gather(const Node& node, Inputs in) {
  check_gather(node, node.y);
  check_gather(node, node.x);
  return {in[0].channels, node.y.size, node.x.size};
}

FeatureShape space_to_depth(const Node& node, Inputs in) {
  check_block(node, node.y);
  check_block(node, node.x);
  if (in[0].height % node.y.size != 0 || in[0].width % node.x.size != 0) {
    refuse(node, "blocks of ", node.y.size, "x", node.x.size, " do not divide a map of ",
           in[0].height, "x", in[0].width);
  }
  return {in[0].channels * node.y.size * node.x.size, in[0].height / node.y.size,
          in[0].width / node.x.size};
}

FeatureShape depth_to_space(const Node& node, Inputs in) {
  check_block(node, node.y);
  check_block(node, node.x);
  if (in[0].channels % (node.y.size * node.x.size) != 0) {
    refuse(node, "blocks of ", node.y.size, "x", node.x.size, " do not divide its ", in[0].channels,
           " channels");
  }
  return {in[0].channels / (node.y.size * node.x.size), in[0].height * node.y.size,
          in[0].width * node.x.size};
}

std::vector<int64_t> conv_weight(const Node& node, const FeatureShape& in) {
  return {node.out_channels, in.channels / node.groups, node.y.size, node.x.size};
}
std::vector<int64_t> linear_weight(const Node& node, const FeatureShape& in) {
  return {node.out_channels, in.elements()};
}
std::vector<int64_t> channel_weight(const Node&, const FeatureShape& in) { return {in.channels}; }
std::vector<int64_t> element_weight(const Node&, const FeatureShape& in) { return {in.elements()}; }

}  // namespace hdecomp::shape_rules
