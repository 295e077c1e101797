/// What the files of --concepts and --patches say beside a model's own results.
#pragma once

#include <memory>

#include "hdecomp/channel_concepts.h"
#include "tools/page/page_patches.h"

namespace hdecomp::tools {

struct ShownBeside {
  std::shared_ptr<const ChannelConcepts> concepts;  // names of the model's channels; null without
  PatchFiles patches;
};

}  // namespace hdecomp::tools
