/// How alike two maps are. All in double precision; a map whose values are all the same has no
/// ranks to compare, and its likeness is NaN: it is counted, never averaged in.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hdecomp {

/// 1 for the least value; of equal values the average of the ranks that they take up. Nothing of a
/// map with a value that is not finite.
std::vector<double> ranks_of(std::span<const float> map);

/// Pearson's correlation of two maps' ranks; NaN where there are none, or they are all the same.
double rank_correlation(std::span<const double> a, std::span<const double> b);

/// Spearman's rank correlation: Pearson's of the ranks, of equal values their average; -1 to 1. NaN
/// if either map is constant or has a value that is not finite. Throws Error if the lengths differ.
double spearman(std::span<const float> a, std::span<const float> b);

/// Structural similarity (Wang et al. 2004) of two maps (height, width), each divided by its
/// largest magnitude: windows of 7 x 7 cells with equal weights and sample covariances, K1 = 0.01,
/// K2 = 0.03, `range` the values' range (1 of magnitudes, 2 of signed maps), the mean over the
/// windows inside the map. NaN if either map is all zero or not finite, or smaller than a window.
double ssim(std::span<const float> a, std::span<const float> b, int64_t height, int64_t width,
            double range);

/// The entropy, in nats, of a histogram of the values in 100 equal bins from the least to the
/// largest (the complexity of eMPRT, Hedstroem et al. 2024); 0 of a constant map, NaN of one that
/// is not finite.
double histogram_entropy(std::span<const float> map);

/// The magnitude of Sobel's gradient of the channels' mean of an image (channels, height, width),
/// edges repeated: what a map that only finds edges looks like.
std::vector<float> edge_map(std::span<const float> image, int64_t channels, int64_t height,
                            int64_t width);

}  // namespace hdecomp
