/// Fig. 15: which channels a tree's decisions choose, image by image. Their discriminative degree
/// (Eq. 13) is a number of the whole data set: discrimination.cpp.
#include <algorithm>

#include "hdecomp/discrimination.h"
#include "hdecomp/error.h"
#include "nets/layer_names.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/explain/decide.h"
#include "runtime/network/map_means.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

class Discriminate final : public ImageMeasure {
 public:
  Discriminate(NetworkRunner& network, const std::vector<int>& levels,
               const ExperimentOptions& options)
      : count_(discriminate_counts[static_cast<size_t>(options.count)]) {
    question_.from = network.graph().scores();
    question_.levels = levels;
    question_.top = options.top;
    require_room(network.windows, question_, false, network.executor.batch());
    for (const int level : levels) {
      const std::string& layer = layers_.emplace_back(layer_label(network.graph(), level));
      const int64_t channels = network.graph().shapes[level].channels;
      fields_.push_back({chosen_field(layer), {channels}});
      fields_.push_back({feature_field(layer), {channels}});
    }
  }

  std::vector<ResultField> fields() const override { return fields_; }

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

  std::vector<std::vector<float>> rows(NetworkRunner& network,
                                       std::span<const MeasuredImage> images) override {
    std::vector<ValuedNeuron> roots;
    for (const MeasuredImage& one : images) roots.push_back(root_of(one.decision, one.image));
    const std::vector<BuiltTree> trees = network.trees(question_).finish(roots);
    std::vector<std::vector<float>> rows;
    for (size_t i = 0; i < images.size(); ++i) {
      rows.push_back(row(network, trees[i].root, images[i].image));
    }
    return rows;
  }

 private:
  std::vector<float> row(NetworkRunner& network, const TreeNode& root, int64_t image) const {
    std::vector<std::vector<int64_t>> counts;
    for (const int level : question_.levels) {
      counts.emplace_back(network.graph().shapes[level].channels);
    }
    for (const TreeStep& one : distinct_steps(root)) {
      const Decomposition& step = *one.decision->step;
      const auto level = std::ranges::find(layers_, step.layer) - layers_.begin();
      for (const int32_t channel : step.chosen) ++counts.at(level)[channel];
    }
    FieldRow row(fields_);
    for (size_t level = 0; level < counts.size(); ++level) {
      const std::vector<double> means =
          map_means(network.context, network.executor, question_.levels[level], image);
      for (size_t k = 0; k < means.size(); ++k) {
        row.set(2 * level, static_cast<int64_t>(k), static_cast<double>(counts[level][k]));
        row.set(2 * level + 1, static_cast<int64_t>(k), means[k]);
      }
    }
    return row.take();
  }

  std::string count_;
  TreeQuestion question_;
  std::vector<std::string> layers_;  // of its levels
  std::vector<ResultField> fields_;
};

}  // namespace

std::unique_ptr<ImageMeasure> make_discriminate(NetworkRunner& network,
                                                const std::vector<int>& levels,
                                                const ExperimentOptions& options) {
  return std::make_unique<Discriminate>(network, levels, options);
}

}  // namespace hdecomp
