/// ConvNeXt (Liu et al. 2022, arXiv:2201.03545) with few channels: a net of no family, with layer
/// norms, GELU and large depthwise kernels.
#pragma once

#include <array>
#include <string>

#include "hdecomp/error.h"
#include "tests/support/random_weights.h"

namespace hdecomp::testing_models {

/// Appends nodes of ConvNeXt; `at` is the input's position.
class ConvNextBuilder {
 public:
  explicit ConvNextBuilder(GraphBuilder& net) : net_(net) {}

  int norm(int at, const std::string& name) {
    Node node;
    node.op = Op::layer_norm;
    node.epsilon = 1e-6f;
    return net_.node(node, {at}, name, {});
  }
  int block(int at, int64_t channels, const std::string& name) {
    constexpr int64_t expansion = 4;
    int top = conv(at, name + ".depthwise", channels, {7, 1, 3}, channels);
    top = norm(top, name + ".norm");
    top = conv(top, name + ".expand", expansion * channels, {1, 1, 0});
    Node gelu;
    gelu.op = Op::activation;
    gelu.function = {Function::gelu};
    top = net_.node(gelu, {top}, name + ".gelu", {});
    top = conv(top, name + ".project", channels, {1, 1, 0});
    Node scale;
    scale.op = Op::affine;
    top = net_.node(scale, {top}, name + ".scale", {});
    return net_.add(top, at, name, Activation::none, {});
  }
  int conv(int at, const std::string& name, int64_t channels, Kernel kernel, int64_t groups = 1) {
    return net_.conv(at, name, channels, kernel, Activation::none, {}, groups);
  }

 private:
  GraphBuilder& net_;
};

/// For inputs of `side` pixels, a multiple of 32; ten classes.
inline ModelData slim_convnext(int64_t side, uint64_t seed) {
  constexpr std::array<int64_t, 4> widths{8, 12, 16, 20};
  GraphBuilder net("convnext");
  ConvNextBuilder steps(net);
  int top = steps.norm(steps.conv(0, "stem", widths[0], {4, 4, 0}), "stem_norm");
  for (size_t stage = 0; stage < widths.size(); ++stage) {
    const std::string name = joined("stage", stage + 1);
    if (stage > 0) {
      top = steps.norm(top, name + ".norm");
      top = steps.conv(top, name + ".halve", widths.at(stage), {2, 2, 0});
    }
    for (int i = 0; i < (stage == 2 ? 2 : 1); ++i) {
      top = steps.block(top, widths.at(stage), joined(name, ".", i));
    }
    net.stage_end(name, top);
  }
  top = steps.norm(net.adaptive_avg_pool(top, "pool", 1, {}), "last_norm");
  net.linear(top, "scores", 10, Activation::none, {});
  return with_random_weights(net.take(), {3, side, side}, seed);
}

}  // namespace hdecomp::testing_models
