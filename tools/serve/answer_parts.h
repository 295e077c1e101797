/// What the server's answers are made of: steps, evidence and maps of one photograph, as a question
/// asks for them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/page/page_data.h"
#include "tools/page/report.h"
#include "tools/serve/engine_room.h"
#include "tools/serve/image_store.h"
#include "tools/serve/question.h"

namespace hdecomp::tools {

PageSubject subject_of(const StoredImage& image, const Question& question, const Model& model);

/// With the top and the class of the question, the rest as the command has it.
DrawnMap drawn_map(Explainer& explainer, Turn& turn, const StoredImage& image,
                   const Question& question, SaliencyMethod method,
                   const std::function<void(int64_t done, int64_t of)>& after_samples);

/// A decision's step into the stage below. Throws UserError where nothing is below.
DecisionStep step_of(Explainer& explainer, const StoredImage& image, const std::string& key,
                     StepOptions options);
StepOptions step_options(const Question& question);

/// One channel of a decision's step, and its own step if it has one.
AddedEvidence added_evidence(Explainer& explainer, const StoredImage& image,
                             const Addition& addition, const Question& question);

/// What speaks against the decisions below `root`; nothing where the question asks for none.
std::vector<AddedEvidence> against_below(Explainer& explainer, const StoredImage& image,
                                         const TreeNode& root, const Question& question,
                                         const std::function<void()>& before_each = {});

}  // namespace hdecomp::tools
