/// Inception v3 (Szegedy et al. 2016, arXiv:1512.00567), as torchvision lays it out: modules of
/// branches side by side, with kernels of one row or one column.
#include "hdecomp/error.h"
#include "nets/family_parts.h"

namespace hdecomp::inception_v3 {
namespace {

/// Rows, columns, stride and padding of a kernel.
struct Extent {
  int64_t height, width, stride = 1, pad_y = 0, pad_x = 0;
};
constexpr Extent one{1, 1}, three{3, 3, 1, 1, 1}, five{5, 5, 1, 2, 2}, row7{1, 7, 1, 0, 3},
    column7{7, 1, 1, 3, 0}, row3{1, 3, 1, 0, 1}, column3{3, 1, 1, 1, 0}, halving{3, 3, 2};

/// Adds the branches of one module: each step continues at `at`.
class Branches {
 public:
  Branches(GraphBuilder& net, WidthList& widths, std::string module, int input)
      : net_(net), widths_(widths), module_(std::move(module)), input_(input) {}

  int conv(int at, const std::string& part, int64_t width, const Extent& extent) {
    const std::string name = module_.empty() ? part : module_ + "." + part;
    Node node;
    node.op = Op::conv;
    node.activation = Activation::relu;
    node.out_channels = widths_.next(width);
    node.y = {extent.height, extent.stride, extent.pad_y, extent.pad_y, 1};
    node.x = {extent.width, extent.stride, extent.pad_x, extent.pad_x, 1};
    return net_.node(node, {at}, name,
                     {{name + ".conv", name + ".bn", name}, {}, name + ".bn", ""});
  }
  /// Convolutions PREFIX1, PREFIX2, ... one after another, from the module's input.
  struct Step {
    int64_t width;
    Extent extent;
  };
  int chain(const std::string& prefix, const std::vector<Step>& steps) {
    int at = input_;
    for (size_t i = 0; i < steps.size(); ++i) {
      at = conv(at, joined(prefix, i + 1), steps[i].width, steps[i].extent);
    }
    return at;
  }
  /// A mean around each cell, padding counted, and a convolution.
  int mean(int64_t width) {
    Node node;
    node.op = Op::avg_pool;
    node.y = node.x = {3, 1, 1, 1, 1};
    node.count_padding = true;
    const int at = net_.node(node, {input_}, module_ + ".pool", {});
    return conv(at, "branch_pool", width, one);
  }
  int maximum() { return net_.max_pool(input_, module_ + ".pool", {3, 2, 0}, {}); }
  int input() const { return input_; }
  int join(std::vector<int> branches, const std::string& part = "") {
    return net_.concat(std::move(branches), part.empty() ? module_ : module_ + "." + part, {});
  }

 private:
  GraphBuilder& net_;
  WidthList& widths_;
  std::string module_;
  int input_;
};

int module_a(Branches b, int64_t pooled) {
  const int first = b.conv(b.input(), "branch1x1", 64, one);
  const int second = b.chain("branch5x5_", {{48, one}, {64, five}});
  const int third = b.chain("branch3x3dbl_", {{64, one}, {96, three}, {96, three}});
  return b.join({first, second, third, b.mean(pooled)});
}

int module_b(Branches b) {
  const int first = b.conv(b.input(), "branch3x3", 384, halving);
  const int second = b.chain("branch3x3dbl_", {{64, one}, {96, three}, {96, halving}});
  return b.join({first, second, b.maximum()});
}

int module_c(Branches b, int64_t inner) {
  const int first = b.conv(b.input(), "branch1x1", 192, one);
  const int second = b.chain("branch7x7_", {{inner, one}, {inner, row7}, {192, column7}});
  const int third =
      b.chain("branch7x7dbl_",
              {{inner, one}, {inner, column7}, {inner, row7}, {inner, column7}, {192, row7}});
  return b.join({first, second, third, b.mean(192)});
}

int module_d(Branches b) {
  const int first = b.chain("branch3x3_", {{192, one}, {320, halving}});
  const int second =
      b.chain("branch7x7x3_", {{192, one}, {192, row7}, {192, column7}, {192, halving}});
  return b.join({first, second, b.maximum()});
}

int module_e(Branches b) {
  const auto split = [&](int at, const std::string& prefix) {
    const int row = b.conv(at, prefix + "a", 384, row3);
    return b.join({row, b.conv(at, prefix + "b", 384, column3)}, prefix);
  };
  const int first = b.conv(b.input(), "branch1x1", 320, one);
  const int second = split(b.chain("branch3x3_", {{384, one}}), "branch3x3_2");
  const int third = split(b.chain("branch3x3dbl_", {{448, one}, {384, three}}), "branch3x3dbl_3");
  return b.join({first, second, third, b.mean(192)});
}

/// Stages end before the layers that stride, and with the last map.
Graph build(const NetParams& params) {
  GraphBuilder net(params.arch);
  WidthList widths(params);
  Branches stem(net, widths, "", 0);
  const auto in = [&](const char* name, int at) { return Branches(net, widths, name, at); };
  int top = stem.conv(0, "Conv2d_1a_3x3", 32, halving);
  top = stem.conv(top, "Conv2d_2a_3x3", 32, {3, 3});
  top = stem.conv(top, "Conv2d_2b_3x3", 64, three);
  net.stage_end("Conv2d_2b_3x3", top);
  top = net.max_pool(top, "maxpool1", {3, 2, 0}, {{"maxpool1"}, {}, "", ""});
  top = stem.conv(top, "Conv2d_3b_1x1", 80, one);
  top = stem.conv(top, "Conv2d_4a_3x3", 192, {3, 3});
  net.stage_end("Conv2d_4a_3x3", top);
  top = net.max_pool(top, "maxpool2", {3, 2, 0}, {{"maxpool2"}, {}, "", ""});
  top = module_a(in("Mixed_5b", top), 32);
  top = module_a(in("Mixed_5c", top), 64);
  top = module_a(in("Mixed_5d", top), 64);
  net.stage_end("Mixed_5d", top);
  top = module_b(in("Mixed_6a", top));
  top = module_c(in("Mixed_6b", top), 128);
  top = module_c(in("Mixed_6c", top), 160);
  top = module_c(in("Mixed_6d", top), 160);
  top = module_c(in("Mixed_6e", top), 192);
  net.stage_end("Mixed_6e", top);
  top = module_d(in("Mixed_7a", top));
  top = module_e(in("Mixed_7b", top));
  top = module_e(in("Mixed_7c", top));
  net.stage_end("Mixed_7c", top);
  top = net.adaptive_avg_pool(top, "avgpool", 1, {{"avgpool"}, {}, "", ""});
  linear_head(net, top, params, "fc", "fc", 0);
  return net.take();
}

NetParams defaults(const std::string& arch) {
  NetParams params = published_params(arch, build);
  params.input_size = 299;
  return params;
}

}  // namespace

Family family() {
  return {"inception_v3", {"inception_v3"}, defaults, build, fit_published, nullptr, 1e-3};
}

}  // namespace hdecomp::inception_v3
