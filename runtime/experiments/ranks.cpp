/// Which GPU a rank takes.
#include "hdecomp/ranks.h"

namespace hdecomp {

std::string device_of_rank(const std::string& asked, int on_machine,
                           const std::vector<std::string>& gpus) {
  if (!asked.empty() && asked != "cuda") return asked;
  if (!gpus.empty()) return gpus[static_cast<size_t>(on_machine) % gpus.size()];
  return asked.empty() ? "cpu" : asked;
}

}  // namespace hdecomp
