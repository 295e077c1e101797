/// Copies: the choice of the device.
#include "kernels/core/copy.h"

#include <cstring>

#include "kernels/core/cuda_backend.h"

namespace hdecomp {

void copy_bytes(const Context& context, const void* from, void* to, int64_t bytes) {
  if (bytes == 0) return;
  if (context.device().kind == DeviceKind::cuda) return cuda::copy(context, from, to, bytes);
  std::memcpy(to, from, static_cast<size_t>(bytes));
}

void clear_bytes(const Context& context, void* memory, int64_t bytes) {
  if (bytes == 0) return;
  if (context.device().kind == DeviceKind::cuda) return cuda::clear(context, memory, bytes);
  std::memset(memory, 0, static_cast<size_t>(bytes));
}

}  // namespace hdecomp
