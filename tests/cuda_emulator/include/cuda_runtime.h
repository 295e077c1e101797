/// The emulator's stand-in for CUDA's header of this name: the host interface, the device language,
/// and the launch of a kernel.
#pragma once

#include <cstring>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "cuda_emulator/atomics.h"
#include "cuda_emulator/device_language.h"
#include "cuda_emulator/device_math.h"
#include "cuda_runtime_api.h"

namespace emulator {

/// Runs or records a kernel. `body` is what each thread does; `kernel` tells kernels apart.
cudaError_t launch_kernel(const cudaLaunchConfig_t& config, const void* kernel,
                          std::function<void()> body);

}  // namespace emulator

/// The arguments are converted to the kernel's parameters and copied, now.
template <class... Params, class... Args>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Params...),
                               Args&&... args) {
  static_assert((std::is_trivially_copyable_v<Params> && ...),
                "a kernel's parameters are copied byte by byte");
  static_assert(!(std::is_reference_v<Params> || ...), "a kernel takes its parameters by value");
  return [&](Params... given) {
    return emulator::launch_kernel(
        *config, reinterpret_cast<const void*>(kernel),
        [kernel, values = std::tuple<Params...>(given...)] { std::apply(kernel, values); });
  }(std::forward<Args>(args)...);
}
