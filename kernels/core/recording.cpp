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

std::unique_ptr<Recording> record(const Context& context, std::function<void()> body) {
  if (context.device().kind == DeviceKind::cuda) return cuda::record(context, body);
  return std::make_unique<RunAgain>(std::move(body));
}

}  // namespace hdecomp
