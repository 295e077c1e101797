/// What an Explainer holds.
#pragma once

#include <deque>

#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "runtime/explain/explain_run.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {

struct Explainer::Impl {
  Impl(Model model, const EngineOptions& options) : network(std::move(model), options) {}

  const Graph& graph() const { return network.graph(); }

  /// Throws Error while a batch is begun.
  void require_none_begun() const {
    if (!begun.empty()) throw Error("a batch is begun; finish it before");
  }
  /// Throws Error for no images, or more than go together.
  void require_batch(std::span<const Image> images) const {
    const int64_t most = network.executor.batch();
    if (!images.empty() && std::ssize(images) <= most) return;
    throw Error(joined(images.size(), " images at once, the explainer was made for ", most));
  }

  NetworkRunner network;
  std::deque<ExplainRun> begun;  // batches that are not finished, the oldest first
};

}  // namespace hdecomp
