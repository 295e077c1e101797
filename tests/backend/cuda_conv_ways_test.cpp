/// The CUDA backend's own ways through a convolution, each against the CPU's, whatever make_conv
/// would choose.
#include "kernels/conv/conv_columns_cuda.h"
#include "kernels/conv/conv_winograd_cuda.h"
#include "tests/backend/cuda_backend_testing.h"

namespace hdecomp::op_testing {
namespace {

class CudaConvWays : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(emulator::faults(), std::vector<std::string>{}); }
};

/// A convolution's numbers, and what the CPU makes of them.
struct ConvData {
  explicit ConvData(const ConvSpec& given)
      : spec(given),
        weight(random_tensor(spec.weight_shape(), 1)),
        bias(random_tensor({spec.out_channels}, 2)),
        x(random_tensor(spec.input_shape(), 3)),
        expected(conv_forward(Context{}, spec, weight, bias, x)) {}

  ConvSpec spec;
  Tensor weight, bias, x, expected;
};

ConvSpec three_by_three(int64_t batch, int64_t in, int64_t height, int64_t width, int64_t out,
                        int64_t pad, Activation activation) {
  return {batch, in, height, width, out, 3, 3, 1, 1, pad, pad, 1, activation, "conv"};
}

TEST_F(CudaConvWays, WinogradMatchesTheCpu) {
  const Context cuda(gpu, 1);
  for (const ConvSpec& spec : {three_by_three(1, 16, 8, 8, 16, 1, Activation::none),
                               three_by_three(3, 17, 7, 9, 19, 1, Activation::relu),
                               three_by_three(2, 16, 13, 4, 33, 0, Activation::relu),
                               three_by_three(1, 31, 3, 3, 16, 1, Activation::none),
                               three_by_three(2, 16, 5, 6, 16, 2, Activation::relu),
                               three_by_three(1, 16, 1, 1, 17, 1, Activation::relu)}) {
    SCOPED_TRACE(joined(spec.input_shape(), " by ", spec.weight_shape(), ", padding ", spec.pad_h));
    ASSERT_TRUE(cuda::WinogradConv::suits(spec));
    const ConvData data(spec);
    const Tensor weight = to_gpu(cuda, data.weight), bias = to_gpu(cuda, data.bias);
    const Tensor x = to_gpu(cuda, data.x);
    // All images in memory at a time, two, and one.
    for (const int64_t bytes : {int64_t{64} << 20, int64_t{600000}, int64_t{1}}) {
      const cuda::WinogradConv conv(cuda, spec, weight, bytes);
      Tensor y(gpu, spec.output_shape());
      conv.forward(x, bias, y);
      EXPECT_TRUE(near(to_host(cuda, y), data.expected, tolerance::dot_product)) << bytes;
    }
  }
}

TEST_F(CudaConvWays, ColumnsMatchTheCpu) {
  const Context cuda(gpu, 1);
  for (const ConvSpec& spec :
       {ConvSpec{3, 5, 6, 5, 7, 1, 1, 1, 1, 0, 0, 1, Activation::none, "conv"},
        {1, 33, 7, 9, 31, 1, 1, 1, 1, 0, 0, 1, Activation::none, "conv"},
        {2, 13, 9, 8, 11, 7, 7, 2, 2, 3, 3, 1, Activation::none, "conv"},
        {1, 60, 5, 7, 9, 3, 5, 1, 2, 1, 2, 1, Activation::none, "conv"}}) {
    SCOPED_TRACE(joined(spec.input_shape(), " by ", spec.weight_shape()));
    ASSERT_TRUE(cuda::ColumnsConv::suits(spec, 132));
    const ConvData data(spec);
    const Tensor weight = to_gpu(cuda, data.weight);
    const cuda::ColumnsConv conv(cuda, spec, weight);
    Tensor y(gpu, spec.output_shape());
    conv.forward(to_gpu(cuda, data.x), y);
    Tensor sums = to_host(cuda, y);
    const int64_t plane = spec.out_height() * spec.out_width();
    for (int64_t i = 0; i < sums.elements(); ++i) {
      sums.data()[i] += data.bias.data()[i / plane % spec.out_channels];
    }
    EXPECT_TRUE(near(sums, data.expected, tolerance::dot_product));
  }
}

TEST_F(CudaConvWays, OthersAreLeftToCudnn) {
  ConvSpec spec = three_by_three(1, 16, 56, 56, 16, 1, Activation::none);
  EXPECT_TRUE(cuda::WinogradConv::suits(spec));
  EXPECT_FALSE(cuda::ColumnsConv::suits(spec, 132));  // the sums are short
  spec.stride_h = spec.stride_w = 2;
  EXPECT_FALSE(cuda::WinogradConv::suits(spec));
  spec = three_by_three(1, 3, 56, 56, 64, 1, Activation::none);
  EXPECT_FALSE(cuda::WinogradConv::suits(spec));  // the transforms cost more than they save
  spec = three_by_three(1, 32, 8, 8, 32, 1, Activation::none);
  spec.groups = 2;
  EXPECT_FALSE(cuda::WinogradConv::suits(spec));
  EXPECT_FALSE(cuda::ColumnsConv::suits(spec, 132));
}

}  // namespace
}  // namespace hdecomp::op_testing
