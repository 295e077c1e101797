/// What a results file of `hdecomp discriminate` says of each stage, beside chance.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/discrimination.h"
#include "hdecomp/results_file.h"

namespace hdecomp::tools {

/// A stage with its images' own labels, and with the labels in each order of chance.
struct DiscriminationStage {
  using Values = std::vector<double> Discrimination::*;

  std::string layer;
  Discrimination own;
  std::vector<Discrimination> shuffled;
  double least = 1;  // how often a channel must be chosen to count

  /// How many channels are chosen at least so many times, and less often than `below`.
  double count(double least_chosen, double below) const;
  /// Of the channels chosen at least `most_rare` times those values that are numbers, rising.
  std::vector<double> sorted(const Discrimination& of, Values values, double most_rare) const;
  double mean(const Discrimination& of, Values values, double most_rare) const;
  /// The mean over the orders of chance.
  double by_chance(Values values, double most_rare) const;
  /// Of D, linear between the neighbours, as numpy's.
  double quantile(double share) const;
  double channel_by_chance(size_t channel) const;
};

/// Every order of chance over all rows; none where nothing was measured.
std::vector<DiscriminationStage> discrimination_stages(const ResultsFile& results);

}  // namespace hdecomp::tools
