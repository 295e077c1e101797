/// What the tests of the CUDA backend's host side share; built against the emulator alone.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "cuda_emulator.h"
#include "kernels/conv/conv.h"
#include "kernels/conv/linear.h"
#include "kernels/core/context_cuda.h"
#include "kernels/core/copy.h"
#include "kernels/plan/forward_plan.h"
#include "tests/support/op_testing.h"
#include "tests/support/plain_steps.h"

namespace hdecomp::op_testing {

constexpr Device gpu{DeviceKind::cuda, 0};

/// How much a factor may be off in a precision, relative to itself: half a unit in the last place.
inline double rounding(Precision precision) {
  switch (precision) {
    case Precision::float32:
      return 0x1p-24;
    case Precision::bf16:
      return 0x1p-9;
    case Precision::tf32:
    case Precision::fp16:
      return 0x1p-11;
  }
  return 0;
}

/// A layer's error relative to its largest output: both factors and, in 16 bits, the output are
/// rounded. Errors of the products average out, so that four roundings are not reached; float32
/// has the rounding of its sums instead.
inline double layer_tolerance(Precision precision) {
  return precision == Precision::float32 ? tolerance::dot_product : 4 * rounding(precision);
}

inline Tensor to_gpu(const Context& context, const Tensor& host) {
  return copied_to(gpu, context, host);
}
inline Tensor to_host(const Context& context, const Tensor& tensor) {
  return copied_to(Device{}, context, tensor);
}

/// What the error of `call` says; empty if there is none.
template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& fault) {
    return fault.what();
  }
  return "";
}

/// Results of a layer on the CPU, or on the GPU in the context's precision.
inline Tensor conv_forward(const Context& context, const ConvSpec& spec, const Tensor& host_weight,
                           const Tensor& host_bias, const Tensor& host_x) {
  const Device device = context.device();
  const Tensor weight = copied_to(device, context, host_weight);
  const Tensor bias = copied_to(device, context, host_bias);
  Tensor y(device, spec.output_shape());
  make_conv(context, spec, weight, bias)->forward(copied_to(device, context, host_x), y);
  return to_host(context, y);
}
inline Tensor conv_backward(const Context& context, const ConvSpec& spec, const Tensor& host_weight,
                            const Tensor& host_bias, const Tensor& host_dy) {
  const Device device = context.device();
  const Tensor weight = copied_to(device, context, host_weight);
  const Tensor bias = copied_to(device, context, host_bias);
  Tensor dx(device, spec.input_shape());
  make_conv(context, spec, weight, bias)->backward_data(copied_to(device, context, host_dy), dx);
  return to_host(context, dx);
}

/// Convolution, overlapping max-pool, a residual join, average pool and a linear layer.
struct SmallNet {
  Tensor weight1 = random_tensor({6, 3, 3, 3}, 1), bias1 = random_tensor({6}, 2);
  Tensor weight2 = random_tensor({6, 6, 3, 3}, 3), bias2 = random_tensor({6}, 4);
  Tensor weight3 = random_tensor({5, 24}, 5), bias3 = random_tensor({5}, 6);

  static constexpr int outputs = 7;

  SmallNet() = default;
  SmallNet(const Context& context, const SmallNet& from)
      : weight1(copied_to(context.device(), context, from.weight1)),
        bias1(copied_to(context.device(), context, from.bias1)),
        weight2(copied_to(context.device(), context, from.weight2)),
        bias2(copied_to(context.device(), context, from.bias2)),
        weight3(copied_to(context.device(), context, from.weight3)),
        bias3(copied_to(context.device(), context, from.bias3)) {}

  /// For up to `batch` images of 3 x 13 x 11.
  std::unique_ptr<ForwardPlan> plan(const Context& context, int64_t batch) const {
    auto plan = make_forward_plan(context);
    ConvSpec first{batch, 3, 13, 11, 6, 3, 3, 1, 1, 1, 1, 1, Activation::relu, "conv1"};
    ConvSpec second{batch, 6, 7, 6, 6, 3, 3, 1, 1, 1, 1, 1, Activation::none, "conv2"};
    const int input = plan->input({batch, 3, 13, 11});
    const int pool = plan->max_pool(plan->conv(input, first, weight1, bias1), {3, 3, 2, 2, 1, 1});
    const int join = plan->add(plan->conv(pool, second, weight2, bias2), pool, Activation::relu);
    add_linear(*plan, context, add_adaptive_avg_pool(*plan, context, join, 2, 2),
               {batch, 24, 5, Activation::none, "fc"}, weight3, bias3);
    return plan;
  }
};

/// All outputs of the last run, on the host.
inline std::vector<Tensor> outputs_of(const Context& context, const ForwardPlan& plan) {
  std::vector<Tensor> outputs;
  for (int i = 0; i < SmallNet::outputs; ++i) {
    outputs.push_back(to_host(context, plan.output(i)));
  }
  return outputs;
}

}  // namespace hdecomp::op_testing
