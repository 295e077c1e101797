/// A forward pass planned as a whole: activations stay in the layouts that the device's kernels
/// like best and are brought to plain (n, c, h, w) only where they are read.
#pragma once

#include <memory>

#include "kernels/conv.h"
#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/linear.h"
#include "kernels/pool.h"

namespace hdecomp {

/// Steps are added in the order in which they run; each returns its number, by which later steps
/// and read() name its output. All memory is taken, weights are reordered and kernels chosen when a
/// step is added. Weights and context must outlive the plan.
class ForwardPlan {
 public:
  virtual ~ForwardPlan() = default;

  virtual int input(const Shape& shape) = 0;
  virtual int conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) = 0;
  virtual int max_pool(int from, const PoolSpec& spec) = 0;
  virtual int adaptive_avg_pool(int from, int64_t height, int64_t width) = 0;
  /// relu: max(0, a + b).
  virtual int add(int a, int b, bool relu) = 0;
  virtual int linear(int from, const LinearSpec& spec, const Tensor& weight,
                     const Tensor& bias) = 0;

  /// Runs all steps on an image of the input's shape; takes no memory for tensors.
  virtual void run(const Tensor& image) = 0;
  /// Writes a step's output to `plain`, whose shape is the step's (n, c, h, w).
  virtual void read(int step, Tensor& plain) const = 0;
};

std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context);

namespace cpu {
std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context);
}
namespace cuda {
std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context);
}

}  // namespace hdecomp
