/// channel_conv against a plain loop in double, and against the whole convolution.
#include "kernels/conv/channel_conv.h"

#include "kernels/conv/conv.h"
#include "tests/support/exact_channel_conv.h"

namespace hdecomp::op_testing {
namespace {

const std::vector<ChannelConvExtent> extents{
    {1, 3, 1, 1, 1, 1, {0, 1}},  // of a lone output base and convolution might cancel
    {3, 7, 5, 6, 3, 3, {0, 5}},
    {5, 31, 1, 1, 7, 7, {1, 4}},  // a linear layer; beyond the last channel
    {33, 2, 3, 11, 3, 3, {3, 40, 1, 2, Activation::relu}},  // stride 2
    {4, 6, 13, 17, 5, 3, {0, 8, 2, 1, Activation::relu}},   // two groups
    {9, 3, 7, 7, 1, 1, {0, 9, 3, 2}},                       // one output to a group
    {2, 67, 31, 33, 3, 3, {0, 2, 1, 1, Activation::relu}},  // many blocks
};

class ChannelConvTest : public OnDevice {
 protected:
  Tensor run(const ChannelConvExtent& e, const ChannelConvTensors& t) const {
    Tensor y = to_device(random_tensor({e.items, e.outputs, e.height, e.width}, 9, 7, 8));
    channel_conv(context(), e.conv, to_device(t.weight), to_device(t.base),
                 to_device(t.differences), y);
    return to_host(y);
  }
};

TEST_P(ChannelConvTest, AddsAChannelsConvolution) {
  for (const ChannelConvExtent& e : extents) {
    SCOPED_TRACE(joined(e.items, " items, ", e.outputs, " outputs"));
    const ChannelConvTensors t = random_tensors(e);
    const std::vector<double> expected = expected_values(e, t);
    const Tensor y = run(e, t);
    EXPECT_TRUE(near(y.span(), std::span<const double>(expected), tolerance::dot_product));
    EXPECT_TRUE(same_bits(run(e, t), y));
  }
}

TEST_P(ChannelConvTest, IsTheConvolutionOfTheChangedInput) {
  const ConvSpec spec{1, 3, 9, 11, 5, 3, 3, 1, 1, 0, 0, 1, Activation::relu};
  const Tensor weight = random_tensor(spec.weight_shape(), 1), bias = random_tensor({5}, 2);
  const Tensor x = random_tensor(spec.input_shape(), 3), other = random_tensor({3, 1, 9, 11}, 4);
  const Tensor w = to_device(weight), b = to_device(bias);
  Tensor sums = empty({1, 5, 7, 9}), items = empty({3, 5, 7, 9}), whole = empty({1, 5, 7, 9});
  ConvSpec plain = spec;
  plain.activation = Activation::none;
  make_conv(context(), plain, w, b)->forward(to_device(x), sums);
  Tensor differences = copy_tensor(other);
  for (int64_t i = 0; i < x.elements(); ++i) differences.data()[i] -= x.data()[i];
  channel_conv(context(), {0, 3, 1, 1, Activation::relu}, w, sums, to_device(differences), items);
  for (int64_t c = 0; c < 3; ++c) {
    Tensor changed = copy_tensor(x);
    std::copy_n(other.data() + c * 99, 99, changed.data() + c * 99);
    make_conv(context(), spec, w, b)->forward(to_device(changed), whole);
    EXPECT_TRUE(near(to_host(rows(items, c, c + 1)), to_host(whole), tolerance::dot_product)) << c;
  }
}

TEST_P(ChannelConvTest, OtherExtentsAreRefused) {
  const Tensor weight = to_device(random_tensor({4, 2, 3, 3}, 1)),
               base = to_device(random_tensor({1, 4, 5, 5}, 2)),
               d = to_device(random_tensor({2, 1, 7, 7}, 3));
  Tensor y = empty({2, 4, 5, 5});
  const auto run_with = [&](const ChannelConv& conv) {
    channel_conv(context(), conv, weight, base, d, y);
  };
  EXPECT_NO_THROW(run_with({0, 4, 2}));
  EXPECT_THROW(run_with({0, 4, 1}), Error);
  EXPECT_THROW(run_with({0, 6, 3}), Error);
  EXPECT_THROW(run_with({0, 4, 2, 2}), Error);
  EXPECT_THROW(run_with({-1, 4, 2}), Error);
  Tensor wrong = empty({3, 4, 5, 5});
  EXPECT_THROW(channel_conv(context(), {0, 4, 2}, weight, base, d, wrong), Error);
  EXPECT_THROW(channel_conv(context(), {0, 4, 2}, weight, empty({1, 4, 5, 6}), d, y), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, ChannelConvTest, ::testing::ValuesIn(test_devices()),
                         device_name);

}  // namespace
}  // namespace hdecomp::op_testing
