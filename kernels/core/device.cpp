/// Device names to Device and back.
#include "kernels/core/device.h"

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "kernels/core/cuda_backend.h"

namespace hdecomp {

Device parse_device(std::string_view name) {
  if (name == "cpu") return {};
  if (name == "cuda") return {DeviceKind::cuda, 0};
  if (name.starts_with("cuda:")) {
    const std::optional<int> index = number_in<int>(name.substr(5));
    if (index && *index >= 0) return {DeviceKind::cuda, *index};
  }
  throw UserError(joined("unknown device '", name, "': give cpu, cuda or cuda:INDEX"));
}

std::vector<Device> usable_gpus() {
  std::vector<Device> gpus;
  for (int i = 0; i < cuda::count(); ++i) {
    if (cuda::usable(i)) gpus.push_back({DeviceKind::cuda, i});
  }
  return gpus;
}

Device best_device() { return cuda::usable(0) ? Device{DeviceKind::cuda, 0} : Device{}; }

std::string to_string(Device device) {
  return device.kind == DeviceKind::cpu ? "cpu" : joined("cuda:", device.index);
}

}  // namespace hdecomp
