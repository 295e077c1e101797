/// A node's extents, kernel and layer name in the words of each op.
#include "runtime/network/node_specs.h"

namespace hdecomp {

PoolSpec pool_spec(const Node& node) {
  return {node.kernel, node.kernel, node.stride, node.stride, node.pad, node.pad, node.rounding};
}

ConvSpec conv_spec(const Node& node, const FeatureShape& in, int64_t batch) {
  ConvSpec spec;
  spec.batch = batch;
  spec.in_channels = in.channels;
  spec.height = in.height;
  spec.width = in.width;
  spec.out_channels = node.out_channels;
  spec.kernel_h = spec.kernel_w = node.kernel;
  spec.stride_h = spec.stride_w = node.stride;
  spec.pad_h = spec.pad_w = node.pad;
  spec.groups = node.groups;
  spec.activation = node.activation;
  spec.layer = node.name;
  return spec;
}

LinearSpec linear_spec(const Node& node, const FeatureShape& in, int64_t batch) {
  return {batch, in.elements(), node.out_channels, node.activation, node.name};
}

WindowKernel window_kernel(const Node& node) { return {node.kernel, node.stride, node.pad}; }

}  // namespace hdecomp
