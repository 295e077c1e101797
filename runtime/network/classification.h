/// What a forward pass says of the classes of its images.
#pragma once

#include <span>
#include <vector>

#include "hdecomp/class_score.h"
#include "hdecomp/model.h"
#include "runtime/network/forward_run.h"

namespace hdecomp {

/// The logarithms of the probabilities of these scores: log softmax, or where the network has one
/// output (the scores are s and -s) log sigmoid of each.
std::vector<double> log_probabilities(const Model& model, std::span<const float> scores);

/// Reads a run that was waited for; the model and the run must outlive it.
class Classification {
 public:
  Classification(const Model& model, const ForwardRun& run) : model_(model), run_(run) {}

  /// An image's classes, most probable first, ties to the lower index.
  std::vector<ClassScore> ranking(int64_t image, int count) const;
  ClassScore score_of(int64_t image, int64_t index) const;

 private:
  const Model& model_;
  const ForwardRun& run_;
};

}  // namespace hdecomp
