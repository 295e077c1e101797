/// Context: made for the CPU; a build without the CUDA backend refuses the GPU here.
#include "kernels/core/context.h"

#include <omp.h>

#include "hdecomp/error.h"
#include "kernels/core/context_cpu.h"

namespace hdecomp {

Context::Context(Device device, int threads) : device_(device), threads_(threads) {
  if (device.kind == DeviceKind::cuda) {
    throw UserError(
        text("device ", to_string(device), ": this build has no CUDA backend; use --device cpu"));
  }
  if (threads < 0 || threads > 1024) {
    throw UserError(text("threads = ", threads, ": give 1 to 1024, or 0 for every core"));
  }
  if (threads_ == 0) threads_ = omp_get_num_procs();
  cpu_ = std::make_unique<Cpu>();
}

Context::~Context() = default;
Context::Context(Context&&) noexcept = default;
Context& Context::operator=(Context&&) noexcept = default;

}  // namespace hdecomp
