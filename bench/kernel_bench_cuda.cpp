/// What only the CUDA backend has: casts, and a convolution window's product and gather apart.
#include "bench/kernel_bench_level.h"
#include "kernels/product/cuda_gemm.h"
#include "kernels/product/half_cuda.h"

namespace hdecomp {
namespace {

using Narrow = TensorOf<uint16_t>;

struct CastOperands {
  Tensor wide, bias;
  Narrow narrow;
};
std::shared_ptr<CastOperands> cast_operands(const Context& context, int64_t elements) {
  auto o = std::make_shared<CastOperands>();
  o->wide = random_on(context, {elements});
  o->bias = random_on(context, {256});
  o->narrow = Narrow(context.device(), {elements});
  clear(context, o->narrow);
  return o;
}

PreparedOp narrow_op(const Context& context, int64_t elements) {
  const auto o = cast_operands(context, elements);
  return {[&context, o, elements] {
            cuda::narrow(context, o->wide.data(), elements, 1, elements, o->narrow.data(),
                         elements);
          },
          bytes_of(o->wide) + bytes_of(o->narrow)};
}

PreparedOp widen_op(const Context& context, int64_t elements) {
  const auto o = cast_operands(context, elements);
  const cuda::Layout layout{1, 256, elements / 256};
  return {[&context, o, layout] {
            cuda::widen(context, o->narrow.data(), layout, o->bias.data(), Activation::relu,
                        o->wide.data());
          },
          bytes_of(o->wide) + bytes_of(o->narrow) + bytes_of(o->bias)};
}

PreparedOp add_bias_op(const Context& context, int64_t elements) {
  const auto o = cast_operands(context, elements);
  const cuda::Layout layout{1, 256, elements / 256};
  return {[&context, o, layout] {
            cuda::add_bias(context, o->bias.data(), layout, Activation::relu, o->wide.data());
          },
          2 * bytes_of(o->wide) + bytes_of(o->bias)};
}

/// A convolution's window backward whose columns are made at once, and its product alone.
struct ConvParts {
  std::shared_ptr<Level> level;
  Tensor weight, columns;  // columns (C * k * k, D * h * w)
  LevelSize size;

  ConvParts(const Context& context, const LevelSize& given)
      : level(make_level(context, given)), size(given) {
    const int64_t k = size.kernel.size;
    weight = random_on(context, {size.channels_above, size.channels_below, k, k}, 3);
    columns = Tensor(context.device(),
                     {size.channels_below * k * k, size.decisions() * level->above.window.area()});
  }

  void multiply(const Context& context) {
    const int64_t rows = columns.shape()[0], width = columns.shape()[1];
    cuda::gemm(context, rows, width, size.channels_above, {weight.data(), rows, true},
               {level->above.data.data(), width}, 0, columns.data(), width);
  }
  void run(const Context& context) {
    conv_window_backward(context, weight, size.kernel, 1, level->above, level->target());
  }
};

PreparedOp product_op(const Context& context, LevelSize size) {
  const auto parts = std::make_shared<ConvParts>(context, size);
  PreparedOp op;
  op.run = [&context, parts] { parts->multiply(context); };
  op.bytes = bytes_of(parts->weight) + parts->level->above_bytes() + bytes_of(parts->columns);
  op.operations = 2.0 * static_cast<double>(parts->columns.elements() * parts->size.channels_above);
  return op;
}

/// Reads each column once. Timed as the whole op less its product, after which the columns lie in
/// the L2 cache as they do in a tree.
PreparedOp gather_op(const Context& context, LevelSize size) {
  const auto parts = std::make_shared<ConvParts>(context, size);
  PreparedOp op;
  op.run = [&context, parts] { parts->run(context); };
  op.without = [&context, parts] { parts->multiply(context); };
  op.bytes = bytes_of(parts->columns) + parts->level->feature_bytes() +
             parts->level->below_bytes() + bytes_of(parts->level->places);
  return op;
}

}  // namespace

void add_cuda_ops(OpList& ops) {
  const std::pair<int64_t, int64_t> elements{int64_t{1} << 18, int64_t{1} << 25};
  add_sizes(ops, "narrow", narrow_op, elements);
  add_sizes(ops, "widen_bias_relu", widen_op, elements);
  add_sizes(ops, "bias_relu", add_bias_op, elements);
  // The large one's columns are 30 MB, which the op makes at once.
  const WindowKernel conv{3, 1, 1};
  const std::pair<LevelSize, LevelSize> levels{{1, 9, 256, 256, 5, 56, conv},
                                               {16, 8, 256, 256, 5, 56, conv}};
  add_sizes(ops, "conv_window_product", product_op, levels);
  add_sizes(ops, "conv_window_gather", gather_op, levels);
}

}  // namespace hdecomp
