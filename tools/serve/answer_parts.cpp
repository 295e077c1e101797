/// The engine is asked as a question says.
#include "tools/serve/answer_parts.h"

#include "tools/page/against.h"

namespace hdecomp::tools {
namespace {

std::string layer_of(const std::string& key) { return key.substr(0, key.find(':')); }

}  // namespace

PageSubject subject_of(const StoredImage& image, const Question& question, const Model& model) {
  PageSubject subject{image.name, image.view, question.options.top};
  subject.seen = seen_of(image.photo, model.preprocess());
  subject.difference = question.difference;
  return subject;
}

DrawnMap drawn_map(Explainer& explainer, Turn& turn, const StoredImage& image,
                   const Question& question, SaliencyMethod method,
                   const std::function<void(int64_t done, int64_t of)>& after_samples) {
  turn.check();
  SaliencyOptions options;
  options.method = method;
  options.target = question.options.target;
  options.top = question.options.top;
  options.after_samples = [&](int64_t done, int64_t of) {
    turn.check();
    after_samples(done, of);
  };
  return {explainer.saliency(image.photo, options), image.photo, explainer.model()};
}

DecisionStep step_of(Explainer& explainer, const StoredImage& image, const std::string& key,
                     StepOptions options) {
  const std::string below = explainer.model().stage_below(layer_of(key));
  if (below.empty()) {
    throw UserError(joined("from: '", key, "' is no decision with a stage below it"));
  }
  options.keep_maps = true;
  return explainer.decompose(image.photo, key, below, options);
}

StepOptions step_options(const Question& question) {
  StepOptions options;
  options.top = question.options.top;
  options.cover = question.options.cover;
  return options;
}

AddedEvidence added_evidence(Explainer& explainer, const StoredImage& image,
                             const Addition& addition, const Question& question) {
  StepOptions one;
  const StepOptions whole = step_options(question);
  one.channels = {addition.channel};
  AddedEvidence added{addition.parent, step_of(explainer, image, addition.parent, one), {}};
  const TreeNode& child = added.step.decision.children().front();
  if (!explainer.model().stage_below(child.layer).empty() && child.value > 0) {
    added.own = step_of(explainer, image, place_of(child), whole);
  }
  return added;
}

std::vector<AddedEvidence> against_below(Explainer& explainer, const StoredImage& image,
                                         const TreeNode& root, const Question& question,
                                         const std::function<void()>& before_each) {
  const ExplainOptions& options = question.options;
  const int most = against_of(question.is_signed, options.cover, options.top);
  return as_added(evidence_against(explainer, image.photo, root, most, {}, before_each));
}

}  // namespace hdecomp::tools
