/// The window ops: backward through one layer for a level of decisions, the ReLU below included.
#include "bench/kernel_bench_level.h"

namespace hdecomp {
namespace {

PreparedOp conv_window_op(const Context& context, LevelSize size) {
  const auto level = make_level(context, size);
  const int64_t k = size.kernel.size;
  const auto weight = std::make_shared<Tensor>(
      random_on(context, {size.channels_above, size.channels_below, k, k}, 3));
  PreparedOp op;
  op.run = [&context, level, weight, kernel = size.kernel] {
    conv_window_backward(context, *weight, kernel, 1, level->above, level->target());
  };
  op.bytes = bytes_of(*weight) + level->above_bytes() + level->feature_bytes() +
             level->below_bytes() + bytes_of(level->places);
  op.operations = 2.0 * static_cast<double>(weight->elements() * size.decisions()) *
                  static_cast<double>(level->above.window.area());
  return op;
}

/// One-hot decisions: each gathers its channel's rows of the weight.
PreparedOp seed_gather_op(const Context& context, LevelSize size) {
  const auto level = make_level(context, size, true);
  const int64_t k = size.kernel.size;
  const auto weight = std::make_shared<Tensor>(
      random_on(context, {size.channels_above, size.channels_below, k, k}, 3));
  const double rows = bytes_of<float>(level->channels * size.channels_below * k * k);
  return {[&context, level, weight, kernel = size.kernel] {
            conv_window_backward(context, *weight, kernel, 1, level->above, level->target());
          },
          rows + level->feature_bytes() + level->below_bytes() + bytes_of(level->places)};
}

/// The feature that the pool chose from is the ReLU's too.
PreparedOp max_pool_window_op(const Context& context, LevelSize size) {
  const auto level = make_level(context, size);
  return {[&context, level, kernel = size.kernel] {
            max_pool_window_backward(context, kernel, level->feature, level->above,
                                     level->target());
          },
          level->above_bytes() + level->feature_bytes() + level->below_bytes() +
              bytes_of(level->places)};
}

/// A residual join's shortcut, added to the other branch's wider windows.
PreparedOp copy_window_op(const Context& context, LevelSize size) {
  const auto level = make_level(context, size);
  clear(context, level->below.data);
  return {[&context, level] {
            copy_window_backward(context, level->above, level->target(Accumulate::sum));
          },
          level->above_bytes() + level->feature_bytes() + 2 * level->below_bytes() +
              bytes_of(level->places)};
}

PreparedOp global_pool_window_op(const Context& context, LevelSize size) {
  const auto level = make_level(context, size);
  return {[&context, level] {
            adaptive_avg_pool_window_backward(context, level->above, level->target());
          },
          level->above_bytes() + level->feature_bytes() + level->below_bytes() +
              bytes_of(level->places)};
}

/// The linear layer's weight (units, C * h * w).
std::shared_ptr<Tensor> linear_weight(const Context& context, const LevelSize& size) {
  const int64_t inputs = size.channels_below * size.map * size.map;
  return std::make_shared<Tensor>(random_on(context, {size.channels_above, inputs}, 3));
}

/// One decision; a quarter of the units have a gradient, as a ReLU leaves about that many.
PreparedOp active_rows_op(const Context& context, LevelSize size) {
  const auto level = make_level(context, size);
  const auto weight = linear_weight(context, size);
  Tensor gradient = copied_to(Device{}, context, level->above.data);
  for (int64_t i = 0; i < gradient.elements(); ++i) {
    if (i % 4 != 0) gradient.data()[i] = 0;
  }
  level->above.data = copied_to(context.device(), context, gradient);
  return {
      [&context, level, weight] {
        linear_window_backward(context, *weight, level->above, level->target());
      },
      bytes_of(*weight) / 4 + level->above_bytes() + level->feature_bytes() + level->below_bytes()};
}

/// Many decisions: a product with the whole weight.
PreparedOp linear_window_op(const Context& context, LevelSize size) {
  const auto level = make_level(context, size);
  const auto weight = linear_weight(context, size);
  PreparedOp op;
  op.run = [&context, level, weight] {
    linear_window_backward(context, *weight, level->above, level->target());
  };
  op.bytes = bytes_of(*weight) + level->above_bytes() + level->feature_bytes() +
             level->below_bytes() + bytes_of(level->places);
  op.operations = 2.0 * static_cast<double>(weight->elements() * size.decisions());
  return op;
}

}  // namespace

void add_window_ops(OpList& ops) {
  const WindowKernel conv{3, 1, 1}, pool{2, 2, 0};
  add_sizes<LevelSize>(ops, "conv_window", conv_window_op,
                       {{1, 9, 256, 256, 5, 56, conv}, {32, 9, 256, 256, 5, 56, conv}});
  add_sizes<LevelSize>(ops, "seed_gather", seed_gather_op,
                       {{1, 9, 256, 256, 1, 56, conv}, {64, 54, 128, 128, 1, 112, conv}});
  add_sizes<LevelSize>(ops, "max_pool_window", max_pool_window_op,
                       {{1, 9, 256, 256, 7, 56, pool}, {16, 27, 128, 128, 7, 112, pool}});
  // Below as wide as a 3x3 convolution beside the shortcut makes it.
  add_sizes<LevelSize>(ops, "copy_window", copy_window_op,
                       {{1, 9, 256, 256, 5, 56, conv}, {16, 27, 256, 256, 5, 56, conv}});
  add_sizes<LevelSize>(
      ops, "global_pool_window", global_pool_window_op,
      {{1, 1, 2048, 2048, 1, 7, {7, 1, 0}}, {128, 1, 2048, 2048, 1, 7, {7, 1, 0}}});
  // VGG-16's fc7 and fc6.
  add_sizes<LevelSize>(ops, "linear_active_rows", active_rows_op,
                       {{1, 1, 4096, 4096, 1, 1, {1, 1, 0}}, {1, 1, 4096, 512, 1, 7, {7, 1, 0}}});
  add_sizes<LevelSize>(ops, "linear_window_32", linear_window_op,
                       {{32, 1, 4096, 4096, 1, 1, {1, 1, 0}}, {32, 1, 4096, 512, 1, 7, {7, 1, 0}}});
}

}  // namespace hdecomp
