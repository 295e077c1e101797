/// From a score that is not positive to a difference that is.
#include "tools/difference.h"

#include <algorithm>

#include "tools/complaint.h"

namespace hdecomp::tools {

bool turn_to_difference(const Image& photo, const std::string& target, CommonOptions& common,
                        Session& session) {
  const Model& model = session.explainer.model();
  // Of two classes (a network of one output, or a difference already) the other is its negative.
  if (target.empty() || model.class_count() <= 2) return false;
  const std::vector<ClassScore> all =
      session.explainer.classify(photo, static_cast<int>(model.class_count()));
  const auto asked = std::ranges::find(all, model.find_class(target), &ClassScore::index);
  if (asked->score > 0 || asked == all.begin()) return false;
  complain(joined("the score of '", asked->name, "' is ", asked->score,
                  ", and only a positive decision can be decomposed (Eq. 1): explained is why '",
                  all.front().name, "' is ahead of it (--versus)"));
  common.versus.one = joined("index:", all.front().index);
  common.versus.other = joined("index:", asked->index);
  const double loaded = session.load_ms;
  session = start(common);
  session.load_ms += loaded;
  return true;
}

}  // namespace hdecomp::tools
