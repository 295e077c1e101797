/// Fig. 13 and 14: what the activation maps of a tree lie on, by a data set's segmentations.
#include "hdecomp/context.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "nets/layer_names.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/explain/decide.h"
#include "runtime/labels/seen_regions.h"
#include "runtime/tree/overlap.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

class ContextLabels final : public ImageMeasure {
 public:
  ContextLabels(NetworkRunner& network, const std::vector<int>& levels,
                const ExperimentOptions& options)
      : threshold_(options.overlaps.mask_threshold),
        regions_(options.regions.value().names().size()) {
    if (options.depth < 1 || options.depth > std::ssize(levels)) {
      throw UserError(joined("--depth ", options.depth, ": give 1 to ", levels.size()));
    }
    question_.from = network.graph().scores();
    question_.levels.assign(levels.begin(), levels.begin() + options.depth);
    question_.top = options.top;
    question_.keep_maps = true;
    require_room(network.windows, question_, false, network.executor.batch());
    const auto count = static_cast<int64_t>(regions_);
    fields_ = {{context_class_field, {1}}, {area_field, {count}}};
    std::string above = "scores";
    for (const int level : question_.levels) {
      const std::string& layer = layers_.emplace_back(layer_label(network.graph(), level));
      steps_.push_back(above + "->" + layer);
      above = layer;
      fields_.push_back({maps_field(layer), {count + 1}});
      fields_.push_back({iou_field(layer), {count}});
    }
  }

  std::vector<ResultField> fields() const override { return fields_; }
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

  std::vector<std::vector<float>> rows(NetworkRunner& network,
                                       std::span<const MeasuredImage> images) override {
    std::vector<ValuedNeuron> roots;
    for (const MeasuredImage& one : images) roots.push_back(root_of(one.decision, one.image));
    const std::vector<BuiltTree> trees = network.trees(question_).finish(roots);
    std::vector<std::vector<float>> rows;
    for (size_t i = 0; i < images.size(); ++i) {
      rows.push_back(row(network, trees[i].root, images[i]));
    }
    return rows;
  }

 private:
  std::vector<float> row(const NetworkRunner& network, const TreeNode& root,
                         const MeasuredImage& image) const {
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
      const auto level = std::ranges::find(layers_, step.layer) - layers_.begin();
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
    for (const int64_t cell : mask_cells(map, threshold_)) {
      mask += cells.pixels(cell);
      for (const auto& [region, pixels] : cells.of(cell)) both[region] += pixels;
    }
    return best_region(both, areas, mask);
  }

  double threshold_;
  size_t regions_;
  TreeQuestion question_;
  std::vector<std::string> layers_, steps_;  // of its levels
  std::vector<ResultField> fields_;
};

}  // namespace

std::unique_ptr<ImageMeasure> make_context(NetworkRunner& network, const std::vector<int>& levels,
                                           const ExperimentOptions& options) {
  return std::make_unique<ContextLabels>(network, levels, options);
}

}  // namespace hdecomp
