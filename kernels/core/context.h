/// A Context is the device, its thread count and its library handles: the first argument of every
/// op.
#pragma once

#include <memory>

#include "kernels/core/device.h"

namespace hdecomp {

/// Not safe for use by two threads at once; two contexts in two threads are.
class Context {
 public:
  /// `threads` = 0 takes every core of the CPU. Throws UserError where the device cannot be had or
  /// `threads` is negative or above 1024.
  explicit Context(Device device = {}, int threads = 0);
  ~Context();
  Context(Context&&) noexcept;
  Context& operator=(Context&&) noexcept;

  Device device() const { return device_; }
  int threads() const { return threads_; }

  /// oneDNN's engine and stream; defined in kernels/core/context_cpu.h for the CPU ops alone.
  struct Cpu;
  Cpu& cpu() const { return *cpu_; }

 private:
  Device device_;
  int threads_;
  std::unique_ptr<Cpu> cpu_;
};

}  // namespace hdecomp
