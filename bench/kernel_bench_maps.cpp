/// Ops of whole maps: elementwise, pools, softmax, pictures.
#include "bench/kernel_bench.h"
#include "kernels/map/elementwise.h"
#include "kernels/map/normalise_image.h"
#include "kernels/map/softmax.h"
#include "kernels/pool/pool.h"

namespace hdecomp {
namespace {

/// n images of c channels, size x size.
struct MapSize {
  int64_t n, c, size;
  Shape shape() const { return {n, c, size, size}; }
};

/// Input x, output y, and a further input where an op has one; they live as long as the op.
struct Operands {
  Tensor x, y, other;
  IndexTensor argmax;
};
std::shared_ptr<Operands> operands(const Context& context, const Shape& x, const Shape& y) {
  auto made = std::make_shared<Operands>();
  made->x = random_on(context, x);
  made->y = Tensor(context.device(), y);
  return made;
}

PreparedOp relu_backward_op(const Context& context, MapSize size) {
  const auto o = operands(context, size.shape(), size.shape());
  o->other = random_on(context, size.shape(), 2);
  return {[&context, o] { activation_backward(context, Activation::relu, o->other, o->x, o->y); },
          3 * bytes_of(o->x)};
}

PreparedOp add_relu_op(const Context& context, MapSize size) {
  const auto o = operands(context, size.shape(), size.shape());
  o->other = random_on(context, size.shape(), 2);
  return {[&context, o] { add_forward(context, o->x, o->other, Activation::relu, o->y); },
          3 * bytes_of(o->x)};
}

constexpr PoolSpec pool_3x3{3, 3, 2, 2, 1, 1};  // ResNet's

PreparedOp max_pool_op(const Context& context, MapSize size) {
  const auto o = operands(context, size.shape(), pooled_shape(size.shape(), pool_3x3));
  o->argmax = IndexTensor(context.device(), o->y.shape());
  return {[&context, o] { max_pool_forward(context, pool_3x3, o->x, o->y, o->argmax); },
          bytes_of(o->x) + bytes_of(o->y) + bytes_of(o->argmax)};
}

PreparedOp max_pool_backward_op(const Context& context, MapSize size) {
  const auto o = operands(context, size.shape(), pooled_shape(size.shape(), pool_3x3));
  o->argmax = IndexTensor(context.device(), o->y.shape());
  o->other = random_on(context, o->y.shape(), 2);
  Tensor pooled(context.device(), o->y.shape());
  max_pool_forward(context, pool_3x3, o->x, pooled, o->argmax);
  context.finish();
  return {[&context, o] { max_pool_backward(context, pool_3x3, o->other, o->argmax, o->x); },
          bytes_of(o->other) + bytes_of(o->argmax) + bytes_of(o->x)};
}

PreparedOp global_pool_op(const Context& context, MapSize size) {
  const auto o = operands(context, size.shape(), {size.n, size.c, 1, 1});
  return {[&context, o] { adaptive_avg_pool_forward(context, o->x, o->y); },
          bytes_of(o->x) + bytes_of(o->y)};
}

PreparedOp global_pool_backward_op(const Context& context, MapSize size) {
  const auto o = operands(context, {size.n, size.c, 1, 1}, size.shape());
  return {[&context, o] { adaptive_avg_pool_backward(context, o->x, o->y); },
          bytes_of(o->x) + bytes_of(o->y)};
}

PreparedOp softmax_op(const Context& context, MapSize size) {
  const auto o = operands(context, {size.n, size.c}, {size.n, size.c});
  return {[&context, o] { softmax_forward(context, o->x, o->y); }, bytes_of(o->x) + bytes_of(o->y)};
}

struct Pictures {
  TensorOf<uint8_t> view;
  Tensor maps;
};

PreparedOp normalise_op(const Context& context, MapSize size) {
  auto o = std::make_shared<Pictures>();
  o->view = random_bytes_on(context, {size.n, size.size, size.size, 3});
  o->maps = Tensor(context.device(), {size.n, 3, size.size, size.size});
  const ChannelScale scale{{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};
  return {[&context, o, scale] { normalise_image(context, o->view, scale, o->maps); },
          bytes_of(o->view) + bytes_of(o->maps)};
}

}  // namespace

void add_map_ops(OpList& ops) {
  const std::pair<MapSize, MapSize> maps{{1, 256, 56}, {32, 256, 56}};
  add_sizes(ops, "relu_backward", relu_backward_op, maps);
  add_sizes(ops, "add_relu", add_relu_op, maps);
  const std::pair<MapSize, MapSize> stem{{1, 64, 112}, {32, 64, 112}};
  add_sizes(ops, "max_pool", max_pool_op, stem);
  add_sizes(ops, "max_pool_backward", max_pool_backward_op, stem);
  const std::pair<MapSize, MapSize> last{{1, 2048, 7}, {256, 2048, 7}};
  add_sizes(ops, "global_pool", global_pool_op, last);
  add_sizes(ops, "global_pool_backward", global_pool_backward_op, last);
  add_sizes<MapSize>(ops, "softmax", softmax_op, {{1, 1000, 1}, {8192, 1000, 1}});
  add_sizes<MapSize>(ops, "normalise_image", normalise_op, {{1, 3, 224}, {128, 3, 224}});
}

}  // namespace hdecomp
