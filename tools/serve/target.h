/// What decision a request is about, and which of an engine's explainers has it.
#pragma once

#include "tools/serve/engine_room.h"
#include "tools/serve/image_store.h"
#include "tools/serve/question.h"

namespace hdecomp::tools {

/// The explainer that answers a question; where the decision is a difference of two classes,
/// because the question says so or the class's score is not positive, it is that one's, and the
/// question is turned to it.
Explainer& explainer_for(Engine& engine, const StoredImage& image, Question& question);

}  // namespace hdecomp::tools
