/// Memory for tensors.
#include "kernels/core/tensor.h"

#include <cstdlib>

#include "hdecomp/error.h"

namespace hdecomp {

Buffer allocate(Device device, int64_t bytes) {
  if (device.kind != DeviceKind::cpu) {
    throw UserError(text("device ", to_string(device), ": this build has no CUDA backend"));
  }
  constexpr size_t alignment = 64;  // a cache line, and the widest vector load
  const size_t rounded = (static_cast<size_t>(bytes) + alignment) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw Error(text("out of memory: ", rounded, " bytes asked for"));
  return {memory, std::free};
}

}  // namespace hdecomp
