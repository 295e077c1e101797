/// The steps of a forward plan that have no layout of their own, as the networks' runners add them.
#pragma once

#include <memory>

#include "kernels/conv/linear.h"
#include "kernels/plan/forward_plan.h"

namespace hdecomp::op_testing {

inline int add_adaptive_avg_pool(ForwardPlan& plan, const Context& context, int from,
                                 int64_t height, int64_t width) {
  const Shape& x = plan.shape(from);
  return plan.plain({&from, 1}, {x[0], x[1], height, width},
                    [&context](std::span<const Tensor* const> inputs, Tensor& y) {
                      adaptive_avg_pool_forward(context, *inputs[0], y);
                    });
}

inline int add_linear(ForwardPlan& plan, const Context& context, int from, const LinearSpec& spec,
                      const Tensor& weight, const Tensor& bias) {
  const std::shared_ptr<Linear> linear = make_linear(context, spec, weight, bias);
  return plan.plain({&from, 1}, {spec.batch, spec.out_units, 1, 1},
                    [linear](std::span<const Tensor* const> inputs, Tensor& y) {
                      linear->forward(*inputs[0], y);
                    });
}

}  // namespace hdecomp::op_testing
