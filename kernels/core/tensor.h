/// A dense array of one element type on one device: move-only, row-major, 64-byte aligned.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "kernels/core/device.h"
#include "kernels/core/shape.h"

namespace hdecomp {

class BufferPool;

/// Frees memory, gives it back to the pool that it was taken from, or leaves it to its owner.
struct BufferDeleter {
  Device device;
  std::shared_ptr<BufferPool> pool = {};
  std::shared_ptr<void> memory = {};  // the pool's, which goes back to it
  int64_t bytes = 0;
  bool borrowed = false;
  bool page_locked = false;

  /// Frees nothing.
  static BufferDeleter leave(Device device) { return {device, {}, {}, 0, true}; }
  void operator()(void* address);
};

/// `bytes` bytes of device memory, 64-byte aligned, uninitialised. Throws OutOfMemory that names
/// the size if there is no room.
using Buffer = std::unique_ptr<void, BufferDeleter>;
Buffer allocate(Device device, int64_t bytes);

/// Host memory that `peer` is copied to and from: for a GPU page-locked, which it reads and writes
/// by itself and several times as fast.
Buffer allocate_for_copies(Device peer, int64_t bytes);

template <class T>
class TensorOf {
 public:
  TensorOf() = default;
  /// Uninitialised elements.
  TensorOf(Device device, const Shape& shape)
      : device_(device),
        shape_(shape),
        buffer_(allocate(device, shape.elements() * static_cast<int64_t>(sizeof(T)))) {}

  /// In memory that is there already, large enough for the shape.
  TensorOf(Device device, const Shape& shape, Buffer buffer)
      : device_(device), shape_(shape), buffer_(std::move(buffer)) {}

  /// In memory that belongs to someone else, who must keep it.
  TensorOf(Device device, const Shape& shape, T* borrowed)
      : TensorOf(device, shape, Buffer(borrowed, BufferDeleter::leave(device))) {}

  const Shape& shape() const { return shape_; }
  Device device() const { return device_; }
  int64_t elements() const { return buffer_ ? shape_.elements() : 0; }
  T* data() { return static_cast<T*>(buffer_.get()); }
  const T* data() const { return static_cast<const T*>(buffer_.get()); }
  /// For tensors on the CPU.
  std::span<T> span() { return {data(), static_cast<size_t>(elements())}; }
  std::span<const T> span() const { return {data(), static_cast<size_t>(elements())}; }

 private:
  Device device_;
  Shape shape_;
  Buffer buffer_;
};

using Tensor = TensorOf<float>;
using IndexTensor = TensorOf<int32_t>;

/// The same numbers where they lie, for reading; none of an empty tensor.
inline Tensor borrowed(const Tensor& tensor) {
  if (tensor.elements() == 0) return {};
  return {tensor.device(), tensor.shape(), const_cast<float*>(tensor.data())};
}

/// Rows [begin, end) of a tensor's outermost dimension, as a tensor of the same memory.
template <class T>
TensorOf<T> rows(TensorOf<T>& tensor, int64_t begin, int64_t end) {
  std::vector<int64_t> dims = tensor.shape().dims();
  const int64_t row = tensor.shape().elements() / dims.at(0);
  dims[0] = end - begin;
  return {tensor.device(), Shape(dims), tensor.data() + begin * row};
}
/// The same for reading.
template <class T>
const TensorOf<T> rows(const TensorOf<T>& tensor, int64_t begin, int64_t end) {
  return rows(const_cast<TensorOf<T>&>(tensor), begin, end);
}

}  // namespace hdecomp
