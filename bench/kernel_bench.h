/// An op of kernel_bench: its operands, its run, and what the contract makes it move.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/op_timer.h"
#include "kernels/core/copy.h"

namespace hdecomp {

/// Ready to run on its operands, which it holds.
struct PreparedOp {
  std::function<void()> run;
  double bytes = 0;       // that must be read and written, each once
  double operations = 0;  // of products, two per multiply-add; 0 where they do not matter
  /// Where set, a part of `run` that is timed alone and taken off.
  std::function<void()> without = {};
};

/// Makes an op's operands on the context's device.
using PrepareOp = std::function<PreparedOp(const Context&)>;

/// By name, "gap_reduce/small".
using OpList = std::vector<std::pair<std::string, PrepareOp>>;

/// The same kind of op at two sizes: about what a tree of one image needs, and what a batch needs.
template <class Size>
void add_sizes(OpList& ops, const std::string& name, PreparedOp (*prepare)(const Context&, Size),
               std::pair<Size, Size> small_and_large) {
  ops.emplace_back(name + "/small", [prepare, size = small_and_large.first](
                                        const Context& context) { return prepare(context, size); });
  ops.emplace_back(name + "/large", [prepare, size = small_and_large.second](
                                        const Context& context) { return prepare(context, size); });
}

/// The families of ops, a source file each.
void add_map_ops(OpList& ops);     // of whole maps: pools, elementwise, pictures
void add_gap_ops(OpList& ops);     // of gAP: reduction, choice, activation maps
void add_window_ops(OpList& ops);  // backward through one layer in windows
/// What only the CUDA backend has: casts, the product and the gather of a convolution's window.
void add_cuda_ops(OpList& ops);

/// Values in [-1, 1), about half of them positive.
Tensor random_on(const Context& context, const Shape& shape, uint64_t seed = 1);
TensorOf<uint8_t> random_bytes_on(const Context& context, const Shape& shape);

/// Bytes of `count` elements of a type.
template <class T>
double bytes_of(int64_t count) {
  return static_cast<double>(count) * sizeof(T);
}
template <class T>
double bytes_of(const TensorOf<T>& tensor) {
  return bytes_of<T>(tensor.elements());
}

}  // namespace hdecomp
