/// Where tensors live and ops run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hdecomp {

enum class DeviceKind { cpu, cuda };

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int index = 0;  // which GPU; 0 for the CPU
  bool operator==(const Device&) const = default;
};

/// Reads "cpu", "cuda" or "cuda:1". Throws UserError for any other text.
Device parse_device(std::string_view name);
/// Every usable GPU.
std::vector<Device> usable_gpus();
/// GPU 0, or the CPU where it is not usable.
Device best_device();
/// "cpu", "cuda:0"
std::string to_string(Device device);

}  // namespace hdecomp
