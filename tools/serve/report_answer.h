/// What the page saves: a whole tree, and its report.
#pragma once

#include <string>

#include "tools/page/page_patches.h"
#include "tools/serve/engine_room.h"
#include "tools/serve/image_store.h"
#include "tools/serve/question.h"

namespace hdecomp::tools {

/// The whole tree.
Tree explain_whole(Explainer& explainer, Turn& turn, const StoredImage& image,
                   const Question& question);

/// report.html of a tree, with what was added by hand, evidence against and saliency maps as the
/// question says, and patches.
std::string report_with_additions(Explainer& explainer, Turn& turn, const Tree& tree,
                                  const StoredImage& image, const Question& question,
                                  const PatchFiles& patches);

}  // namespace hdecomp::tools
