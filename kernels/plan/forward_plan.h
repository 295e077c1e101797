/// A forward pass planned as a whole: activations stay in the layouts that the device's kernels
/// like best and are brought to plain (n, c, h, w) only where they are read.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kernels/cell/cell_ops.h"
#include "kernels/conv/conv.h"
#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/pool/pool.h"

namespace hdecomp {

/// A cell op's, null where its formula names none. They must outlive the plan.
struct CellWeights {
  const Tensor* weight = nullptr;
  const Tensor* bias = nullptr;
};

/// Steps are added in the order in which they run; each returns its number, by which later steps
/// and output() name it. Weights are reordered and kernels chosen when a step is
/// added; memory is taken then, or in the first run. Weights and context must outlive the plan.
class ForwardPlan {
 public:
  /// Computes a step's output for the whole batch from its inputs, all plain.
  using PlainBody = std::function<void(std::span<const Tensor* const> inputs, Tensor& y)>;

  virtual ~ForwardPlan() = default;

  /// First: (n, c, h, w), n the most images of a run. Later steps' specs have the same batch n.
  virtual int input(const Shape& shape) = 0;
  virtual int conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) = 0;
  virtual int max_pool(int from, const PoolSpec& spec) = 0;
  /// activation(a + b).
  virtual int add(int a, int b, Activation activation) = 0;
  /// The channels of all steps of `from`, one after another.
  virtual int concat(std::span<const int> from) = 0;
  /// A formula of cells (kernels/cell), of whose inputs one has the output's shape or is all that
  /// there is; `plain` computes it where the device has no layout of its own for it.
  virtual int cell(std::span<const int> from, const Shape& shape, const CellOp&, const CellWeights&,
                   PlainBody body) {
    return plain(from, shape, std::move(body));
  }
  /// Any other op: one that has no layout of its own. The body is called in every run.
  virtual int plain(std::span<const int> from, const Shape& shape, PlainBody body) = 0;

  /// Runs all steps on one to n images; takes no memory for tensors after the first. An image's
  /// outputs are the same bits beside any others.
  virtual void run(const Tensor& images) = 0;
  /// A step's output in the last run, (n, c, h, w), brought to this plain layout when first asked
  /// for. Only the images of that run are defined. Valid until the next run.
  virtual const Tensor& output(int step) const = 0;

  /// From the next run on, magnitudes() tells of these steps' outputs. Once, after the last step.
  virtual void watch(const std::vector<int>& steps) = 0;
  /// (n, watched steps) on the context's device: largest_magnitudes of each image's outputs in the
  /// last run. Only the images of that run are defined.
  virtual const Tensor& magnitudes() const = 0;
  virtual const Shape& shape(int step) const = 0;

 protected:
  explicit ForwardPlan(const Context& context) : context_(context) {}

  /// The shape that steps side by side have as one. Throws Error if they do not fit.
  Shape concat_shape(std::span<const int> from) const;

  const Context& context_;
};

std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context);

namespace cpu {
std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context);
}
namespace cuda {
std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context);
}

}  // namespace hdecomp
