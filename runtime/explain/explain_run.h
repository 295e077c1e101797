/// From photographs to trees, a batch at a time: on a GPU one is worked on while the host puts the
/// trees of the one before together.
#pragma once

#include <optional>

#include "hdecomp/explainer.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {

/// Images whose trees are wanted; they must live until they are finished.
struct ExplainQuestion {
  std::span<const Image> images;
  ExplainOptions options;
  TreeQuestion tree;
  int64_t asked = -1;                  // class; -1: each image's most probable one
  std::optional<Neuron> feature = {};  // of node tree.from, in place of a class
};

class ExplainRun {
 public:
  ExplainRun(NetworkRunner& network, ExplainQuestion question)
      : network_(network), question_(std::move(question)) {}

  /// Puts a GPU to work, where the host has no part in the trees; else nothing is done before
  /// finish().
  void begin();
  std::vector<Explained> finish();

 private:
  void report_levels(const Tree& begun);

  NetworkRunner& network_;
  ExplainQuestion question_;
  // Where the device works on it already:
  std::shared_ptr<const ForwardRun> forward_;
  std::optional<TreeRun> trees_;
};

}  // namespace hdecomp
