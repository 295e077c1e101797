/// From a score that is not positive to a difference that is.
#include "tools/runs/difference.h"

#include <algorithm>

#include "tools/console/complaint.h"

namespace hdecomp::tools {

std::optional<PageDifference> lead_over(Explainer& explainer, const Image& photo,
                                        const std::string& target) {
  constexpr size_t shown = 5;
  const Model& model = explainer.model();
  // Of two classes (a network of one output, or a difference already) the other is its negative.
  if (target.empty() || model.class_count() <= 2) return {};
  std::vector<ClassScore> all = explainer.classify(photo, static_cast<int>(model.class_count()));
  const auto asked = std::ranges::find(all, model.find_class(target), &ClassScore::index);
  if (asked->score > 0 || asked == all.begin()) return {};
  PageDifference lead{
      all.front().index,
      asked->index,
      joined("the score of '", asked->name, "' is ", asked->score,
             ", and only a positive decision can be decomposed (Eq. 1): explained is why '",
             all.front().name, "' is ahead of it"),
      {}};
  all.resize(std::min(all.size(), shown));
  lead.top = std::move(all);
  return lead;
}

std::optional<PageDifference> turn_to_difference(const Image& photo, const std::string& target,
                                                 CommonOptions& common, Session& session) {
  auto lead = lead_over(session.explainer, photo, target);
  if (!lead) return lead;
  complain(lead->words + " (--versus)");
  common.versus.one = joined("index:", lead->one);
  common.versus.other = joined("index:", lead->other);
  const double loaded = session.load_ms;
  session = start(common);
  session.load_ms += loaded;
  return lead;
}

}  // namespace hdecomp::tools
