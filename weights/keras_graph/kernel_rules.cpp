/// Convolutions, pools, padding and dense layers.
#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/general/enlarged.h"
#include "weights/general/padding.h"
#include "weights/keras/keras_layout.h"
#include "weights/keras_graph/layer_rules.h"

namespace hdecomp::keras_graph {
namespace {

std::vector<float> values_of(const Tensor& tensor) {
  return {tensor.span().begin(), tensor.span().end()};
}

/// Strides, dilation and padding of a kernel over the input's map.
void set_kernel(const Site& site, int64_t height, int64_t width,
                const std::pair<int64_t, int64_t>& strides, const char* dilation, Node& node) {
  node.y.size = height, node.x.size = width;
  node.y.stride = strides.first, node.x.stride = strides.second;
  if (dilation != nullptr) {
    const auto [apart_y, apart_x] = site.settings.pair(dilation, 1);
    node.y.dilation = apart_y, node.x.dilation = apart_x;
  }
  if (!site.settings.same_padding()) return;
  const FeatureShape& in = site.net.shape(site.map().node);
  general::pad_same(node.y, in.height, true);
  general::pad_same(node.x, in.width, true);
}

int convolve(const Site& site, Node node, std::vector<float> weight, std::vector<float> bias) {
  const Feature& in = site.map();
  const int below = general::absorb_padding(site.net, in.node, in.sole, node);
  return site.net.append(node, {below}, std::move(weight), std::move(bias));
}

Feature conv(const Site& site) {
  const Tensor& kernel = site.tensor("kernel", 4);  // (h, w, in / groups, out)
  Node node;
  node.op = Op::conv;
  node.out_channels = kernel.shape()[3];
  node.groups = site.settings.integer("groups", 1);
  set_kernel(site, kernel.shape()[0], kernel.shape()[1], site.settings.pair("strides", 1),
             "dilation_rate", node);
  const int at =
      convolve(site, node, values_of(native_kernel(kernel)), site.bias(node.out_channels));
  return activated(site, site.map_of(at));
}

/// Each channel's own kernels, of (h, w, channels, multiplier): output channel c * multiplier + m.
int depthwise(const Site& site, const Tensor& kernel, std::vector<float> bias) {
  const Shape& shape = kernel.shape();
  const int64_t area = shape[0] * shape[1], out = shape[2] * shape[3];
  Node node;
  node.op = Op::conv;
  node.out_channels = out;
  node.groups = shape[2];
  set_kernel(site, shape[0], shape[1], site.settings.pair("strides", 1), "dilation_rate", node);
  std::vector<float> weight(static_cast<size_t>(out * area));
  for (int64_t channel = 0; channel < out; ++channel) {
    for (int64_t i = 0; i < area; ++i) {
      weight[static_cast<size_t>(channel * area + i)] = kernel.data()[i * out + channel];
    }
  }
  return convolve(site, node, std::move(weight), std::move(bias));
}

Feature depthwise_conv(const Site& site) {
  // Keras 3 calls it kernel.
  const Tensor& kernel =
      site.tensor(site.has("depthwise_kernel") ? "depthwise_kernel" : "kernel", 4);
  const int64_t out = kernel.shape()[2] * kernel.shape()[3];
  return activated(site, site.map_of(depthwise(site, kernel, site.bias(out))));
}

Feature separable_conv(const Site& site) {
  const Tensor& pointwise = site.tensor("pointwise_kernel", 4);
  if (pointwise.shape()[0] * pointwise.shape()[1] != 1) {
    throw UserError(joined("its pointwise kernel has shape ", pointwise.shape()));
  }
  const int middle = depthwise(site, site.tensor("depthwise_kernel", 4), {});
  Node node;
  node.op = Op::conv;
  node.out_channels = pointwise.shape()[3];
  const int at = site.net.append(node, {middle}, values_of(native_kernel(pointwise)),
                                 site.bias(node.out_channels));
  return activated(site, site.map_of(at));
}

/// A product over the channels of each cell is a 1x1 convolution.
Feature dense(const Site& site) {
  const Feature& in = site.only();
  const Tensor& kernel = site.tensor("kernel", 2);  // (in, out)
  const int64_t out = kernel.shape()[1];
  if (kernel.shape()[0] != in.dims.back()) {
    throw UserError(joined("its kernel has shape ", kernel.shape(), " for an input of ",
                           in.dims.back(), " numbers"));
  }
  const FeatureShape map =
      in.dims.size() == 1 ? site.net.shape(in.node) : FeatureShape{kernel.shape()[0], 1, 1};
  Node node;
  node.op = in.dims.size() == 1 ? Op::linear : Op::conv;
  node.out_channels = out;
  Feature result = in;
  result.node =
      site.net.append(node, {in.node}, values_of(native_dense(kernel, map)), site.bias(out));
  result.sole = true;
  result.dims.back() = out;
  return activated(site, result);
}

Feature pool(const Site& site) {
  const Feature& in = site.map();
  const std::pair<int64_t, int64_t> size = site.settings.pair("pool_size", 2);
  const bool strides = site.settings.has("strides");
  Node node;
  node.op = site.layer.kind == "MaxPooling2D" ? Op::max_pool : Op::avg_pool;
  set_kernel(site, size.first, size.second, strides ? site.settings.pair("strides", 1) : size,
             nullptr, node);
  return site.map_of(site.net.append(node, {in.node}));
}

Feature global_pool(const Site& site) {
  const Feature& in = site.map();
  const FeatureShape map = site.net.shape(in.node);
  Node node;
  node.op = Op::adaptive_avg_pool;
  if (site.layer.kind == "GlobalMaxPooling2D") {
    node.op = Op::max_pool;
    node.y.size = map.height, node.x.size = map.width;
  }
  Feature result = site.map_of(site.net.append(node, {in.node}));
  if (!site.settings.flag("keepdims", false)) result.dims = {map.channels};
  return result;
}

/// ((top, bottom), (left, right)), (y, x), or one number for all; `sign`: 1 adds cells, -1 takes
/// them away.
Feature pad(const Site& site, const char* name, int64_t sign) {
  constexpr double most_cells = 1 << 20;
  std::vector<double> cells = site.settings.reals(name);
  if (cells.size() == 1) cells.assign(4, cells[0]);
  if (cells.size() == 2) cells = {cells[0], cells[0], cells[1], cells[1]};
  if (cells.size() != 4) throw UserError(joined("its ", name, " is not of 1, 2 or 4 numbers"));
  for (const double each : cells) {
    if (!(each >= 0 && each <= most_cells)) throw UserError(joined("its ", name, " is ", each));
  }
  const Feature& in = site.map();
  const auto at = [&](size_t i) { return sign * static_cast<int64_t>(cells[i]); };
  Node node;
  node.op = Op::pad;
  node.out_channels = site.net.shape(in.node).channels;
  node.y.pad = at(0), node.y.pad_end = at(1), node.x.pad = at(2), node.x.pad_end = at(3);
  return site.map_of(site.net.append(node, {in.node}));
}

/// Each cell several times.
Feature enlarged(const Site& site) {
  const std::string between = site.settings.text("interpolation", "nearest");
  if (between != "nearest")
    throw UserError(joined("its interpolation is ", in_quotes(between), "; nearest is supported"));
  constexpr int64_t most = 1 << 10;
  const auto [rows, columns] = site.settings.pair("size", 2);
  if (rows < 1 || columns < 1 || rows > most || columns > most)
    throw UserError(joined("its size is ", rows, "x", columns));
  const Feature& in = site.map();
  if (rows == 1 && columns == 1) return in;
  return site.map_of(general::enlarged(site.net, in.node, rows, columns));
}

Feature zero_padding(const Site& site) { return pad(site, "padding", 1); }
Feature cropping(const Site& site) { return pad(site, "cropping", -1); }

}  // namespace

void add_kernel_rules(std::map<std::string, LayerRule>& rules) {
  rules["Conv2D"] = conv;
  rules["DepthwiseConv2D"] = depthwise_conv;
  rules["SeparableConv2D"] = separable_conv;
  rules["Dense"] = dense;
  rules["MaxPooling2D"] = rules["AveragePooling2D"] = pool;
  rules["GlobalAveragePooling2D"] = rules["GlobalMaxPooling2D"] = global_pool;
  rules["UpSampling2D"] = enlarged;
  rules["ZeroPadding2D"] = zero_padding;
  rules["Cropping2D"] = cropping;
}

}  // namespace hdecomp::keras_graph
