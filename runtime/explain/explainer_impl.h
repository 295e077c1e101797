/// What an Explainer holds.
#pragma once

#include <deque>

#include "hdecomp/explainer.h"
#include "runtime/explain/explain_run.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {

struct Explainer::Impl {
  Impl(Model model, const EngineOptions& options) : network(std::move(model), options) {}

  const Graph& graph() const { return network.graph(); }

  NetworkRunner network;
  std::deque<ExplainRun> begun;  // batches that are not finished, the oldest first
};

/// Throws UserError if N, the supporting channels per decision, is below 1.
void require_top(int top);

}  // namespace hdecomp
