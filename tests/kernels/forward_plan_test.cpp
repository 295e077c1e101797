/// The planned forward pass: equal to the single ops, and the same bits on any thread count.
#include "kernels/plan/forward_plan.h"

#include <dnnl.hpp>

#include <algorithm>

#include "kernels/core/copy.h"
#include "kernels/map/concat.h"
#include "kernels/map/elementwise.h"
#include "kernels/window/window_overlap.h"
#include "tests/support/op_testing.h"
#include "tests/support/plain_steps.h"

namespace hdecomp::op_testing {
namespace {

using enum Activation;

class ForwardPlanTest : public OnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, ForwardPlanTest, ::testing::ValuesIn(test_devices()),
                         device_name);

/// A VGG-like and a ResNet-like piece in one net, with channel counts at which Winograd is taken:
/// 3 -> 64 -> 64, pool, 64 -> 128, then a residual join, a concat, and pools to scores.
struct Net {
  static constexpr int64_t size = 30;
  Tensor image = random_tensor({1, 3, size, size}, 1);
  std::vector<Tensor> weights, biases;

  Net() {
    add({64, 3, 3, 3});
    add({64, 64, 3, 3});
    add({128, 64, 3, 3});
    add({128, 128, 3, 3});
    add({10, 256 * 4});
  }
  /// The same weights on the context's device; the image stays with the host.
  Net(const Context& context, const Net& host) : weights(), biases() {
    for (const Tensor& w : host.weights) weights.push_back(copied_to(context.device(), context, w));
    for (const Tensor& b : host.biases) biases.push_back(copied_to(context.device(), context, b));
  }
  void add(const Shape& shape) {
    Tensor weight = random_tensor(shape, static_cast<uint32_t>(weights.size() + 2));
    const float fan_in = static_cast<float>(weight.elements() / shape[0]);
    for (float& w : weight.span()) w *= 2 / std::sqrt(fan_in);
    weights.push_back(std::move(weight));
    biases.push_back(random_tensor({shape[0]}, static_cast<uint32_t>(weights.size() + 20)));
  }
  ConvSpec conv(int index, int64_t side, Activation activation) const {
    ConvSpec spec;
    spec.in_channels = weights[index].shape()[1];
    spec.out_channels = weights[index].shape()[0];
    spec.height = spec.width = side;
    spec.kernel_h = spec.kernel_w = 3;
    spec.pad_h = spec.pad_w = 1;
    spec.activation = activation;
    return spec;
  }
};
constexpr PoolSpec pool{3, 3, 2, 2, 1, 1};  // 30 -> 15, overlapping

/// What a plan can be told of the net's steps, of which it is to keep all or the scores alone.
StepsAhead told(const Net& net, bool keep_all) {
  StepsAhead steps;
  steps.convs = {net.conv(0, 30, relu), net.conv(1, 30, relu), net.conv(2, 15, relu),
                 net.conv(3, 15, none)};
  steps.homes.resize(10);
  const Shape concat{1, 256, 15, 15};
  steps.homes[4] = {7, 0, concat};
  steps.homes[6] = {7, 128, concat};
  constexpr int kept = StepsAhead::kept;
  if (!keep_all) steps.last_readers = {kept, 2, 3, 4, 7, 6, 7, 8, 9, kept};
  return steps;
}

/// All outputs that the plan keeps, in plain layout, on the host.
std::vector<Tensor> planned(const Context& context, const Net& host, const StepsAhead& ahead = {}) {
  const Net net(context, host);
  const auto plan = make_forward_plan(context);
  plan->look_ahead(ahead);
  int top = plan->input(net.image.shape());
  top = plan->conv(top, net.conv(0, 30, relu), net.weights[0], net.biases[0]);
  top = plan->conv(top, net.conv(1, 30, relu), net.weights[1], net.biases[1]);
  top = plan->max_pool(top, pool);
  const int join = plan->conv(top, net.conv(2, 15, relu), net.weights[2], net.biases[2]);
  top = plan->conv(join, net.conv(3, 15, none), net.weights[3], net.biases[3]);
  top = plan->add(top, join, relu);
  top = plan->concat(std::vector{join, top});
  top = add_adaptive_avg_pool(*plan, context, top, 2, 2);
  add_linear(*plan, context, top, {1, 1024, 10, none}, net.weights[4], net.biases[4]);
  plan->run(net.image);
  std::vector<Shape> shapes{{1, 3, 30, 30},   {1, 64, 30, 30},  {1, 64, 30, 30},  {1, 64, 15, 15},
                            {1, 128, 15, 15}, {1, 128, 15, 15}, {1, 128, 15, 15}, {1, 256, 15, 15},
                            {1, 256, 2, 2},   {1, 10, 1, 1}};
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (!ahead.last_readers.empty() && ahead.last_readers[i] != StepsAhead::kept) continue;
    const Tensor& output = plan->output(static_cast<int>(i));
    EXPECT_EQ(output.shape(), shapes[i]);
    outputs.push_back(copied_to(Device{}, context, output));
  }
  return outputs;
}

/// The same through the single ops, whose convolutions are direct.
std::vector<Tensor> one_by_one(const Context& context, const Net& host) {
  const Net net(context, host);
  std::vector<Tensor> y;
  const auto next = [&](const Shape& shape) -> Tensor& {
    return y.emplace_back(context.device(), shape);
  };
  y.reserve(10);
  copy(context, net.image, next(net.image.shape()));
  const auto conv = [&](int index, const Tensor& x, Activation activation, Tensor& out) {
    make_conv(context, net.conv(index, x.shape()[2], activation), net.weights[index],
              net.biases[index])
        ->forward(x, out);
  };
  conv(0, y[0], relu, next({1, 64, 30, 30}));
  conv(1, y[1], relu, next({1, 64, 30, 30}));
  IndexTensor argmax(context.device(), {1, 64, 15, 15});
  max_pool_forward(context, pool, y[2], next({1, 64, 15, 15}), argmax);
  conv(2, y[3], relu, next({1, 128, 15, 15}));
  conv(3, y[4], none, next({1, 128, 15, 15}));
  add_forward(context, y[5], y[4], relu, next({1, 128, 15, 15}));
  concat_forward(context, std::vector<const Tensor*>{&y[4], &y[6]}, next({1, 256, 15, 15}));
  adaptive_avg_pool_forward(context, y[7], next({1, 256, 2, 2}));
  make_linear(context, {1, 1024, 10, none}, net.weights[4], net.biases[4])
      ->forward(y[8], next({1, 10, 1, 1}));
  std::vector<Tensor> outputs;
  for (const Tensor& each : y) outputs.push_back(copied_to(Device{}, context, each));
  return outputs;
}

void expect_the_single_ops(const Context& context, const Net& net, const StepsAhead& ahead) {
  const std::vector<Tensor> ours = planned(context, net, ahead), theirs = one_by_one(context, net);
  ASSERT_EQ(ours.size(), theirs.size());
  for (size_t i = 0; i < ours.size(); ++i) {
    double difference = 0, largest = 0;
    for (int64_t j = 0; j < ours[i].elements(); ++j) {
      difference = std::max<double>(difference, std::abs(ours[i].data()[j] - theirs[i].data()[j]));
      largest = std::max<double>(largest, std::abs(theirs[i].data()[j]));
    }
    // Winograd's transformed sums add about 1e-6; direct ones differ in the order of sums.
    EXPECT_LT(difference / largest, 1e-5) << "step " << i;
    EXPECT_GT(largest, 0.1);
  }
}

TEST_P(ForwardPlanTest, EqualsTheSingleOps) { expect_the_single_ops(context(), Net{}, {}); }

TEST_P(ForwardPlanTest, EqualsTheSingleOpsWhereItIsToldOfItsSteps) {
  const Net net;
  expect_the_single_ops(context(), net, told(net, true));
}

TEST_P(ForwardPlanTest, ScoresAreTheSameBitsWhereNothingElseIsKept) {
  const Net net;
  const std::vector<Tensor> all = planned(context(), net, told(net, true)),
                            few = planned(context(), net, told(net, false));
  ASSERT_EQ(few.size(), 2);
  EXPECT_TRUE(same_bits(few[0], all[0]));
  EXPECT_TRUE(same_bits(few[1], all[9]));
}

TEST_P(ForwardPlanTest, RunsAgainToTheSameBits) {
  const Net net;
  for (const StepsAhead& ahead : {StepsAhead{}, told(net, true)}) {
    const std::vector<Tensor> first = planned(context(), net, ahead),
                              second = planned(context(), net, ahead);
    for (size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(same_bits(first[i], second[i])) << i;
  }
}

TEST_P(ForwardPlanTest, SameBitsOnOneTwoAndThreeThreads) {
  const Net net;
  for (const StepsAhead& ahead : {StepsAhead{}, told(net, true)}) {
    const std::vector<Tensor> single = planned(Context(GetParam(), 1), net, ahead);
    for (const int threads : {2, 3}) {
      const std::vector<Tensor> several = planned(Context(GetParam(), threads), net, ahead);
      for (size_t i = 0; i < single.size(); ++i) {
        EXPECT_TRUE(same_bits(single[i], several[i])) << "step " << i << ", " << threads;
      }
    }
  }
}

/// Image, conv, conv, pool, conv and a sum of the last and itself, as steps 0 to 5, run.
std::unique_ptr<ForwardPlan> small_plan(const Context& context, const Net& net) {
  auto plan = make_forward_plan(context);
  plan->input(net.image.shape());
  plan->conv(0, net.conv(0, 30, relu), net.weights[0], net.biases[0]);
  plan->conv(1, net.conv(1, 30, relu), net.weights[1], net.biases[1]);
  plan->max_pool(2, pool);
  plan->conv(3, net.conv(2, 15, relu), net.weights[2], net.biases[2]);
  plan->add(4, 4, relu);
  plan->run(net.image);
  return plan;
}

TEST_P(ForwardPlanTest, StepsOverOtherMapsGiveThePlansOwnBits) {
  const Net net(context(), Net{});
  const auto plan = small_plan(context(), net);
  const bool on_cpu = context().device().kind == DeviceKind::cpu;
  int64_t run = 0;
  for (int step = 1; step <= 5; ++step) {
    if (!plan->runs_laid(step)) continue;
    std::vector<Tensor> inputs;
    for (int k = 0; k < (step == 5 ? 2 : 1); ++k) inputs.push_back(plan->laid(step - 1, 0));
    Tensor y({}, plan->shape(step));
    plan->run_laid(step, inputs, y);
    EXPECT_TRUE(same_bits(y, plan->laid(step, 0))) << "step " << step;
    ++run;
  }
  EXPECT_EQ(run, on_cpu ? 5 : 0);
}

/// The gradient of random numbers at a step to its input, plain.
Tensor carried(const Context& context, const Net& net, int step, Activation passes = none) {
  const auto plan = small_plan(context, net);
  const Shape &above = plan->shape(step), below = plan->shape(step - 1);
  const Tensor dy = random_tensor(above, 9);
  Tensor laid({}, above), dx({}, below), plain({}, below);
  plan->lay(step, dy, laid);
  EXPECT_TRUE(plan->carries(step));
  plan->carry(step, 0, laid, passes, dx);
  plan->unlay(step - 1, dx, plain);
  return plain;
}

TEST(ForwardPlanBack, CarriesGradientsAsTheSingleOpsDoOnAnyThreadCount) {
  const Context context({}, 1);
  const Net net;
  for (const int step : {1, 2, 4}) {
    const int index = step == 4 ? 2 : step - 1;
    const Tensor ours = carried(context, net, step);
    Tensor theirs({}, ours.shape());
    const ConvSpec spec = net.conv(index, ours.shape()[2], relu);
    make_conv(context, spec, net.weights[index], net.biases[index])
        ->backward_data(random_tensor(spec.output_shape(), 9), theirs);
    for (int64_t i = 0; i < ours.elements(); ++i) {
      ASSERT_NEAR(ours.data()[i], theirs.data()[i], 1e-4) << "step " << step;
    }
    for (const int threads : {2, 3}) {
      EXPECT_TRUE(same_bits(ours, carried(Context({}, threads), net, step))) << "step " << step;
    }
  }
  EXPECT_TRUE(same_bits(carried(context, net, 3), carried(Context({}, 3), net, 3)));
}

TEST(ForwardPlanBack, CarriesNoMoreThanTheInputsActivationPasses) {
  const Context context({}, 2);
  const Net net;
  for (const int step : {2, 3, 4}) {  // by our own convolution, a pool, oneDNN's convolution
    const auto plan = small_plan(context, net);
    const Tensor& feature = plan->output(step - 1);
    for (const Activation passes : {relu, relu6}) {
      Tensor expected = carried(context, net, step);
      activation_backward(context, passes, feature, expected, expected);
      EXPECT_TRUE(same_bits(expected, carried(context, net, step, passes))) << "step " << step;
    }
  }
}

/// Convolutions of few channels to a group leave maps blocked by fewer channels than a vector
/// holds.
TEST_P(ForwardPlanTest, SumsOfSlimMapsStayInTheirMemory) {
  for (const int64_t channels : {8, 16, 24}) {
    SCOPED_TRACE(joined(channels, " channels"));
    ConvSpec spec{1, channels, 17, 17, channels, 3, 3, 1, 1, 1, 1, channels / 4, relu, "conv"};
    const Tensor weight = to_device(random_tensor(spec.weight_shape(), 1));
    const Tensor bias = to_device(random_tensor({channels}, 2));
    const Tensor image = random_tensor(spec.input_shape(), 3);
    const auto plan = make_forward_plan(context());
    const int x = plan->conv(plan->input(image.shape()), spec, weight, bias);
    const int sum = plan->add(x, x, relu);
    plan->run(image);
    const Tensor one = to_host(plan->output(x)), both = to_host(plan->output(sum));
    for (int64_t i = 0; i < one.elements(); ++i) {
      ASSERT_EQ(both.data()[i], 2 * one.data()[i]) << i;
    }
  }
}

/// A slim convolution over two images, whose output is brought from channels last, or from blocks
/// of channels, where asked for.
TEST_P(ForwardPlanTest, OutputsInWindowsAreTheLastRunsThere) {
  const bool wide = (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core) ==
                    dnnl_cpu_isa_avx512_core;  // else oneDNN blocks the channels
  for (const int64_t channels : {24, 32}) {
    const ConvSpec spec{2, channels, 17, 19, channels, 1, 1, 1, 1, 0, 0, 1, none, "conv"};
    const ConvSpec larger{2, 64, 17, 19, 64, 3, 3, 1, 1, 1, 1, 1, none, "by Winograd"};
    const Tensor weight = to_device(random_tensor(spec.weight_shape(), 1));
    const Tensor bias = to_device(random_tensor({spec.out_channels}, 2));
    const auto plan = make_forward_plan(context()), whole = make_forward_plan(context());
    for (const auto& each : {plan.get(), whole.get()}) {
      each->look_ahead({{}, {spec, larger}, {}});
      each->conv(each->input(spec.input_shape()), spec, weight, bias);
    }
    if (context().device().kind == DeviceKind::cpu && wide) {
      EXPECT_EQ(plan->side_by_side(1), channels == 24 ? 24 : 16);
    }
    const Window window{{1, 3, 6, 17}, {1, 2, 5, 19}};  // from three rows above a decision on
    PlaceTensor places({}, {4});
    std::ranges::copy(std::vector<Place>{{0, 0, 0, 0}, {0, 9, 17, 1}, {0, 0, 0, -1}, {0, 8, 3, 1}},
                      places.data());
    for (const uint64_t seed : {3, 4}) {  // a second run's are not the first one's
      const Tensor images = random_tensor(spec.input_shape(), seed);
      plan->run(images);
      whole->run(images);
      const Tensor expected = to_host(whole->output(1));
      const PlaceTensor held = copied_to(context().device(), context(), places);
      const Tensor some = to_host(plan->output_in(1, window, held.span()));
      for (const Place& place : places.span()) {
        if (place.image < 0) continue;
        cpu::for_each_run(window, place.y, place.x, [&](int64_t, int64_t cell, int64_t count) {
          for (int64_t c = 0; c < channels; ++c) {
            const int64_t at = (place.image * channels + c) * 17 * 19 + cell;
            for (int64_t i = at; i < at + count; ++i) {
              ASSERT_EQ(some.data()[i], expected.data()[i]);
            }
          }
        });
      }
      EXPECT_TRUE(same_bits(to_host(plan->output(1)), expected));
    }
  }
}

}  // namespace
}  // namespace hdecomp::op_testing
