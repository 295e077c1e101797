/// What an Explainer runs on: the model on its device, planned, and what the last images gave.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "hdecomp/explainer.h"
#include "runtime/network_input.h"
#include "runtime/recorded_trees.h"

namespace hdecomp {

struct Engine {
  /// Throws UserError, one line, for options that cannot be had.
  Engine(Model given, const EngineOptions& options);

  const Graph& graph() const { return weights->graph; }

  /// Runs the network on images; returns the milliseconds of the forward pass alone. With
  /// EngineOptions::keep_last, an image that is the last run's needs none.
  double forward(std::span<const Image> images);
  /// The features are no more what the last forward() gave.
  void forget() { last_ = {}; }

  /// Of the last run's images. Throws UserError if a class score is not finite.
  void require_finite(int64_t image) const;
  /// An image's classes, most probable first.
  std::vector<ClassScore> ranking(int64_t image, int count) const;
  ClassScore score_of(int64_t image, int64_t index) const;

  /// One tree per root; on a GPU recorded and replayed.
  std::vector<BuiltTree> trees(const TreePlan& plan, const std::vector<Neuron>& roots);
  void add_guided(const TreePlan& plan, int64_t image, TreeNode& root, Timings& timings_ms);

  Model model;
  Context context;
  std::shared_ptr<const ModelData> weights;  // the model on the device
  Executor executor;
  WindowExecutor windows;

 private:
  using RecordingKey = std::tuple<std::vector<int>, int, bool>;  // levels, N, maps

  void read_scores();

  bool keep_last_;
  Image last_;  // of the last run, if it was of one image and is to be kept
  NetworkInput input_;
  Tensor probabilities_, host_scores_, host_probabilities_;
  std::map<RecordingKey, std::optional<RecordedTrees>> recordings_;
};

}  // namespace hdecomp
