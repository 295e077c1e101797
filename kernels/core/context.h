/// A Context is the device, its thread count and its library handles: the first argument of every
/// op.
#pragma once

#include <memory>
#include <string_view>

#include "kernels/core/device.h"

namespace hdecomp {

/// float32 is strict; others are a GPU's: weights and factors in that type, sums in float32. On the
/// CPU bf16 is what linear layers' weights are kept in (kernels/product/narrow_weights_cpu.h).
enum class Precision { float32, tf32, bf16, fp16 };

/// Reads "float32", "tf32", "bf16" or "fp16". Throws UserError for any other text.
Precision parse_precision(std::string_view name);

/// Not safe for use by two threads at once; two contexts in two threads are. Which thread made it,
/// and what was planned with it, does not matter.
class Context {
 public:
  /// `threads` = 0 takes every core of the CPU. Throws UserError where the device cannot be had,
  /// has not that precision, or `threads` is negative or above 1024.
  explicit Context(Device device = {}, int threads = 0, Precision precision = Precision::float32);
  ~Context();
  Context(Context&&) noexcept;
  Context& operator=(Context&&) noexcept;

  /// Waits until all ops called so far are done (on the CPU they are). Throws Error if one failed.
  void finish() const;

  Device device() const { return device_; }
  int threads() const { return threads_; }
  Precision precision() const { return precision_; }

  /// oneDNN's engine and stream; defined in kernels/core/context_cpu.h for the CPU ops alone.
  struct Cpu;
  Cpu& cpu() const { return *cpu_; }
  /// The stream, cuDNN and cuBLAS of a GPU; defined in kernels/core/context_cuda.h for the CUDA ops
  /// alone.
  struct Cuda;
  Cuda& cuda() const { return *cuda_; }

 private:
  Device device_;
  int threads_;
  Precision precision_;
  std::unique_ptr<Cpu> cpu_;
  std::shared_ptr<Cuda> cuda_;
};

}  // namespace hdecomp
