/// Experiments that measure an image as a whole, not decision by decision of its tree.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "hdecomp/experiment.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {

struct MeasuredImage {
  int64_t image = 0, images = 1;  // of the network's last run; how many that had
  ClassScore decision;
  int32_t label = -1;  // -1: none
  const Image& photo;
  const RegionMap* regions = nullptr;  // of the photograph, where the experiment has RegionLabels
};

class ImageMeasure {
 public:
  virtual ~ImageMeasure() = default;
  virtual std::vector<ResultField> fields() const = 0;
  /// What is measured, in words, for the results file.
  virtual std::string definition() const = 0;
  /// Whether a class score that is not positive is no decision to measure (Eq. 1).
  virtual bool needs_positive() const { return true; }
  /// In place of the tree's steps; none: these.
  virtual std::vector<std::string> steps() const { return {}; }
  /// In place of ExperimentOptions::other_images, where it looks at them.
  virtual void take_other_images(std::vector<Image>) {}
  /// The rows of one run's images, whose features the network has; it may have others then.
  virtual std::vector<std::vector<float>> rows(NetworkRunner& network,
                                               std::span<const MeasuredImage> images) = 0;
};

/// One that goes through its images one by one.
class SingleImageMeasure : public ImageMeasure {
 public:
  std::vector<std::vector<float>> rows(NetworkRunner& network,
                                       std::span<const MeasuredImage> images) final {
    std::vector<std::vector<float>> rows;
    for (const MeasuredImage& image : images) rows.push_back(row(network, image));
    return rows;
  }
  /// An image's row. The network's features must be the last run's when it returns.
  virtual std::vector<float> row(NetworkRunner& network, const MeasuredImage& image) = 0;
};

/// One of its images' trees, which are grown together.
class TreeMeasure : public ImageMeasure {
 public:
  std::vector<ResultField> fields() const final { return fields_; }
  std::vector<std::vector<float>> rows(NetworkRunner& network,
                                       std::span<const MeasuredImage> images) final;

 protected:
  /// Throws UserError for trees that would not fit the memory.
  TreeMeasure(NetworkRunner& network, TreeQuestion question);
  virtual std::vector<float> row(NetworkRunner& network, const TreeNode& root,
                                 const MeasuredImage& image) const = 0;
  /// Which of the question's levels a step's channels are of.
  size_t level_of(const Decomposition& step) const;

  const TreeQuestion question_;
  std::vector<std::string> layers_;  // of its levels
  std::vector<ResultField> fields_;  // the derived measure's own
};

/// Null for an experiment of decisions. `levels`: the stages' ends, from above.
std::unique_ptr<ImageMeasure> make_image_measure(NetworkRunner& network,
                                                 const std::vector<int>& levels,
                                                 const ExperimentOptions& options);

/// Fig. 9.
std::unique_ptr<ImageMeasure> make_sparse_surrogate(NetworkRunner& network,
                                                    const std::vector<int>& levels,
                                                    const ExperimentOptions& options);

/// Fig. 10.
std::unique_ptr<ImageMeasure> make_importance(NetworkRunner& network,
                                              const std::vector<int>& levels,
                                              const ExperimentOptions& options);

/// Fig. 8.
std::unique_ptr<ImageMeasure> make_randomise(NetworkRunner& network,
                                             const ExperimentOptions& options);

/// Fig. 15.
std::unique_ptr<ImageMeasure> make_discriminate(NetworkRunner& network,
                                                const std::vector<int>& levels,
                                                const ExperimentOptions& options);

/// Fig. 12.
std::unique_ptr<ImageMeasure> make_attack_peaks(NetworkRunner& network,
                                                const ExperimentOptions& options);

/// Fig. 13 and 14.
std::unique_ptr<ImageMeasure> make_context(NetworkRunner& network, const std::vector<int>& levels,
                                           const ExperimentOptions& options);

/// The edges of each image's tree.
std::unique_ptr<ImageMeasure> make_class_graph(NetworkRunner& network,
                                               const std::vector<int>& levels,
                                               const ExperimentOptions& options);

/// Fig. 11 over many images.
std::unique_ptr<ImageMeasure> make_what_ifs(NetworkRunner& network, const std::vector<int>& levels,
                                            const ExperimentOptions& options);

/// The maps that randomise compares: a method each, gap for each N.
std::vector<SaliencyOptions> randomise_maps(const ExperimentOptions& options);

/// An image's arrays, one field after the other, with no number where none was set.
class FieldRow {
 public:
  explicit FieldRow(const std::vector<ResultField>& fields);
  /// Element `at` of field number `field`.
  void set(size_t field, int64_t at, double value);
  std::vector<float> take() { return std::move(values_); }

 private:
  std::vector<int64_t> begins_;  // of each field, and the end
  std::vector<float> values_;
};

/// The channels of a layer in an order of their own, by the seed, the photograph's pixels and
/// `salt`: the same wherever and beside whatever the image is measured.
std::vector<int32_t> random_channels(int64_t channels, uint64_t seed, const Image& photo,
                                     uint64_t salt);

/// Channels by falling value, ties to the lower channel.
std::vector<int32_t> ranked(std::span<const double> values);

}  // namespace hdecomp
