/// Every op gives the same bits with 1, 2 and 3 threads, and with fewer than it was planned for, at
/// the extents of real networks.
#include <ostream>
#include <vector>

#include "kernels/conv/channel_conv.h"
#include "kernels/conv/conv.h"
#include "kernels/conv/linear.h"
#include "kernels/core/waiting.h"
#include "kernels/gap/gap_reduce.h"
#include "kernels/gap/topk.h"
#include "kernels/map/elementwise.h"
#include "kernels/map/softmax.h"
#include "kernels/pool/pool.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

/// One run of an op: all that it computes.
struct Outputs {
  std::vector<Tensor> floats;
  std::vector<IndexTensor> indices;
};

template <class... Tensors>
Outputs outputs_of(Tensors&&... tensors) {
  Outputs outputs;
  (outputs.floats.push_back(std::move(tensors)), ...);
  return outputs;
}

void expect_same(const Outputs& ours, const Outputs& theirs) {
  for (size_t i = 0; i < theirs.floats.size(); ++i) {
    EXPECT_TRUE(same_bits(ours.floats[i], theirs.floats[i])) << "output " << i;
  }
  for (size_t i = 0; i < theirs.indices.size(); ++i) {
    EXPECT_TRUE(same_bits(ours.indices[i], theirs.indices[i])) << "index output " << i;
  }
}

/// Runs `op` with contexts of 1, 2 and 3 threads and compares the bits of all outputs; and with one
/// of 4 threads, of which busy cores leave 1 to 3.
void expect_thread_invariant(const std::function<Outputs(const Context&)>& op) {
  const Outputs single = op(Context({}, 1));
  for (const int threads : {2, 3}) {
    SCOPED_TRACE(joined(threads, " threads"));
    expect_same(op(Context({}, threads)), single);
  }
  const Context four({}, 4);
  for (const int left : {3, 2, 1}) {
    SCOPED_TRACE(joined(left, " of 4 threads"));
    with_at_most(left, [&] { expect_same(op(four), single); });
  }
}

struct ConvExtent {
  const char* name;
  ConvSpec spec;
};
ConvExtent square(const char* name, int64_t batch, int64_t in, int64_t size, int64_t out,
                  int64_t kernel, int64_t stride, int64_t pad) {
  ConvSpec spec;
  spec.batch = batch;
  spec.in_channels = in;
  spec.height = spec.width = size;
  spec.out_channels = out;
  spec.kernel_h = spec.kernel_w = kernel;
  spec.stride_h = spec.stride_w = stride;
  spec.pad_h = spec.pad_w = pad;
  spec.activation = Activation::relu;
  return {name, spec};
}

struct LinearExtent {
  const char* name;
  LinearSpec spec;
};

/// How GoogleTest shows an extent and names its test.
void PrintTo(const ConvExtent& extent, std::ostream* out) { *out << extent.name; }
void PrintTo(const LinearExtent& extent, std::ostream* out) { *out << extent.name; }
template <class Extent>
std::string extent_name(const ::testing::TestParamInfo<Extent>& info) {
  return info.param.name;
}

class ConvThreadInvariance : public ::testing::TestWithParam<ConvExtent> {};

TEST_P(ConvThreadInvariance, ForwardAndBackwardGiveTheSameBits) {
  const ConvSpec& spec = GetParam().spec;
  const Tensor weight = random_tensor(spec.weight_shape(), 1);
  const Tensor bias = random_tensor({spec.out_channels}, 2);
  const Tensor x = random_tensor(spec.input_shape(), 3), dy = random_tensor(spec.output_shape(), 4);
  expect_thread_invariant([&](const Context& context) {
    const auto conv = make_conv(context, spec, weight, bias);
    Tensor y({}, spec.output_shape()), dx({}, spec.input_shape());
    conv->forward(x, y);
    conv->backward_data(dy, dx);
    return outputs_of(std::move(y), std::move(dx));
  });
}

INSTANTIATE_TEST_SUITE_P(Extents, ConvThreadInvariance,
                         ::testing::Values(square("VggFirst", 1, 3, 112, 64, 3, 1, 1),
                                           square("VggConv2", 1, 64, 56, 64, 3, 1, 1),
                                           square("VggConv2Batch3", 3, 64, 28, 128, 3, 1, 1),
                                           square("VggConv5", 1, 512, 14, 512, 3, 1, 1),
                                           square("VggConv5Batch4", 4, 512, 14, 512, 3, 1, 1),
                                           square("ResnetStem", 1, 3, 224, 64, 7, 2, 3),
                                           square("ResnetReduce", 1, 256, 56, 64, 1, 1, 0),
                                           square("ResnetExpand", 2, 64, 56, 256, 1, 1, 0),
                                           square("ResnetStage4", 1, 512, 7, 512, 3, 1, 1),
                                           square("ResnetStage4Expand", 5, 512, 7, 2048, 1, 1, 0),
                                           square("ResnetStride2", 1, 256, 28, 256, 3, 2, 1),
                                           square("ResnetShortcut", 2, 256, 56, 512, 1, 2, 0),
                                           square("AlexnetStem", 1, 3, 224, 64, 11, 4, 2),
                                           square("AlexnetConv2", 1, 64, 27, 192, 5, 1, 2),
                                           square("SlimOddChannels", 2, 37, 29, 53, 3, 1, 1),
                                           square("ManyTiles", 300, 131, 5, 260, 3, 1, 0),
                                           square("ManyPoints", 300, 131, 2, 260, 1, 1, 0)),
                         extent_name<ConvExtent>);

class LinearThreadInvariance : public ::testing::TestWithParam<LinearExtent> {};

TEST_P(LinearThreadInvariance, ForwardAndBackwardGiveTheSameBits) {
  const LinearSpec& spec = GetParam().spec;
  const Shape in{spec.batch, spec.in_units}, out{spec.batch, spec.out_units};
  const Tensor weight = random_tensor({spec.out_units, spec.in_units}, 1);
  const Tensor bias = random_tensor({spec.out_units}, 2);
  const Tensor x = random_tensor(in, 3), dy = random_tensor(out, 4);
  expect_thread_invariant([&](const Context& context) {
    const auto linear = make_linear(context, spec, weight, bias);
    Tensor y({}, out), dx({}, in);
    linear->forward(x, y);
    linear->backward_data(dy, dx);
    return outputs_of(std::move(y), std::move(dx));
  });
}

INSTANTIATE_TEST_SUITE_P(
    Extents, LinearThreadInvariance,
    ::testing::Values(LinearExtent{"VggFc6", {1, 25088, 4096, Activation::relu}},
                      LinearExtent{"Fc7", {1, 4096, 4096, Activation::relu}},
                      LinearExtent{"Fc7Batch5", {5, 4096, 4096, Activation::relu}},
                      LinearExtent{"Fc8", {1, 4096, 1000, Activation::none}},
                      LinearExtent{"Fc8Batch5", {5, 4096, 1000, Activation::none}},
                      LinearExtent{"Resnet50Fc", {1, 2048, 1000, Activation::none}},
                      LinearExtent{"Resnet18Fc", {1, 512, 1000, Activation::none}},
                      LinearExtent{"Resnet18FcBatch5", {5, 512, 1000, Activation::none}},
                      LinearExtent{"SlimFc", {1, 512, 100, Activation::none}},
                      LinearExtent{"SlimFcBatch3", {3, 512, 100, Activation::none}},
                      LinearExtent{"OddUnits", {2, 1023, 37, Activation::relu}},
                      LinearExtent{"Variants", {600, 1023, 260, Activation::relu, "", true}}),
    extent_name<LinearExtent>);

TEST(ChannelConvThreadInvariance, MapsAndCells) {
  const Tensor weight = random_tensor({67, 40, 3, 3}, 1), cells = random_tensor({67, 40, 7, 7}, 2);
  const Tensor base = random_tensor({1, 67, 5, 5}, 3), sums = random_tensor({1, 67, 1, 1}, 4);
  const Tensor differences = random_tensor({40, 1, 7, 7}, 5);
  expect_thread_invariant([&](const Context& context) {
    Tensor maps({}, {40, 67, 5, 5}), values({}, {40, 67, 1, 1});
    channel_conv(context, {0, 40}, weight, base, differences, maps);
    channel_conv(context, {0, 40}, cells, sums, differences, values);
    return outputs_of(std::move(maps), std::move(values));
  });
}

TEST(PoolThreadInvariance, MaxPool) {
  const PoolSpec spec{3, 3, 2, 2, 1, 1};
  const Tensor x = random_tensor({2, 67, 56, 56}, 1), dy = random_tensor({2, 67, 28, 28}, 2);
  expect_thread_invariant([&](const Context& context) {
    Tensor y({}, dy.shape()), dx({}, x.shape());
    IndexTensor argmax({}, dy.shape());
    max_pool_forward(context, spec, x, y, argmax);
    max_pool_backward(context, spec, dy, argmax, dx);
    Outputs outputs = outputs_of(std::move(y), std::move(dx));
    outputs.indices.push_back(std::move(argmax));
    return outputs;
  });
}

TEST(PoolThreadInvariance, AveragePools) {
  const Tensor x = random_tensor({2, 67, 13, 13}, 1), dy = random_tensor({2, 67, 7, 7}, 2);
  expect_thread_invariant([&](const Context& context) {
    Tensor adaptive({}, dy.shape()), dx_adaptive({}, x.shape());
    adaptive_avg_pool_forward(context, x, adaptive);
    adaptive_avg_pool_backward(context, dy, dx_adaptive);
    return outputs_of(std::move(adaptive), std::move(dx_adaptive));
  });
}

TEST(ElementwiseThreadInvariance, ActivationsGradientAndAdd) {
  const Shape shape{2, 67, 29, 31};
  const Tensor a = random_tensor(shape, 1), b = random_tensor(shape, 2);
  expect_thread_invariant([&](const Context& context) {
    Tensor dx({}, shape), sum({}, shape);
    activation_backward(context, Activation::relu, a, b, dx);
    add_forward(context, a, b, Activation::relu, sum);
    return outputs_of(std::move(dx), std::move(sum));
  });
}

TEST(SoftmaxThreadInvariance, Forward) {
  const Tensor x = random_tensor({5, 1000}, 1, -9, 9);
  expect_thread_invariant([&](const Context& context) {
    Tensor y({}, x.shape());
    softmax_forward(context, x, y);
    return outputs_of(std::move(y));
  });
}

TEST(GapThreadInvariance, ReduceAndTopk) {
  PlaceTensor places({}, {5});
  std::ranges::fill(places.span(), Place{});
  WindowBatch gradient;
  gradient.window = whole_window(28, 28);
  gradient.places = places.span();
  gradient.channels = 131;
  gradient.data = random_tensor({131, 5, 28, 28}, 1);
  const Tensor feature = random_tensor({1, 131, 28, 28}, 2, 0, 1);
  expect_thread_invariant([&](const Context& context) {
    GapResult result({}, 5, 131);
    gap_reduce(context, gradient, feature, result);
    IndexTensor channels({}, {5, 10});
    topk(context, result.alpha, channels);
    Outputs outputs = outputs_of(std::move(result.alpha), std::move(result.peak),
                                 std::move(result.mean_gradient), std::move(result.max_gradient));
    outputs.indices.push_back(std::move(result.position));
    outputs.indices.push_back(std::move(channels));
    return outputs;
  });
}

}  // namespace
}  // namespace hdecomp::op_testing
