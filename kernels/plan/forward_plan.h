/// A forward pass planned as a whole: activations stay in the layouts that the device's kernels
/// like best and are brought to plain (n, c, h, w) only where they are read.
#pragma once

#include <memory>
#include <vector>

#include "kernels/conv/conv.h"
#include "kernels/conv/linear.h"
#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/pool/pool.h"

namespace hdecomp {

/// Steps are added in the order in which they run; each returns its number, by which later steps
/// and output() name it. All memory is taken, weights are reordered and kernels chosen when a
/// step is added. Weights and context must outlive the plan.
class ForwardPlan {
 public:
  virtual ~ForwardPlan() = default;

  /// First: (n, c, h, w), n the most images of a run. Later steps' specs have the same batch n.
  virtual int input(const Shape& shape) = 0;
  virtual int conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) = 0;
  virtual int max_pool(int from, const PoolSpec& spec) = 0;
  virtual int adaptive_avg_pool(int from, int64_t height, int64_t width) = 0;
  /// relu: max(0, a + b).
  virtual int add(int a, int b, bool relu) = 0;
  virtual int linear(int from, const LinearSpec& spec, const Tensor& weight,
                     const Tensor& bias) = 0;

  /// Runs all steps on one to n images; takes no memory for tensors. An image's outputs are the
  /// same bits beside any others.
  virtual void run(const Tensor& images) = 0;
  /// A step's output in the last run, (n, c, h, w), brought to this plain layout when first asked
  /// for. Only the images of that run are defined. Valid until the next run.
  virtual const Tensor& output(int step) const = 0;

  /// From the next run on, peaks() tells of these steps' outputs. Once, after the last step.
  virtual void watch(const std::vector<int>& steps) = 0;
  /// (n, watched steps) on the context's device: find_peaks of each image's outputs in the last
  /// run. Only the images of that run are defined.
  virtual const Tensor& peaks() const = 0;
};

std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context);

namespace cpu {
std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context);
}
namespace cuda {
std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context);
}

}  // namespace hdecomp
