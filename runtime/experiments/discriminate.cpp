/// Fig. 15: which channels a tree's decisions choose, image by image. Their discriminative degree
/// (Eq. 13) is a number of the whole data set: discrimination.cpp.
#include <algorithm>

#include "hdecomp/discrimination.h"
#include "hdecomp/error.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/network/map_means.h"

namespace hdecomp {
namespace {

class Discriminate final : public TreeMeasure {
 public:
  Discriminate(NetworkRunner& network, const std::vector<int>& levels,
               const ExperimentOptions& options)
      : TreeMeasure(network, {network.graph().scores(), levels, options.top}),
        count_(discriminate_counts[static_cast<size_t>(options.count)]) {
    for (size_t l = 0; l < levels.size(); ++l) {
      const int64_t channels = network.graph().shapes[levels[l]].channels;
      fields_.push_back({chosen_field(layers_[l]), {channels}});
      fields_.push_back({feature_field(layers_[l]), {channels}});
    }
  }

  std::string definition() const override {
    return joined(
        "N_c of a channel: the sum over the images of label c of ",
        count_ == "image" ? "1 where any decision of the tree has it"
                          : "the number of distinct decisions of the tree that have it",
        " among its top ", question_.top,
        "; D = max N_c / sum N_c (Eq. 13); balanced: of N_c over the number of images of c; "
        "chance: "
        "the same with the labels in an order of chance; selectivity: (m - r) / (m + r), m the "
        "largest of the classes' mean features, r the mean of the others");
  }

 private:
  std::vector<float> row(NetworkRunner& network, const TreeNode& root,
                         const MeasuredImage& image) const override {
    std::vector<std::vector<int64_t>> counts;
    for (const int level : question_.levels) {
      counts.emplace_back(network.graph().shapes[level].channels);
    }
    for (const TreeStep& one : distinct_steps(root)) {
      const Decomposition& step = *one.decision->step;
      for (const int32_t channel : step.chosen) ++counts.at(level_of(step))[channel];
    }
    FieldRow row(fields_);
    for (size_t level = 0; level < counts.size(); ++level) {
      const std::vector<double> means =
          map_means(network.context, network.executor, question_.levels[level], image.image);
      for (size_t k = 0; k < means.size(); ++k) {
        row.set(2 * level, static_cast<int64_t>(k), static_cast<double>(counts[level][k]));
        row.set(2 * level + 1, static_cast<int64_t>(k), means[k]);
      }
    }
    return row.take();
  }

  std::string count_;
};

}  // namespace

std::unique_ptr<ImageMeasure> make_discriminate(NetworkRunner& network,
                                                const std::vector<int>& levels,
                                                const ExperimentOptions& options) {
  return std::make_unique<Discriminate>(network, levels, options);
}

}  // namespace hdecomp
