/// Context: its handles of the CPU's libraries, and of a GPU's where it is on one.
#include "kernels/core/context.h"

#include "hdecomp/cores.h"
#include "hdecomp/error.h"
#include "kernels/core/context_cpu.h"
#include "kernels/core/cuda_backend.h"

namespace hdecomp {

Precision parse_precision(std::string_view name) {
  if (name == "float32") return Precision::float32;
  if (name == "tf32") return Precision::tf32;
  if (name == "bf16") return Precision::bf16;
  if (name == "fp16") return Precision::fp16;
  throw UserError(joined("unknown precision '", name, "': give float32, tf32, bf16 or fp16"));
}

Context::Context(Device device, int threads, Precision precision)
    : device_(device), threads_(threads), precision_(precision) {
  const bool on_cpu = device.kind == DeviceKind::cpu;
  if (on_cpu && (precision == Precision::tf32 || precision == Precision::fp16)) {
    throw UserError(
        "--precision: tf32 and fp16 need a GPU; the CPU has float32, and bf16 for the weights of "
        "linear layers");
  }
  if (threads < 0 || threads > 1024) {
    throw UserError(joined("threads = ", threads, ": give 1 to 1024, or 0 for every core"));
  }
  if (threads_ == 0) threads_ = usable_cores();
  cpu_ = std::make_unique<Cpu>();
  if (device.kind == DeviceKind::cuda) cuda_ = cuda::make_context(device.index);
}

void Context::finish() const {
  if (cuda_) cuda::finish(*this);
}

Context::~Context() = default;
Context::Context(Context&&) noexcept = default;
Context& Context::operator=(Context&&) noexcept = default;

}  // namespace hdecomp
