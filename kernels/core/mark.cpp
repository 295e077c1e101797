/// Marks on the CPU, where ops are done when they return, and the choice of the device.
#include "kernels/core/mark.h"

#include "hdecomp/stopwatch.h"
#include "kernels/core/copy.h"
#include "kernels/core/cuda_backend.h"

namespace hdecomp {
namespace {

class Moment final : public Mark {
 public:
  void wait() const override {}
  double ms_since(const Mark& earlier) const override {
    return static_cast<const Moment&>(earlier).watch_.ms() - watch_.ms();
  }
  void hold_ops() const override {}

 private:
  Stopwatch watch_;
};

}  // namespace

void wait_quietly(const Mark* mark) noexcept {
  try {
    if (mark != nullptr) mark->wait();
  } catch (...) {
  }
}

std::unique_ptr<Mark> mark(const Context& context) {
  if (context.device().kind == DeviceKind::cuda) return cuda::mark(context);
  return std::make_unique<Moment>();
}

std::unique_ptr<Mark> copy_aside(const Context& context, const void* from, void* to,
                                 int64_t bytes) {
  if (context.device().kind == DeviceKind::cuda) return cuda::copy_aside(context, from, to, bytes);
  copy_bytes(context, from, to, bytes);
  return mark(context);
}

}  // namespace hdecomp
