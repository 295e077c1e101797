/// Copies and fills, with a check that both sides are what the call says they are.
#include <cstring>

#include "cuda_emulator.h"
#include "cuda_runtime_api.h"
#include "hdecomp/error.h"
#include "memory.h"
#include "state.h"
#include "stream.h"

namespace emulator {
namespace {

/// Reports a fault if the memory is not of the wanted kind or too small.
bool check_side(const char* side, const void* memory, size_t bytes, bool on_device) {
  const MemoryKind kind = memory_kind(memory, bytes);
  if (kind == (on_device ? MemoryKind::device : MemoryKind::host)) return true;
  const char* problem = kind == MemoryKind::device_beyond_end ? "goes beyond the end of its block"
                        : on_device                           ? "is not device memory"
                                                              : "is device memory, not the host's";
  report_fault(hdecomp::joined("a copy's ", side, " of ", bytes, " bytes ", problem));
  return false;
}

bool check_sides(void* to, size_t to_bytes, const void* from, size_t from_bytes,
                 cudaMemcpyKind kind) {
  if (kind == cudaMemcpyDefault) {
    return memory_kind(to, to_bytes) != MemoryKind::device_beyond_end &&
           memory_kind(from, from_bytes) != MemoryKind::device_beyond_end;
  }
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  return check_side("target", to, to_bytes, to_device) &&
         check_side("source", from, from_bytes, from_device);
}

/// Submits `work` if `allowed`, which is asked again at each replay: memory may be freed by then.
template <class Allowed, class Work>
cudaError_t submit_checked(cudaStream_t stream, const Allowed& allowed, const Work& work) {
  if (!allowed()) return keep_error(cudaErrorInvalidValue);
  return submit(stream, [allowed, work] {
    if (allowed()) {
      work();
    } else {
      fail_running_stream(cudaErrorIllegalAddress);
    }
  });
}

/// For calls that wait until the copy is done.
cudaError_t check_synchronous() {
  if (const cudaError_t status = check_device()) return keep_error(status);
  if (const cudaError_t status = check_unsafe_call()) return keep_error(status);
  return keep_error(take_any_stream_error());
}

bool is_kind(cudaMemcpyKind kind) {
  return kind >= cudaMemcpyHostToHost && kind <= cudaMemcpyDefault;
}

}  // namespace
}  // namespace emulator

using emulator::keep_error;

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return cudaMemcpy2DAsync(to, bytes, from, bytes, bytes, 1, kind, stream);
}

cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                              size_t width, size_t height, cudaMemcpyKind kind,
                              cudaStream_t stream) {
  if (!emulator::is_kind(kind)) return keep_error(cudaErrorInvalidMemcpyDirection);
  if (width > to_pitch || width > from_pitch) return keep_error(cudaErrorInvalidPitchValue);
  if (width == 0 || height == 0) return cudaSuccess;
  const size_t larger = to_pitch < from_pitch ? from_pitch : to_pitch;
  if (to == nullptr || from == nullptr || height > SIZE_MAX / larger) {
    return keep_error(cudaErrorInvalidValue);
  }
  const size_t to_bytes = to_pitch * (height - 1) + width;
  const size_t from_bytes = from_pitch * (height - 1) + width;
  return emulator::submit_checked(
      stream, [=] { return emulator::check_sides(to, to_bytes, from, from_bytes, kind); },
      [=] {
        for (size_t row = 0; row < height; ++row) {
          std::memmove(static_cast<char*>(to) + row * to_pitch,
                       static_cast<const char*>(from) + row * from_pitch, width);
        }
      });
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  if (const cudaError_t status = emulator::check_synchronous()) return status;
  return cudaMemcpyAsync(to, from, bytes, kind, nullptr);
}

cudaError_t cudaMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                         size_t width, size_t height, cudaMemcpyKind kind) {
  if (const cudaError_t status = emulator::check_synchronous()) return status;
  return cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, height, kind, nullptr);
}

cudaError_t cudaMemsetAsync(void* memory, int value, size_t bytes, cudaStream_t stream) {
  if (bytes == 0) return cudaSuccess;
  return emulator::submit_checked(
      stream, [=] { return emulator::check_side("target", memory, bytes, true); },
      [=] { std::memset(memory, value, bytes); });
}

cudaError_t cudaMemset(void* memory, int value, size_t bytes) {
  if (const cudaError_t status = emulator::check_synchronous()) return status;
  return cudaMemsetAsync(memory, value, bytes, nullptr);
}

cudaError_t cudaMemcpyToSymbolAsync(const void* symbol, const void* from, size_t bytes,
                                    size_t offset, cudaMemcpyKind kind, cudaStream_t stream) {
  if (kind != cudaMemcpyHostToDevice && kind != cudaMemcpyDeviceToDevice) {
    return keep_error(cudaErrorInvalidMemcpyDirection);
  }
  if (symbol == nullptr) return keep_error(cudaErrorInvalidSymbol);
  char* to = static_cast<char*>(const_cast<void*>(symbol)) + offset;
  return emulator::submit_checked(
      stream,
      [=] { return emulator::check_side("source", from, bytes, kind == cudaMemcpyDeviceToDevice); },
      [=] { std::memcpy(to, from, bytes); });
}

cudaError_t cudaMemcpyToSymbol(const void* symbol, const void* from, size_t bytes, size_t offset,
                               cudaMemcpyKind kind) {
  if (const cudaError_t status = emulator::check_synchronous()) return status;
  return cudaMemcpyToSymbolAsync(symbol, from, bytes, offset, kind, nullptr);
}
