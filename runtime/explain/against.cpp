/// Picks channels by their contributions, and has the explainer say where they stand.
#include "hdecomp/against.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp {

std::vector<int32_t> channels_against(const TreeNode& decision, int most) {
  std::vector<int32_t> channels;
  if (!decision.step || most == 0) return channels;
  const auto& alpha = decision.step->contribution;
  for (size_t c = 0; c < alpha.size(); ++c) {
    if (alpha[c] < 0) channels.push_back(static_cast<int32_t>(c));
  }
  std::ranges::stable_sort(channels, {}, [&](int32_t c) { return alpha[c]; });
  const size_t wanted =
      most == as_many_as_chosen ? decision.children().size() : static_cast<size_t>(most);
  channels.resize(std::min(channels.size(), wanted));
  return channels;
}

std::vector<EvidenceAgainst> evidence_against(Explainer& explainer, const Image& image,
                                              const TreeNode& root, int most,
                                              const BaselineChoice& how,
                                              const std::function<void()>& before_each) {
  if (most < as_many_as_chosen) {
    throw UserError(joined("against: ", most, " channels; give 1 or more"));
  }
  std::vector<EvidenceAgainst> all;
  if (most == 0) return all;
  StepOptions options;
  options.keep_maps = true;
  options.against = true;
  options.baseline = how;
  for (const TreeStep& step : distinct_steps(root)) {
    options.channels = channels_against(*step.decision, most);
    if (options.channels.empty()) continue;
    if (before_each) before_each();
    const std::string place = place_of(*step.decision);
    all.push_back({place, explainer.decompose(image, decision_of(place), step.decision->step->layer,
                                              options)});
  }
  return all;
}

}  // namespace hdecomp
