/// The devices that are there, by name.
#include "hdecomp/engine_options.h"
#include "kernels/core/device.h"
#include "kernels/core/sgemm_kernels.h"

namespace hdecomp {

std::string default_device() { return to_string(best_device()); }

std::vector<std::string> gpu_devices() {
  std::vector<std::string> names;
  for (const Device& gpu : usable_gpus()) names.push_back(to_string(gpu));
  return names;
}

struct TreesAhead::Impl {
  SgemmKernels kernels;
};

TreesAhead::TreesAhead(const EngineOptions& options) : impl_(std::make_unique<Impl>()) {
  const std::string device = options.device.empty() ? default_device() : options.device;
  if (device == "cpu" && options.threads != 1) impl_->kernels.begin();
}
TreesAhead::~TreesAhead() = default;

}  // namespace hdecomp
