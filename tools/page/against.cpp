/// From the engine's evidence against decisions to the page's.
#include "tools/page/against.h"

#include <utility>

namespace hdecomp::tools {

std::vector<AddedEvidence> as_added(std::vector<EvidenceAgainst> against) {
  std::vector<AddedEvidence> added;
  for (EvidenceAgainst& one : against) {
    added.push_back({std::move(one.place), std::move(one.step), {}, AddedEvidence::Kind::against});
  }
  return added;
}

}  // namespace hdecomp::tools
