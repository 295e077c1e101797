/// Results of verbs over many images as pages that people read.
#pragma once

#include <memory>
#include <string>

#include "hdecomp/channel_concepts.h"
#include "hdecomp/results_file.h"
#include "tools/page/page_patches.h"

namespace hdecomp::tools {

/// Of `discriminate`: of each stage how D is distributed, beside chance, how many channels are
/// never chosen, and those of the fewest classes, with their names and what they look for.
std::string discrimination_page(const ResultsFile& results, const Model& model,
                                const ChannelConcepts* concepts, const PatchFiles& patches);

/// Of `context`: what the maps of each class lie on, stage by stage.
std::string context_page(const ResultsFile& results, const Model& model);

}  // namespace hdecomp::tools
