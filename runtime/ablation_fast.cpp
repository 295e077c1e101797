/// Ablation inside the decision's receptive field: all channels as a batch of windows. While items
/// differ in one channel alone, only its difference goes on; at the decision, only its own row.
#include <limits>

#include "hdecomp/error.h"
#include "kernels/core/parallel.h"
#include "kernels/elementwise.h"
#include "kernels/pool.h"
#include "runtime/ablation_product.h"
#include "runtime/ablation_windows.h"

namespace hdecomp {
namespace {

class FastAblation {
 public:
  explicit FastAblation(const AblationQuestion& question)
      : q_(question), windows_(question), steps_(q_.graph().nodes.size()) {
    for (int i = q_.to + 1; i <= q_.from; ++i) {
      if (q_.between[i]) plan_node(i);
    }
  }

  std::vector<float> values() {
    std::vector<float> result;
    for (int64_t first = 0; first < q_.items(); first += windows_.batch()) {
      windows_.begin(first);
      for (int i = q_.to + 1; i <= q_.from; ++i) {
        if (q_.between[i]) run_node(i);
      }
      for (int64_t b = 0; b < std::min(windows_.batch(), q_.items() - first); ++b) {
        result.push_back(windows_.decision(b));
      }
    }
    return result;
  }

 private:
  struct Step {
    Tensor input;  // what the node is computed from: (batch, planes, height, width), halo included
    std::unique_ptr<WindowProduct> product;
    Tensor base;  // (planes, h, w): the sums before the ReLU in the network as it is
    IndexTensor argmax;
  };

  void plan_node(int index) {
    const Node& node = q_.graph().nodes[index];
    const AblationRegion in = windows_.input_region(index);
    Step& step = steps_[index];
    if (is_channelwise(node)) {
      const int64_t planes = windows_.planes(index);
      step.input = Tensor(Device{}, {windows_.batch(), planes, in.height, in.width});
      if (node.op == Op::max_pool) {
        step.argmax = IndexTensor(Device{}, windows_.data(index).shape());
      }
      return;
    }
    const int64_t channels = q_.graph().shapes[node.inputs.at(0)].channels;
    if (windows_.form(node.inputs[0]) == AblationForm::own) {
      step.input = Tensor(Device{}, {windows_.batch(), 2, in.height, in.width});
      step.base = base_of(index);
      return;
    }
    step.input = Tensor(Device{}, {windows_.batch(), channels, in.height, in.width});
    step.product = product_of(index, windows_.batch(), node.relu);
  }

  int64_t first_row(int index) const {
    return windows_.form(index) == AblationForm::one ? q_.decision.channel : 0;
  }

  std::unique_ptr<WindowProduct> product_of(int index, int64_t batch, bool relu) const {
    const Node& node = q_.graph().nodes[index];
    const AblationRegion in = windows_.input_region(index);
    const AblationKernel kernel = windows_.kernel(index);
    ConvSpec spec{batch, q_.graph().shapes[node.inputs.at(0)].channels, in.height, in.width,
                  windows_.planes(index)};
    spec.kernel_h = kernel.height;
    spec.kernel_w = kernel.width;
    spec.stride_h = spec.stride_w = kernel.stride;
    spec.groups = node.groups;
    spec.relu = relu;
    spec.layer = node.name;
    return std::make_unique<WindowProduct>(q_.context, spec, q_.model.layers[index],
                                           first_row(index));
  }

  Tensor base_of(int index) const {
    const int input = q_.graph().nodes[index].inputs.at(0);
    const AblationRegion in = windows_.input_region(index), &out = windows_.region(index);
    const int64_t channels = q_.graph().shapes[input].channels;
    Tensor x(Device{}, {1, channels, in.height, in.width});
    for (int64_t c = 0; c < channels; ++c) {
      windows_.read_feature(input, c, in, 0, x.data() + c * in.area());
    }
    Tensor y(Device{}, {1, windows_.planes(index), out.height, out.width});
    product_of(index, 1, false)->forward(x, y);
    return y;
  }

  /// Reads a node's input into `to`, (batch, planes, height, width): the channels that the node's
  /// own planes are of, or every channel in turn.
  void gather(int index, int input, bool every_channel, float outside, Tensor& to) const {
    const AblationRegion region = windows_.input_region(index);
    const int64_t planes = to.shape()[1];
    parallel_for(q_.context, windows_.batch() * planes, [&](int64_t i) {
      const int64_t b = i / planes, p = i % planes;
      const int64_t channel = every_channel ? p : windows_.channel_of(index, b, p);
      windows_.read(input, b, channel, region, outside, to.data() + i * region.area());
    });
  }

  void run_node(int index) {
    const Node& node = q_.graph().nodes[index];
    Step& step = steps_[index];
    Tensor& out = windows_.data(index);
    const int input = node.inputs.at(0);
    switch (node.op) {
      case Op::input:
        throw Error("the input image is computed from nothing");
      case Op::conv:
      case Op::linear:
        if (!step.product) return add_differences(index);
        gather(index, input, true, 0, step.input);
        return step.product->forward(step.input, out);
      case Op::max_pool: {
        gather(index, input, false, -std::numeric_limits<float>::infinity(), step.input);
        const PoolSpec spec{node.kernel, node.kernel, node.stride, node.stride, 0, 0};
        return max_pool_forward(q_.context, spec, step.input, out, step.argmax);
      }
      case Op::adaptive_avg_pool:
        gather(index, input, false, 0, step.input);
        return adaptive_avg_pool_forward(q_.context, step.input, out);
      case Op::add:
        gather(index, input, false, 0, step.input);
        gather(index, node.inputs[1], false, 0, out);
        return add_forward(q_.context, out, step.input, node.relu, out);
    }
    throw Error(text("layer ", node.name, ": unknown op"));
  }

  /// The first product above the ablated layer: item k differs in channel k of the input alone, so
  /// its sums are the network's own plus the convolution of that channel's difference.
  void add_differences(int index) {
    parallel_for(q_.context, windows_.batch(), [&](int64_t b) { add_difference(index, b); });
  }

  void add_difference(int index, int64_t b) {
    const Node& node = q_.graph().nodes[index];
    const AblationRegion in = windows_.input_region(index), &out = windows_.region(index);
    const AblationKernel kernel = windows_.kernel(index);
    Step& step = steps_[index];
    const int64_t planes = windows_.planes(index), k = windows_.item(b);
    float* sums = windows_.data(index).data() + b * planes * out.area();
    std::copy_n(step.base.data(), planes * out.area(), sums);
    if (k < q_.channels()) {
      float* difference = step.input.data() + 2 * b * in.area();
      float* feature = difference + in.area();
      windows_.read(node.inputs[0], b, k, in, 0, difference);
      windows_.read_feature(node.inputs[0], k, in, 0, feature);
      for (int64_t i = 0; i < in.area(); ++i) difference[i] -= feature[i];
      // A group of outputs reads its own group of inputs.
      const int64_t inputs = q_.channels() / node.groups, outputs = planes / node.groups;
      const int64_t group = k / inputs, size = kernel.height * kernel.width;
      const float* weight = q_.model.layers[index].weight.data();
      for (int64_t o = group * outputs; o < (group + 1) * outputs; ++o) {
        add_channel(kernel, weight + ((first_row(index) + o) * inputs + k % inputs) * size, in,
                    difference, out, sums + o * out.area());
      }
    }
    if (!node.relu) return;
    for (int64_t i = 0; i < planes * out.area(); ++i) sums[i] = std::max(sums[i], 0.0f);
  }

  const AblationQuestion& q_;
  AblationWindows windows_;
  std::vector<Step> steps_;  // one per node, filled where it is between the layers
};

}  // namespace

std::vector<float> fast_values(const AblationQuestion& question) {
  return FastAblation(question).values();
}

}  // namespace hdecomp
