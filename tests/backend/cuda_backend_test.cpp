/// The CUDA backend's layers against the CPU's, in every precision, and its products.
#include "kernels/product/cuda_gemm.h"
#include "kernels/product/half_cuda.h"
#include "tests/backend/cuda_backend_testing.h"

namespace hdecomp::op_testing {
namespace {

/// Odd sizes, several images, groups, unequal strides and paddings.
std::vector<ConvSpec> conv_specs() {
  return {{1, 3, 9, 7, 5, 3, 3, 1, 1, 1, 1, 1, Activation::none, "conv"},
          {3, 4, 7, 9, 6, 3, 3, 2, 2, 1, 1, 2, Activation::none, "conv"},
          {3, 2, 11, 5, 3, 5, 3, 2, 1, 2, 0, 1, Activation::relu, "conv"},
          {1, 6, 8, 8, 6, 3, 3, 2, 2, 1, 1, 6, Activation::relu, "conv"},
          {1, 5, 6, 5, 7, 1, 1, 1, 1, 0, 0, 1, Activation::none, "conv"},
          {2, 3, 23, 21, 4, 11, 11, 4, 4, 2, 2, 1, Activation::relu, "conv"},
          {3, 8, 6, 6, 4, 1, 1, 2, 2, 0, 0, 1, Activation::relu, "conv"}};
}

class CudaPrecision : public ::testing::TestWithParam<Precision> {
 protected:
  void TearDown() override { EXPECT_EQ(emulator::faults(), std::vector<std::string>{}); }
};
INSTANTIATE_TEST_SUITE_P(All, CudaPrecision,
                         ::testing::Values(Precision::float32, Precision::tf32, Precision::bf16,
                                           Precision::fp16));

/// Near the CPU's float32 within the type's rounding, and, where that is coarser, not equal: the
/// precision asked for is the one computed in.
::testing::AssertionResult near_in(Precision precision, const Tensor& actual,
                                   const Tensor& expected) {
  const auto close = near(actual, expected, layer_tolerance(precision));
  if (!close || precision == Precision::float32) return close;
  if (near(actual, expected, rounding(precision) / 50)) {
    return ::testing::AssertionFailure() << "as exact as float32";
  }
  return close;
}

TEST_P(CudaPrecision, ConvForwardMatchesTheCpu) {
  const Context cpu, cuda(gpu, 1, GetParam());
  for (const ConvSpec& spec : conv_specs()) {
    SCOPED_TRACE(joined(spec.input_shape(), " by ", spec.weight_shape()));
    const Tensor weight = random_tensor(spec.weight_shape(), 1);
    const Tensor bias = random_tensor({spec.out_channels}, 2);
    const Tensor x = random_tensor(spec.input_shape(), 3);
    EXPECT_TRUE(near_in(GetParam(), conv_forward(cuda, spec, weight, bias, x),
                        conv_forward(cpu, spec, weight, bias, x)));
  }
}

TEST_P(CudaPrecision, ConvBackwardMatchesTheCpu) {
  const Context cpu, cuda(gpu, 1, GetParam());
  for (const ConvSpec& spec : conv_specs()) {
    SCOPED_TRACE(joined(spec.input_shape(), " by ", spec.weight_shape()));
    const Tensor weight = random_tensor(spec.weight_shape(), 1);
    const Tensor bias = random_tensor({spec.out_channels}, 2);
    const Tensor dy = random_tensor(spec.output_shape(), 3);
    EXPECT_TRUE(near_in(GetParam(), conv_backward(cuda, spec, weight, bias, dy),
                        conv_backward(cpu, spec, weight, bias, dy)));
  }
}

TEST_P(CudaPrecision, LinearMatchesTheCpuInBothDirections) {
  const Context cpu, cuda(gpu, 1, GetParam());
  const Tensor weight = random_tensor({37, 131}, 1), bias = random_tensor({37}, 2);
  for (const int64_t batch : {1, 3}) {
    const auto both = [&](const Context& context, Activation activation) {
      const Tensor w = copied_to(context.device(), context, weight);
      const Tensor b = copied_to(context.device(), context, bias);
      const auto layer = make_linear(context, {batch, 131, 37, activation, "fc"}, w, b);
      Tensor y(context.device(), {batch, 37}), dx(context.device(), {batch, 131});
      layer->forward(copied_to(context.device(), context, random_tensor({batch, 131}, 3)), y);
      layer->backward_data(copied_to(context.device(), context, random_tensor({batch, 37}, 4)), dx);
      return std::pair(to_host(context, y), to_host(context, dx));
    };
    for (const Activation activation : {Activation::none, Activation::relu}) {
      const auto ours = both(cuda, activation), theirs = both(cpu, activation);
      EXPECT_TRUE(near_in(GetParam(), ours.first, theirs.first));
      EXPECT_TRUE(near_in(GetParam(), ours.second, theirs.second));
    }
  }
}

TEST_P(CudaPrecision, GemmTransposesStridesAndAdds) {
  const Context cuda(gpu, 1, GetParam());
  constexpr int64_t m = 5, n = 9, k = 33, stride = 40;
  const Tensor a = random_tensor({stride, stride}, 1), b = random_tensor({stride, stride}, 2);
  const Tensor c = random_tensor({m, stride}, 3);
  const Tensor device_a = to_gpu(cuda, a), device_b = to_gpu(cuda, b);
  for (const int way : {0, 1, 2, 3, 4, 5, 6, 7}) {
    const bool ta = way & 1, tb = way & 2;
    const float beta = way & 4 ? 0.5f : 0;
    Tensor expected = copied_to(Device{}, cuda, c);
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = double{beta} * c.data()[i * stride + j];
        for (int64_t l = 0; l < k; ++l) {
          sum += double{a.data()[ta ? l * stride + i : i * stride + l]} *
                 b.data()[tb ? j * stride + l : l * stride + j];
        }
        expected.data()[i * stride + j] = static_cast<float>(sum);
      }
    }
    Tensor device_c = to_gpu(cuda, c);
    cuda::gemm(cuda, m, n, k, {device_a.data(), stride, ta}, {device_b.data(), stride, tb}, beta,
               device_c.data(), stride);
    EXPECT_TRUE(near_in(GetParam(), to_host(cuda, device_c), expected)) << "way " << way;
  }
}

TEST_P(CudaPrecision, ThePlanMatchesTheCpuForAnyNumberOfImages) {
  const Context cpu, cuda(gpu, 1, GetParam());
  const SmallNet host;
  const SmallNet device(cuda, host);
  const auto ours = device.plan(cuda, 3), theirs = host.plan(cpu, 3);
  for (const int64_t images : {3, 1, 2}) {
    const Tensor x = random_tensor({images, 3, 13, 11}, 7 + images);
    ours->run(to_gpu(cuda, x));
    theirs->run(x);
    for (int step = 0; step < SmallNet::outputs; ++step) {
      const Tensor y = to_host(cuda, ours->output(step));
      // Two more layers' roundings come on top of the first one's.
      EXPECT_TRUE(near(rows(y, 0, images), rows(theirs->output(step), 0, images),
                       3 * layer_tolerance(GetParam())))
          << "step " << step << ", " << images << " images";
    }
  }
}

TEST_P(CudaPrecision, AnImageHasTheSameBitsBesideAnyOthers) {
  const Context cuda(gpu, 1, GetParam());
  const SmallNet net(cuda, SmallNet());
  const auto plan = net.plan(cuda, 3);
  const Tensor x = to_gpu(cuda, random_tensor({3, 3, 13, 11}, 7));
  plan->run(x);
  const std::vector<Tensor> all = outputs_of(cuda, *plan);
  plan->run(rows(x, 2, 3));
  const std::vector<Tensor> alone = outputs_of(cuda, *plan);
  for (int i = 0; i < SmallNet::outputs; ++i) {
    EXPECT_TRUE(same_bits<float>(rows(alone[i], 0, 1), rows(all[i], 2, 3))) << "step " << i;
  }
}

TEST(CudaConv, TakesDeterministicAlgorithmsAndKeepsTheChoiceByExtents) {
  const Context cuda(gpu, 1);
  const ConvSpec spec{1, 4, 9, 9, 4, 3, 3, 1, 1, 1, 1, 1, Activation::relu, "conv"};
  const Tensor weight = to_gpu(cuda, random_tensor(spec.weight_shape(), 1));
  const Tensor bias = to_gpu(cuda, random_tensor({4}, 2));
  const auto first = make_conv(cuda, spec, weight, bias);
  EXPECT_EQ(cuda.cuda().conv_choices.size(), 1);  // backward is planned by its first call
  const Tensor dy = to_gpu(cuda, random_tensor(spec.output_shape(), 3));
  Tensor dx(gpu, spec.input_shape());
  first->backward_data(dy, dx);
  const auto second = make_conv(cuda, spec, weight, bias);
  EXPECT_EQ(cuda.cuda().conv_choices.size(), 2);
  for (const auto& [key, choice] : cuda.cuda().conv_choices) {
    EXPECT_EQ(choice.math, CUDNN_FMA_MATH);
    // Not the fake's first suggestions: FFT forward, the non-deterministic algorithm 0 backward.
    EXPECT_EQ(choice.algorithm, key[0] == 1
                                    ? static_cast<int>(CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD)
                                    : static_cast<int>(CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD));
  }
}

TEST(CudaGemm, RefusesRowsThatOverlap) {
  const Context cuda(gpu, 1);
  Tensor a(gpu, {8, 8});
  EXPECT_THROW(cuda::gemm(cuda, 2, 2, 4, {a.data(), 3}, {a.data(), 8}, 0, a.data(), 8), Error);
  EXPECT_THROW(cuda::gemm(cuda, 2, 4, 2, {a.data(), 8}, {a.data(), 8}, 0, a.data(), 3), Error);
  EXPECT_THROW(cuda::gemm(cuda, 0, 4, 2, {a.data(), 8}, {a.data(), 8}, 0, a.data(), 8), Error);
}

/// Values through the 16-bit type and back.
std::vector<float> through(Precision precision, const std::vector<float>& values) {
  const Context cuda(gpu, 1, precision);
  const auto n = static_cast<int64_t>(values.size());
  const Tensor from = to_gpu(cuda, floats({n}, values));
  Tensor to(gpu, {n}), narrow(gpu, {n});
  auto* bits = reinterpret_cast<uint16_t*>(narrow.data());
  cuda::narrow(cuda, from.data(), n, 1, n, bits, n);
  cuda::widen(cuda, bits, {1, 1, n}, nullptr, Activation::none, to.data());
  const Tensor host = to_host(cuda, to);
  return {host.span().begin(), host.span().end()};
}

TEST(CudaNarrow, RoundsToNearestWithTiesToEven) {
  EXPECT_EQ(through(Precision::bf16, {1, -3.5f, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f, 1 + 0x1.1p-8f, 0}),
            (std::vector<float>{1, -3.5f, 1, 1 + 4 * 0x1p-8f, 1 + 0x1p-7f, 0}));
  EXPECT_EQ(through(Precision::fp16, {1, -3.5f, 1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 1 + 0x1.1p-11f, 0}),
            (std::vector<float>{1, -3.5f, 1, 1 + 4 * 0x1p-11f, 1 + 0x1p-10f, 0}));
}

TEST(CudaNarrow, KeepsSubnormalsInfinitiesAndNaN) {
  const float infinity = INFINITY;
  const std::vector<float> large{65504, 65519, 65520, 1e30f, -1e30f, infinity};
  EXPECT_EQ(through(Precision::fp16, large),
            (std::vector<float>{65504, 65504, infinity, infinity, -infinity, infinity}));
  const std::vector<float> small{0x1p-14f, -0x1p-24f, 0x1p-25f, 0x1.8p-24f, 0x1.ffep-15f};
  EXPECT_EQ(through(Precision::fp16, small),
            (std::vector<float>{0x1p-14f, -0x1p-24f, 0, 0x1p-23f, 0x1p-14f}));
  EXPECT_EQ(through(Precision::bf16, {3.4e38f, -infinity})[0], infinity);
  EXPECT_TRUE(std::isnan(through(Precision::fp16, {NAN})[0]));
  EXPECT_TRUE(std::isnan(through(Precision::bf16, {NAN})[0]));
}

TEST(CudaNarrow, AWeightIsKeptOnceAndFoundFromWithin) {
  const Context cuda(gpu, 1, Precision::bf16);
  const Tensor weight = to_gpu(cuda, random_tensor({4, 10}, 1));
  EXPECT_EQ(cuda::find_narrow(cuda, weight.data(), 40), nullptr);
  auto kept = cuda::keep_narrow(cuda, weight);
  EXPECT_EQ(kept, cuda::keep_narrow(cuda, weight));
  const uint16_t* all = cuda::find_narrow(cuda, weight.data(), 40);
  ASSERT_NE(all, nullptr);
  EXPECT_EQ(cuda::find_narrow(cuda, weight.data() + 20, 20), all + 20);
  EXPECT_EQ(cuda::find_narrow(cuda, weight.data() + 20, 21), nullptr);
  kept.reset();
  EXPECT_EQ(cuda::find_narrow(cuda, weight.data(), 40), nullptr);
  EXPECT_EQ(cuda::keep_narrow(Context(gpu, 1), weight), nullptr);  // float32 needs none
}

TEST(CudaNarrow, AKeptWeightGivesTheSameProductAsOneConvertedAnew) {
  const Context cuda(gpu, 1, Precision::fp16);
  const Tensor weight = to_gpu(cuda, random_tensor({8, 24}, 1));
  const Tensor x = to_gpu(cuda, random_tensor({4, 5}, 2));
  const auto product = [&] {
    Tensor c(gpu, {12, 5});  // W(4.., 12..)^T X: from within the weight, as a group's is
    cuda::gemm(cuda, 12, 5, 4, {weight.data() + 4 * 24 + 12, 24, true}, {x.data(), 5}, 0, c.data(),
               5);
    return to_host(cuda, c);
  };
  const Tensor anew = product();
  const auto kept = cuda::keep_narrow(cuda, weight);
  EXPECT_TRUE(same_bits(product(), anew));
}

}  // namespace
}  // namespace hdecomp::op_testing
