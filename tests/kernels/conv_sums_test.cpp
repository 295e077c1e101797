/// Convolution of all extents and in all its ways against its definition, in double.
#include "tests/kernels/conv_testing.h"
#include "tests/support/exact_conv.h"

namespace hdecomp::op_testing {
namespace {

class ConvSumsTest : public OnDevice {};

TEST_P(ConvSumsTest, UnevenKernelsMatchTheDefinition) {
  ConvSpec dilated{.batch = 2, .in_channels = 4, .height = 11, .width = 9, .out_channels = 6};
  dilated.kernel_h = dilated.kernel_w = 3;
  dilated.pad_h = dilated.pad_w = 2, dilated.dilation_h = dilated.dilation_w = 2;
  ConvSpec flat = dilated;  // 1x7, as Inception's
  flat.kernel_h = 1, flat.kernel_w = 7, flat.pad_h = 0, flat.pad_w = 3;
  flat.dilation_h = flat.dilation_w = 1;
  ConvSpec same = dilated;  // TensorFlow's SAME of an even map at stride 2
  same.height = 12, same.stride_h = same.stride_w = 2, same.pad_h = same.pad_w = 0;
  same.far_h = same.far_w = 1, same.dilation_h = same.dilation_w = 1;
  ConvSpec same_depthwise = same;
  same_depthwise.groups = 4, same_depthwise.out_channels = 8;
  ConvSpec uneven = dilated;
  uneven.stride_h = 2, uneven.far_h = -1, uneven.far_w = 2, uneven.dilation_w = 1;
  uneven.groups = 2;
  ConvSpec wide = dilated;  // enough channels for the ways that take plain kernels alone
  wide.in_channels = 64, wide.out_channels = 64, wide.height = wide.width = 24, wide.batch = 1;
  ConvSpec wide_far = wide;
  wide_far.dilation_h = wide_far.dilation_w = 1, wide_far.pad_h = wide_far.pad_w = 0;
  wide_far.far_h = wide_far.far_w = 2;
  for (const ConvSpec& spec : {dilated, flat, same, same_depthwise, uneven, wide, wide_far}) {
    SCOPED_TRACE(joined(spec.weight_shape(), ", dilation ", spec.dilation_h, ", far ", spec.far_h));
    const Tensor x = random_tensor(spec.input_shape(), 1),
                 dy = random_tensor(spec.output_shape(), 2);
    const Tensor weight = random_tensor(spec.weight_shape(), 3);
    const Tensor bias = random_tensor({spec.out_channels}, 4);
    ConvLayer layer(context(), spec, weight, bias);
    const std::vector<double> y = sums_of(spec, x, weight, bias);
    const std::vector<double> dx = gradients_of(spec, weight, dy);
    EXPECT_TRUE(near(layer.forward(x).span(), std::span<const double>(y), tolerance::dot_product));
    EXPECT_TRUE(
        near(layer.backward(dy).span(), std::span<const double>(dx), tolerance::dot_product));
  }
}

/// An image's few channels go back in blocks of cells, whose last ones may be cut off.
TEST_P(ConvSumsTest, GradientsToImagesMatchTheDefinition) {
  const ConvSpec three{.in_channels = 3,
                       .height = 12,
                       .width = 10,
                       .out_channels = 32,
                       .kernel_h = 3,
                       .kernel_w = 3,
                       .pad_h = 1,
                       .pad_w = 1};
  ConvSpec odd = three, grey = three, five = three, even = three, column = three, inner = three;
  odd.batch = 2, odd.height = 11, odd.width = 9;
  grey.in_channels = 1, grey.width = 7;
  five.kernel_h = five.kernel_w = 5, five.pad_h = 2, five.pad_w = 0, five.in_channels = 4;
  even.kernel_h = even.kernel_w = 2, even.far_h = -1, even.pad_w = 0;
  column.kernel_w = 1, column.pad_w = 0;
  inner.pad_h = inner.pad_w = 0, inner.height = 13;
  ConvSpec strided = odd, patches = three;
  strided.kernel_h = strided.kernel_w = 7, strided.stride_h = strided.stride_w = 2;
  strided.pad_h = strided.pad_w = 3;
  patches.kernel_h = patches.kernel_w = patches.stride_h = patches.stride_w = 2;
  patches.pad_h = patches.pad_w = 0;
  for (const ConvSpec& spec : {three, odd, grey, five, even, column, inner, strided, patches}) {
    SCOPED_TRACE(joined(spec.weight_shape(), " of ", spec.input_shape()));
    const Tensor dy = random_tensor(spec.output_shape(), 2);
    const Tensor weight = random_tensor(spec.weight_shape(), 3);
    ConvLayer layer(context(), spec, weight, random_tensor({spec.out_channels}, 4));
    const std::vector<double> dx = gradients_of(spec, weight, dy);
    EXPECT_TRUE(
        near(layer.backward(dy).span(), std::span<const double>(dx), tolerance::dot_product));
  }
}

TEST_P(ConvSumsTest, ForwardMatchesDoubleWhicheverWayTheExtentsSuit) {
  const ConvSpec three{.in_channels = 40,
                       .height = 14,
                       .width = 14,
                       .out_channels = 48,
                       .kernel_h = 3,
                       .kernel_w = 3,
                       .pad_h = 1,
                       .pad_w = 1,
                       .activation = Activation::relu};
  ConvSpec odd = three, strided = three, pointwise = three, long_sum = three;
  odd.batch = 3, odd.height = 7, odd.width = 9;
  strided.stride_h = strided.stride_w = 2;
  pointwise.batch = 2, pointwise.kernel_h = pointwise.kernel_w = 1;
  pointwise.pad_h = pointwise.pad_w = 0;
  long_sum.in_channels = 33, long_sum.kernel_h = 5, long_sum.kernel_w = 5;
  for (const ConvSpec& spec : {three, odd, strided, pointwise, long_sum}) {
    SCOPED_TRACE(joined(spec.input_shape(), " by ", spec.weight_shape()));
    const Tensor x = random_tensor(spec.input_shape(), 1);
    const Tensor weight = random_tensor(spec.weight_shape(), 2);
    const Tensor bias = random_tensor({spec.out_channels}, 3);
    ConvLayer layer(context(), spec, weight, bias);
    EXPECT_TRUE(near(layer.forward(x), reference(spec, x, weight, bias), tolerance::dot_product));
  }
}

/// Zeros, but in some channels, of which one has its only value in the last image.
Tensor mostly_zero(const Shape& shape) {
  Tensor x = random_tensor(shape, 4);
  const int64_t channels = shape[1], plane = shape[2] * shape[3], last = (shape[0] - 1) * channels;
  for (int64_t i = 0; i < shape[0] * channels; ++i) {
    float* map = x.data() + i * plane;
    if (i % channels % 3 == 1) continue;
    std::fill_n(map, plane, 0.0f);
    if (i - last == 5) map[plane - 1] = 1;
  }
  return x;
}

TEST_P(ConvSumsTest, ManySmallMapsMatchDouble) {
  const ConvSpec tile{.batch = 66,
                      .in_channels = 66,
                      .height = 5,
                      .width = 5,
                      .out_channels = 17,
                      .kernel_h = 3,
                      .kernel_w = 3};
  ConvSpec wide = tile, padded = tile, tiles = tile, strided = tile, pointwise = tile, flat = tile;
  wide.out_channels = 131;
  padded.pad_h = padded.pad_w = 1, padded.activation = Activation::relu;
  tiles.height = 6, tiles.width = 8, tiles.batch = 17;
  strided.stride_h = strided.stride_w = 2;
  pointwise.kernel_h = pointwise.kernel_w = 1, pointwise.height = 1,
  pointwise.activation = Activation::relu;
  flat.height = 3;
  for (const ConvSpec& spec : {tile, wide, padded, tiles, strided, pointwise, flat}) {
    const Tensor weight = random_tensor(spec.weight_shape(), 2);
    const Tensor bias = random_tensor({spec.out_channels}, 3);
    ConvLayer layer(context(), spec, weight, bias);
    for (const Tensor& x :
         {random_tensor(spec.input_shape(), 1), mostly_zero(spec.input_shape()),
          floats(spec.input_shape(), std::vector<float>(spec.input_shape().elements()))}) {
      SCOPED_TRACE(joined(spec.input_shape(), " to ", spec.output_shape()));
      const Tensor y = layer.forward(x);
      EXPECT_TRUE(near(y, reference(spec, x, weight, bias), tolerance::dot_product));
      EXPECT_TRUE(same_bits(layer.forward(x), y));
    }
  }
}

/// Every product's remainder: ablation's drops are differences between images of a batch. cuDNN and
/// cuBLAS promise nothing.
TEST(ConvCpuTest, EqualImagesOfABatchGetEqualBits) {
  const Context context({}, 2);
  for (const int64_t batch : {64, 67, 130, 258, 514}) {
    for (const int64_t channels : {70, 260}) {
      ConvSpec tile{.batch = batch,
                    .in_channels = channels,
                    .height = 5,
                    .width = 5,
                    .out_channels = 147,
                    .kernel_h = 3,
                    .kernel_w = 3};
      ConvSpec cells = tile, unit = tile;
      cells.height = cells.width = 4;
      unit.height = unit.width = unit.kernel_h = unit.kernel_w = 1;
      for (const ConvSpec& spec : {tile, cells, unit}) {
        SCOPED_TRACE(joined(spec.input_shape(), " to ", spec.output_shape()));
        Tensor x = random_tensor(spec.input_shape(), 1);
        const int64_t size = x.elements() / batch, outputs = spec.output_shape().elements() / batch;
        for (int64_t i = 1; i < batch; ++i) std::copy_n(x.data(), size, x.data() + i * size);
        ConvLayer layer(context, spec, random_tensor(spec.weight_shape(), 2),
                        random_tensor({spec.out_channels}, 3));
        const Tensor y = layer.forward(x);
        for (int64_t i = 1; i < batch; ++i) {
          ASSERT_TRUE(std::equal(y.data(), y.data() + outputs, y.data() + i * outputs)) << i;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, ConvSumsTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
