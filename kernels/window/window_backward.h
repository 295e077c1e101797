/// Backward through one layer for a whole level of decisions, inside their windows alone (the
/// selective backward pass). Every op reads the gradient `above` a layer and writes, or adds to,
/// the one `below` it.
#pragma once

#include "kernels/core/activation.h"
#include "kernels/core/context.h"
#include "kernels/core/scalar_function.h"
#include "kernels/window/window_batch.h"

namespace hdecomp {

/// What is already in the batch below: nothing (the op sets every element), or another branch's
/// gradient (the op adds to it).
enum class Accumulate { empty, sum };

/// What an activation lets down: the gradient where the feature passes it (plain), or only the
/// positive gradient there (guided: Springenberg et al. 2015).
enum class ReluRule { plain, guided };

/// The activation at the end of the layer below, through which the finished gradient goes on: kept
/// where `feature` (B, c, H, W) passes it, zero elsewhere. None where `feature` is null.
struct ActivationMask {
  const Tensor* feature = nullptr;
  ReluRule rule = ReluRule::plain;
  Activation activation = Activation::relu;
};

/// What an op's own gradient passes before it is put: the activation of a node, and the factors of
/// its channels, where the one below is that of the node's input. None where `scale` is null.
struct ScaledNode {
  ActivationMask mask = {};
  const float* scale = nullptr;
};

/// A node of a function of single cells that an op's own gradient passes before it is put, where
/// the one below is that of the node's input: times the function's slopes there. None where `input`
/// is null.
struct SlopedNode {
  const Tensor* input = nullptr;  // (B, c, H, W)
  ScalarFunction function = {};
  /// slopes[i] of the function at x[i], for `count` neighbours.
  void (*slopes)(const ScalarFunction& function, const float* x, int64_t count,
                 float* slopes) = nullptr;
};

/// Where an op puts the gradient. The mask comes after the sum: give it with the last branch.
struct GradientBelow {
  WindowBatch& batch;
  Accumulate into = Accumulate::empty;
  ActivationMask mask = {};
  // On the CPU alone; without a mask.
  bool own_alone = false;   // of moves: channels that none above goes to are left as they are
  ScaledNode through = {};  // of convolutions of a single tap
  SlopedNode sloped = {};   // of those with a group per channel, to whole maps
};

/// Throws Error unless both hold the same decisions, and the one below has its memory and a mask of
/// its map and of an activation: what every window op asks for.
void check_window_batches(const char* op, const WindowBatch& above, const GradientBelow& below);

/// A convolution: below = W^T above, one product per level, then each input element sums its few
/// contributions. `weight` (out, in / groups, k_h, k_w). For one-hot decisions the product is a
/// gather of W's rows.
void conv_window_backward(const Context& context, const Tensor& weight, const WindowKernels& kernel,
                          int64_t groups, const WindowBatch& above, const GradientBelow& below);

/// Max-pooling: routes to the first maximum, in row-major order, of each cell's window in the lower
/// map's `feature` (B, c, H, W), which is what the forward pass chose.
void max_pool_window_backward(const Context& context, const WindowKernels& kernel,
                              const Tensor& feature, const WindowBatch& above,
                              const GradientBelow& below);

/// The identity (a join's branch): copies the overlap of the two windows.
void copy_window_backward(const Context& context, const WindowBatch& above,
                          const GradientBelow& below);

/// Adaptive average pooling, whole maps on both sides.
void adaptive_avg_pool_window_backward(const Context& context, const WindowBatch& above,
                                       const GradientBelow& below);

/// A linear layer, to the whole map below. `weight` (out, in). Rows of units without gradient
/// (inactive ones) are never read.
void linear_window_backward(const Context& context, const Tensor& weight, const WindowBatch& above,
                            const GradientBelow& below);

/// Bytes that it works in for each decision, beside the batches.
int64_t linear_window_scratch(const Context& context);

namespace cpu {
int64_t linear_window_scratch(const Context&);
void conv_window_backward(const Context&, const Tensor& weight, const WindowKernels&,
                          int64_t groups, const WindowBatch& above, const GradientBelow& below);
void max_pool_window_backward(const Context&, const WindowKernels&, const Tensor& feature,
                              const WindowBatch& above, const GradientBelow& below);
void copy_window_backward(const Context&, const WindowBatch& above, const GradientBelow& below);
void adaptive_avg_pool_window_backward(const Context&, const WindowBatch& above,
                                       const GradientBelow& below);
void linear_window_backward(const Context&, const Tensor& weight, const WindowBatch& above,
                            const GradientBelow& below);
}  // namespace cpu
namespace cuda {
void conv_window_backward(const Context&, const Tensor& weight, const WindowKernels&,
                          int64_t groups, const WindowBatch& above, const GradientBelow& below);
void max_pool_window_backward(const Context&, const WindowKernels&, const Tensor& feature,
                              const WindowBatch& above, const GradientBelow& below);
void copy_window_backward(const Context&, const WindowBatch& above, const GradientBelow& below);
void adaptive_avg_pool_window_backward(const Context&, const WindowBatch& above,
                                       const GradientBelow& below);
void linear_window_backward(const Context&, const Tensor& weight, const WindowBatch& above,
                            const GradientBelow& below);
}  // namespace cuda

}  // namespace hdecomp
