/// Turns questions to differences of two classes.
#include "tools/serve/target.h"

#include "tools/runs/difference.h"

namespace hdecomp::tools {
namespace {

/// The one that the question itself says; none where it says none.
std::optional<PageDifference> given_difference(Explainer& whole, const StoredImage& image,
                                               const Question& question) {
  if (question.versus.empty()) return {};
  const Model& model = whole.model();
  const int64_t one = model.find_class(question.options.target);
  const int64_t other = model.find_class(question.versus);
  return PageDifference{one, other,
                        joined("explained is why '", model.class_name(one), "' is ahead of '",
                               model.class_name(other), "'"),
                        whole.classify(image.photo)};
}

}  // namespace

Explainer& explainer_for(Engine& engine, const StoredImage& image, Question& question) {
  Explainer& whole = engine.whole();
  std::string& target = question.options.target;
  if (target.empty()) return whole;
  auto difference = given_difference(whole, image, question);
  if (!difference) difference = lead_over(whole, image.photo, target);
  if (!difference) return whole;
  Explainer& explainer = engine.difference(difference->one, difference->other);
  question.difference = std::move(difference);
  target = "index:0";
  question.versus.clear();  // the target has it already
  return explainer;
}

}  // namespace hdecomp::tools
