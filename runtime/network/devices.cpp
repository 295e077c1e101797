/// The devices that are there, by name.
#include "hdecomp/engine_options.h"
#include "kernels/core/device.h"

namespace hdecomp {

std::string default_device() { return to_string(best_device()); }

std::vector<std::string> gpu_devices() {
  std::vector<std::string> names;
  for (const Device& gpu : usable_gpus()) names.push_back(to_string(gpu));
  return names;
}

}  // namespace hdecomp
