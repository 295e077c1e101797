/// Recording on the CPU, and the choice of the device.
#include "kernels/core/recording.h"

#include "kernels/core/cuda_backend.h"

namespace hdecomp {
namespace {

class RunAgain final : public Recording {
 public:
  explicit RunAgain(std::function<void()> body) : body_(std::move(body)) {}
  void replay() override { body_(); }

 private:
  std::function<void()> body_;
};

}  // namespace

std::unique_ptr<Recording> record(const Context& context, std::function<void()> body,
                                  BufferPool* pool) {
  if (context.device().kind == DeviceKind::cpu) return std::make_unique<RunAgain>(std::move(body));
  if (pool == nullptr) return cuda::record(context, body);
  std::vector<LentMemory> taken;
  std::unique_ptr<Recording> recording =
      cuda::record(context, [&] { taken = pool->taken_by(body); });
  recording->own(std::move(taken));
  return recording;
}

}  // namespace hdecomp
