/// Batches of images on their way to trees: on a GPU one is worked on while the host puts the trees
/// of the one before together.
#pragma once

#include <deque>

#include "runtime/explain/network_runner.h"

namespace hdecomp {

/// Images whose trees are wanted; they must live until they are finished.
struct ExplainBatch {
  std::span<const Image> images;
  ExplainOptions options;
  TreeQuestion plan;
  int64_t asked = -1;  // class; -1: each image's most probable one
};

class ExplainBatches {
 public:
  explicit ExplainBatches(NetworkRunner& engine) : engine_(engine) {}

  /// Puts a GPU to work, where the host has no part in the trees; else nothing is done before
  /// finish().
  void begin(ExplainBatch batch);
  /// Whether one is begun and not finished.
  bool any() const { return !begun_.empty(); }
  /// The trees of the oldest batch begun. Throws Error if there is none.
  std::vector<Explained> finish();

 private:
  struct Begun {
    ExplainBatch batch;
    // Where the device works on it already:
    RecordedTrees* recorded = nullptr;
    std::shared_ptr<const ForwardRun> run = {};
    StartedTrees trees = {};
  };

  std::vector<Explained> finish_started(Begun& begun);
  std::vector<Explained> work(ExplainBatch& batch);

  NetworkRunner& engine_;
  std::deque<Begun> begun_;  // the oldest first
};

}  // namespace hdecomp
