/// Evidence against decisions, as the page shows it.
#pragma once

#include <vector>

#include "hdecomp/against.h"
#include "tools/page/page_data.h"

namespace hdecomp::tools {

/// How many against each decision are shown. With --cover, --top bounds how many are shown for it,
/// which is not how many are.
inline int against_of(bool is_signed, double cover, int top) {
  return !is_signed ? 0 : cover > 0 ? as_many_as_chosen : top;
}

/// Beside the evidence of their decisions.
std::vector<AddedEvidence> as_added(std::vector<EvidenceAgainst> against);

}  // namespace hdecomp::tools
