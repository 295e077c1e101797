/// Every op gives the same bits with 1, 2 and 3 threads, at the extents of real networks.
#include <vector>

#include "kernels/conv.h"
#include "kernels/elementwise.h"
#include "kernels/gap_reduce.h"
#include "kernels/linear.h"
#include "kernels/pool.h"
#include "kernels/softmax.h"
#include "kernels/topk.h"
#include "tests/op_testing.h"

namespace hdecomp::op_testing {
namespace {

/// One run of an op: all that it computes.
struct Outputs {
  std::vector<Tensor> floats;
  std::vector<IndexTensor> indices;
};

/// Runs `op` with contexts of 1, 2 and 3 threads and compares the bits of all outputs.
void expect_thread_invariant(const std::function<Outputs(const Context&)>& op) {
  const Outputs single = op(Context({}, 1));
  for (const int threads : {2, 3}) {
    SCOPED_TRACE(text(threads, " threads"));
    const Outputs several = op(Context({}, threads));
    for (size_t i = 0; i < single.floats.size(); ++i) {
      EXPECT_TRUE(same_bits(several.floats[i], single.floats[i])) << "output " << i;
    }
    for (size_t i = 0; i < single.indices.size(); ++i) {
      EXPECT_TRUE(same_bits(several.indices[i], single.indices[i])) << "index output " << i;
    }
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
  spec.relu = true;
  return {name, spec};
}

std::string extent_name(const ::testing::TestParamInfo<ConvExtent>& info) { return info.param.name; }

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
    Outputs outputs;
    outputs.floats.push_back(std::move(y));
    outputs.floats.push_back(std::move(dx));
    return outputs;
  });
}

INSTANTIATE_TEST_SUITE_P(
    Extents, ConvThreadInvariance,
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
                      square("SlimOddChannels", 2, 37, 29, 53, 3, 1, 1)),
    extent_name);

struct LinearExtent {
  const char* name;
  LinearSpec spec;
};
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
    Outputs outputs;
    outputs.floats.push_back(std::move(y));
    outputs.floats.push_back(std::move(dx));
    return outputs;
  });
}

INSTANTIATE_TEST_SUITE_P(Extents, LinearThreadInvariance,
                         ::testing::Values(LinearExtent{"VggFc6", {1, 25088, 4096, true}},
                                           LinearExtent{"Fc7", {1, 4096, 4096, true}},
                                           LinearExtent{"Fc7Batch5", {5, 4096, 4096, true}},
                                           LinearExtent{"Fc8", {1, 4096, 1000, false}},
                                           LinearExtent{"Fc8Batch5", {5, 4096, 1000, false}},
                                           LinearExtent{"ResnetFc", {1, 2048, 1000, false}},
                                           LinearExtent{"SlimFc", {1, 512, 100, false}},
                                           LinearExtent{"SlimFcBatch3", {3, 512, 100, false}},
                                           LinearExtent{"OddUnits", {2, 1023, 37, true}}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace hdecomp::op_testing
