/// The tree is explained whole, and written with all that a question adds to it.
#include "tools/serve/report_answer.h"

#include <algorithm>
#include <iterator>

#include "tools/page/report.h"
#include "tools/serve/answer_parts.h"
#include "tools/serve/target.h"

namespace hdecomp::tools {

Tree explain_whole(Explainer& explainer, Turn& turn, const StoredImage& image,
                   const Question& question) {
  ExplainOptions options = question.options;
  options.after_level = [&](const Tree& so_far, int) {
    turn.check();
    check_size(so_far, question);
  };
  return explainer.explain(image.photo, options);
}

std::string report_with_additions(Explainer& explainer, Turn& turn, const Tree& tree,
                                  const StoredImage& image, const Question& question,
                                  const PatchFiles& patches) {
  std::vector<AddedEvidence> added;
  for (const Addition& addition : question.added) {
    turn.check();
    added.push_back(added_evidence(explainer, image, addition, question));
  }
  // Below what was added by hand, too.
  const auto add_against = [&](const TreeNode& root) {
    auto against = against_below(explainer, image, root, question, [&] { turn.check(); });
    std::ranges::move(against, std::back_inserter(added));
  };
  const size_t by_hand = added.size();
  add_against(tree.root);
  for (size_t i = 0; i < by_hand; ++i) {
    if (const auto own = added[i].own) add_against(own->decision);
  }
  PageSubject subject = subject_of(image, question, explainer.model());
  subject.patches = patches;
  subject.pixels = image.pixels;
  for (const SaliencyMethod method : question.saliency) {
    subject.maps.push_back(
        drawn_map(explainer, turn, image, question, method, [](int64_t, int64_t) {}));
  }
  std::string report;
  write_report(
      tree, explainer.model(), subject, [&](std::string_view piece) { report += piece; }, added);
  return report;
}

}  // namespace hdecomp::tools
