/// Ablation inside the decision's receptive field: all channels as a batch of windows. While items
/// differ in one channel alone, only its difference goes on; at the decision, only its own row.
#include <limits>

#include "hdecomp/error.h"
#include "kernels/conv/channel_conv.h"
#include "kernels/map/elementwise.h"
#include "kernels/pool/pool.h"
#include "runtime/ablation/ablation_product.h"
#include "runtime/ablation/ablation_windows.h"

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

  std::vector<float> drops() {
    DecisionValues values(q_, windows_.batches());
    for (int64_t first = 0; first < q_.items(); first += windows_.batches().step) {
      windows_.begin(first);
      for (int i = q_.to + 1; i <= q_.from; ++i) {
        if (q_.between[i]) run_node(i);
      }
      values.take(first, windows_.maps(q_.from));
    }
    return values.drops();
  }

 private:
  struct Step {
    // What the node is computed from, (places, planes, height, width), halo included; none where
    // its input holds just that.
    Tensor input;
    std::unique_ptr<WindowProduct> product;
    Tensor weight, base;  // of the first product: its rows, and the sums before the ReLU in the
                          // network as it is, (1, planes, h, w)
    IndexTensor argmax;
  };

  void plan_node(int index) {
    const Node& node = q_.graph().nodes[index];
    Step& step = steps_[index];
    int64_t planes = q_.graph().shapes[node.inputs.at(0)].channels;
    if (is_channelwise(node)) {
      planes = windows_.planes(index);
      if (node.op == Op::max_pool) step.argmax = q_.take<int32_t>(windows_.data(index).shape());
    } else if (windows_.form(node.inputs[0]) == AblationForm::own) {
      planes = 1;
      step.weight = weight_of(index);
      step.base = base_of(index);
    } else {
      step.product = product_of(index, windows_.places(), node.relu);
    }
    if (windows_.holds_input(index)) return;
    const MapRegion in = windows_.input_region(index);
    step.input = q_.take<float>({windows_.places(), planes, in.height, in.width});
  }

  int64_t first_row(int index) const {
    return windows_.form(index) == AblationForm::one ? q_.decision.channel : 0;
  }

  std::unique_ptr<WindowProduct> product_of(int index, int64_t batch, bool relu) const {
    const Node& node = q_.graph().nodes[index];
    const MapRegion in = windows_.input_region(index);
    const AblationKernel kernel = windows_.kernel(index);
    ConvSpec spec{batch, q_.graph().shapes[node.inputs.at(0)].channels, in.height, in.width,
                  windows_.planes(index)};
    spec.kernel_h = kernel.height;
    spec.kernel_w = kernel.width;
    spec.stride_h = spec.stride_w = kernel.stride;
    spec.groups = node.groups;
    spec.relu = relu;
    spec.layer = node.name;
    return std::make_unique<WindowProduct>(q_.context, q_.executor.pool(), spec,
                                           q_.model.layers[index], first_row(index));
  }

  /// The rows of a node's weight that its planes are computed with, (planes, c, k_h, k_w).
  Tensor weight_of(int index) const {
    const Node& node = q_.graph().nodes[index];
    const AblationKernel kernel = windows_.kernel(index);
    const int64_t inputs = q_.graph().shapes[node.inputs.at(0)].channels / node.groups;
    return weight_rows(q_.model.layers[index].weight,
                       {windows_.planes(index), inputs, kernel.height, kernel.width},
                       first_row(index));
  }

  Tensor base_of(int index) const {
    const int input = q_.graph().nodes[index].inputs.at(0);
    const MapRegion in = windows_.input_region(index), &out = windows_.region(index);
    Tensor x = q_.take<float>({1, q_.graph().shapes[input].channels, in.height, in.width});
    gather_maps(q_.context, windows_.features(input), {in, {}}, x);
    Tensor y = q_.take<float>({1, windows_.planes(index), out.height, out.width});
    product_of(index, 1, false)->forward(x, y);
    return y;
  }

  /// What a node is computed from: of the channels that its own planes are of, or of every channel
  /// in turn.
  const Tensor& gathered(int index, bool every_channel, float outside = 0) {
    const int input = q_.graph().nodes[index].inputs.at(0);
    if (windows_.holds_input(index)) return windows_.data(input);
    const PlaneChannels channels = every_channel ? PlaneChannels{} : windows_.channels(index);
    gather_maps(q_.context, windows_.maps(input), {windows_.input_region(index), channels, outside},
                steps_[index].input);
    return steps_[index].input;
  }

  void run_node(int index) {
    const Node& node = q_.graph().nodes[index];
    Step& step = steps_[index];
    Tensor& out = windows_.data(index);
    switch (node.op) {
      case Op::input:
        throw Error("the input image is computed from nothing");
      case Op::conv:
      case Op::linear:
        if (!step.product) return add_differences(index);
        return step.product->forward(gathered(index, true), out);
      case Op::max_pool: {
        const PoolSpec spec{node.kernel, node.kernel, node.stride, node.stride, 0, 0};
        const Tensor& x = gathered(index, false, -std::numeric_limits<float>::infinity());
        return max_pool_forward(q_.context, spec, x, out, step.argmax);
      }
      case Op::adaptive_avg_pool:
        return adaptive_avg_pool_forward(q_.context, gathered(index, false), out);
      case Op::add:
        gather_maps(q_.context, windows_.maps(node.inputs[1]),
                    {windows_.input_region(index), windows_.channels(index)}, out);
        return add_forward(q_.context, out, gathered(index, false), node.relu, out);
    }
    throw Error(text("layer ", node.name, ": unknown op"));
  }

  /// The first product above the ablated layer: item k differs in channel k of the input alone, so
  /// its sums are the network's own plus the convolution of that channel's difference.
  void add_differences(int index) {
    const Node& node = q_.graph().nodes[index];
    Step& step = steps_[index];
    gather_differences(q_.context, windows_.maps(node.inputs.at(0)), windows_.input_region(index),
                       step.input);
    const ChannelConv conv{windows_.first(), q_.channels(), node.groups,
                           windows_.kernel(index).stride, node.relu};
    channel_conv(q_.context, conv, step.weight, step.base, step.input, windows_.data(index));
  }

  const AblationQuestion& q_;
  AblationWindows windows_;
  std::vector<Step> steps_;  // one per node, filled where it is between the layers
};

}  // namespace

std::vector<float> fast_drops(const AblationQuestion& question) {
  return FastAblation(question).drops();
}

}  // namespace hdecomp
