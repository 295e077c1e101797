/// Fig. 13 and 14: what the activation maps of a tree lie on, by a data set's segmentations.
#include "hdecomp/context.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/labels/seen_regions.h"
#include "runtime/tree/overlap.h"

namespace hdecomp {
namespace {

class ContextLabels final : public TreeMeasure {
 public:
  ContextLabels(NetworkRunner& network, const std::vector<int>& levels,
                const ExperimentOptions& options)
      : TreeMeasure(network, question_of(network, levels, options)),
        threshold_(options.overlaps.mask_threshold),
        regions_(options.regions.value().names().size()) {
    const auto count = static_cast<int64_t>(regions_);
    fields_ = {{context_class_field, {1}}, {area_field, {count}}};
    std::string above = "scores";
    for (const std::string& layer : layers_) {
      steps_.push_back(above + "->" + layer);
      above = layer;
      fields_.push_back({maps_field(layer), {count + 1}});
      fields_.push_back({iou_field(layer), {count}});
    }
  }

  std::vector<std::string> steps() const override { return steps_; }

  std::string definition() const override {
    return joined(
        "each activation map of the tree's top ", question_.top,
        " is labelled with the region of the largest intersection over union with its mask, ",
        mask_words(threshold_),
        ", ties to the lower label; on the pixels that the network sees: regions through its "
        "resize and crop by nearest neighbour, masks by the cell that a pixel lies under; pixels "
        "without a region count in the union");
  }

 private:
  static TreeQuestion question_of(const NetworkRunner& network, const std::vector<int>& levels,
                                  const ExperimentOptions& options) {
    if (options.depth < 1 || options.depth > std::ssize(levels)) {
      throw UserError(joined("--depth ", options.depth, ": give 1 to ", levels.size()));
    }
    TreeQuestion question;
    question.from = network.graph().scores();
    question.levels.assign(levels.begin(), levels.begin() + options.depth);
    question.top = options.top;
    question.keep_maps = true;
    return question;
  }

  std::vector<float> row(NetworkRunner& network, const TreeNode& root,
                         const MeasuredImage& image) const override {
    const Preprocess& rule = network.model.preprocess();
    const std::vector<uint16_t> seen = seen_regions(*image.regions, image.photo, rule);
    const std::vector<int64_t> areas = region_areas(seen, regions_);
    std::vector<CellRegions> cells;
    for (const int level : question_.levels) {
      const FeatureShape& shape = network.graph().shapes[level];
      cells.emplace_back(seen, rule.crop, shape.height, shape.width);
    }
    std::vector<std::vector<double>> maps(cells.size(), std::vector<double>(regions_ + 1));
    std::vector<std::vector<double>> ious(cells.size(), std::vector<double>(regions_));
    for (const TreeStep& one : distinct_steps(root)) {
      const Decomposition& step = *one.decision->step;
      const size_t level = level_of(step);
      for (const TreeNode& child : step.evidence) {
        const RegionOverlap label = label_of(*child.map, cells.at(level), areas);
        ++maps[level][label.region < 0 ? regions_ : static_cast<size_t>(label.region)];
        if (label.region >= 0) ious[level][label.region] += label.iou;
      }
    }
    FieldRow row(fields_);
    row.set(0, 0, static_cast<double>(image.decision.index));
    for (size_t r = 0; r < regions_; ++r) {
      row.set(1, static_cast<int64_t>(r),
              static_cast<double>(areas[r]) / static_cast<double>(seen.size()));
    }
    for (size_t level = 0; level < maps.size(); ++level) {
      for (size_t r = 0; r <= regions_; ++r) {
        row.set(2 + 2 * level, static_cast<int64_t>(r), maps[level][r]);
        if (r < regions_) row.set(3 + 2 * level, static_cast<int64_t>(r), ious[level][r]);
      }
    }
    return row.take();
  }

  RegionOverlap label_of(const ActivationMap& map, const CellRegions& cells,
                         const std::vector<int64_t>& areas) const {
    std::vector<int64_t> both(regions_);
    int64_t mask = 0;
    for (const int64_t cell : map.mask(threshold_)) mask += cells.add_to(both, cell);
    return best_region(both, areas, mask);
  }

  double threshold_;
  size_t regions_;
  std::vector<std::string> steps_;
};

}  // namespace

std::unique_ptr<ImageMeasure> make_context(NetworkRunner& network, const std::vector<int>& levels,
                                           const ExperimentOptions& options) {
  return std::make_unique<ContextLabels>(network, levels, options);
}

}  // namespace hdecomp
