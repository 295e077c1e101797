/// Explaining many photographs: decoded ahead, explained in batches, told of as they are ready.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hdecomp/explainer.h"
#include "hdecomp/photo_batches.h"

namespace hdecomp::tools {

/// Who decodes: beside a GPU a thread per core, beside an engine on some of the cores one thread,
/// and where it has all of them its own `threads` between its batches.
Decoders decoders_for(const std::string& device, int threads);

/// Who reads the photographs, and who is told of what; a photograph is its number in the list.
struct PhotoRun {
  Decoders decoders = {};
  Turning turning = Turning::as_stored;
  int threads = 1;  // for `write`
  // Of each tree, on several threads at once: as many photographs as threads side by side, with one
  // thread each, so that none waits for the last picture of another.
  std::function<void(size_t photo, Tree& tree, const Image& image, int threads)> write = {};
  // Of each tree after that, in their order, by the caller's thread.
  std::function<void(size_t photo, Tree& tree, const Image& image)> tell = {};
  // Of one that has none: before earlier trees where it cannot be read, which `is_unreadable` says.
  std::function<void(size_t photo, const std::string& why, bool is_unreadable)> skip = {};
  std::function<void(const PhotoBatch& batch)> see = {};  // of each batch that was read
};

/// Throws what the functions throw, and what Explainer::begin_batch() and finish_batch() throw; no
/// batch stays begun.
void explain_in_batches(Explainer& explainer, const std::vector<std::string>& paths,
                        const ExplainOptions& question, const PhotoRun& run);

}  // namespace hdecomp::tools
