/// Channels of a layer that are set to constants.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hdecomp {

struct FilledLayer {
  std::string layer;               // as `hdecomp layers` names it
  std::vector<int32_t> channels;   // none twice
  std::vector<float> values = {};  // one per channel: what all its features become

  bool operator==(const FilledLayer&) const = default;
};

}  // namespace hdecomp
