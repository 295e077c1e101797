/// Discrimination: of how few classes a channel is (Eq. 13), and what keeps that number honest.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/results_file.h"

namespace hdecomp {

/// The fields of a stage in the rows of `discriminate`: by channel, in how many distinct decisions
/// of the image's tree it is among the top N, and its mean feature.
inline std::string chosen_field(const std::string& layer) { return "chosen_" + layer; }
inline std::string feature_field(const std::string& layer) { return "feature_" + layer; }

/// The channels of one stage, over images of known classes; a number per channel in each list.
struct Discrimination {
  std::vector<double> chosen;    // the sum over c of N_c
  std::vector<int32_t> best;     // the class c of the largest N_c, ties to the lower; -1 for none
  std::vector<double> degree;    // Eq. 13: D = max_c N_c / sum_c N_c; NaN of one never chosen
  std::vector<double> balanced;  // the same of N_c over the number of images of c
  // Morcos et al. 2018; NaN of one class alone, and where m or m + r is not above 0.
  std::vector<double> selectivity;
  int64_t classes = 0;  // that have an image: 1 / classes is the least D
};

/// `chosen` and `features` are (images, channels), `labels` one class per image, none negative.
/// Selectivity is (m - r) / (m + r), with m the largest of the classes' mean features and r the
/// mean of the other classes' ones.
HDECOMP_API Discrimination discrimination(std::span<const float> chosen,
                                          std::span<const float> features,
                                          std::span<const int32_t> labels);

/// What a results file of `discriminate` has of one stage: (images, channels) of its measured
/// images, counted by decision or image as its options say.
struct StageRows {
  std::vector<float> chosen, features;
  std::vector<int32_t> labels;
};
HDECOMP_API StageRows stage_rows(const ResultsFile& results, const std::string& layer);

/// These labels in an order of chance, the seed's and the round's.
HDECOMP_API std::vector<int32_t> shuffled_labels(std::vector<int32_t> labels, uint64_t seed,
                                                 uint64_t round);

}  // namespace hdecomp
