/// Moving tensors between the host and a device, spelled out: nothing is copied unasked.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// Copies `bytes` bytes between memory of the context's device and of the host, or within either,
/// in the order of the context's ops. Host memory written to is complete after context.finish().
void copy_bytes(const Context& context, const void* from, void* to, int64_t bytes);

/// Sets `bytes` bytes of the context's device to zero, in the order of its ops.
void clear_bytes(const Context& context, void* memory, int64_t bytes);

/// Copies the elements of a tensor; `to` has as many. On either device.
template <class T>
void copy(const Context& context, const TensorOf<T>& from, TensorOf<T>& to) {
  copy_bytes(context, from.data(), to.data(), from.elements() * static_cast<int64_t>(sizeof(T)));
}

template <class T>
void clear(const Context& context, TensorOf<T>& tensor) {
  clear_bytes(context, tensor.data(), tensor.elements() * static_cast<int64_t>(sizeof(T)));
}

/// The tensor itself where its memory is the host's, else a copy that is complete after
/// context.finish().
template <class T>
TensorOf<T> on_host(const Context& context, const TensorOf<T>& tensor) {
  if (tensor.device() == Device{}) {
    return {Device{}, tensor.shape(), const_cast<T*>(tensor.data())};
  }
  TensorOf<T> to(Device{}, tensor.shape());
  copy(context, tensor, to);
  return to;
}

/// A copy on another device, complete on return.
template <class T>
TensorOf<T> copied_to(Device device, const Context& context, const TensorOf<T>& from) {
  TensorOf<T> to(device, from.shape());
  copy(context, from, to);
  context.finish();
  return to;
}

}  // namespace hdecomp
