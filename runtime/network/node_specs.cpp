/// A node's extents, kernel and layer name in the words of each op.
#include "runtime/network/node_specs.h"

namespace hdecomp {

PoolSpec pool_spec(const Node& node) {
  PoolSpec spec;
  spec.kernel_h = node.y.size, spec.kernel_w = node.x.size;
  spec.stride_h = node.y.stride, spec.stride_w = node.x.stride;
  spec.pad_h = node.y.pad, spec.pad_w = node.x.pad;
  spec.rounding = node.rounding;
  spec.far_h = node.y.pad_end - node.y.pad, spec.far_w = node.x.pad_end - node.x.pad;
  spec.dilation_h = node.y.dilation, spec.dilation_w = node.x.dilation;
  return spec;
}

ConvSpec conv_spec(const Node& node, const FeatureShape& in, int64_t batch) {
  ConvSpec spec;
  spec.batch = batch;
  spec.in_channels = in.channels;
  spec.height = in.height;
  spec.width = in.width;
  spec.out_channels = node.out_channels;
  spec.kernel_h = node.y.size, spec.kernel_w = node.x.size;
  spec.stride_h = node.y.stride, spec.stride_w = node.x.stride;
  spec.pad_h = node.y.pad, spec.pad_w = node.x.pad;
  spec.far_h = node.y.pad_end - node.y.pad, spec.far_w = node.x.pad_end - node.x.pad;
  spec.dilation_h = node.y.dilation, spec.dilation_w = node.x.dilation;
  spec.groups = node.groups;
  spec.activation = node.activation;
  spec.layer = node.name;
  return spec;
}

LinearSpec linear_spec(const Node& node, const FeatureShape& in, int64_t batch) {
  return {batch, in.elements(), node.out_channels, node.activation, node.name};
}

}  // namespace hdecomp
