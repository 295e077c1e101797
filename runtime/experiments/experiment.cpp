/// Experiment: from a batch of photographs to the rows of a results file.
#include "hdecomp/experiment.h"

#include <set>

#include "hdecomp/error.h"
#include "nets/layer_names.h"
#include "runtime/experiments/experiment_plan.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/experiments/measures.h"
#include "runtime/explain/decide.h"
#include "runtime/tree/overlap.h"
#include "weights/file/sha256.h"

namespace hdecomp {
namespace {

/// Of the decisions of a tree, which is of the top-1 path unless it is asked for whole.
void check_top(const ExperimentOptions& options) {
  if (options.top < 1) throw UserError(joined("--top ", options.top, ": give at least 1"));
  const bool of_decisions = options.kind == ExperimentKind::pcc ||
                            options.kind == ExperimentKind::masking ||
                            options.kind == ExperimentKind::distribution;
  if (!of_decisions || options.all_decisions || options.top == ExperimentOptions().top) return;
  throw UserError(joined("--top ", options.top,
                         ": is N of the tree of all decisions, not of the top-1 path; ask for all "
                         "decisions, or leave it out"));
}

}  // namespace

struct Experiment::Impl {
  Impl(Model model, const EngineOptions& engine, const ExperimentOptions& wanted)
      : network(std::move(model), engine), options(wanted) {
    network.model.require_classes();
    check_top(options);
    check_overlaps(options.overlaps);
    if (options.fill == AblationFill::data_set && !options.means) {
      throw Error("the means of a data set are not given");
    }
    if (options.peaks < 1) throw UserError(joined("--peaks ", options.peaks, ": give at least 1"));
    if (options.target != "label") asked = asked_class(network.model, options.target);
    tree.from = graph().scores();
    tree.levels = stages_from_above(graph());
    tree.top = options.all_decisions ? options.top : 1;
    whole = make_image_measure(network, tree.levels, options);
    if (!whole) measure = make_measure(graph(), tree.levels, options);
    fields = whole ? whole->fields() : measure->fields();
  }

  const Graph& graph() const { return network.graph(); }

  /// The class to decompose, with its score. Throws UserError where that cannot be.
  ClassScore decision_of(int64_t image, const Image& photo, int32_t label) {
    const bool by_label = options.target == "label";
    if (by_label && label < 0) throw UserError("--class label: the image has no label");
    const int64_t wanted = by_label ? label : asked;
    const ForwardRun& run = network.last_run();
    if (whole && !whole->needs_positive()) return choose(network, run, image, photo, wanted);
    return decide(network, run, image, photo, wanted);
  }

  /// Whether the segmentation could be read; else the row says why it is not measured.
  bool read_regions(const Image& photo, const std::string& file, RegionMap& regions,
                    ResultRow& row) const {
    try {
      regions = options.regions->read(file, photo);
      return true;
    } catch (const UserError& fault) {
      row.state = ImageState::unreadable;
      row.error = fault.what();
      return false;
    }
  }

  /// The distinct decisions of a tree, each as it is first met on the way down and right.
  void collect(const TreeNode& node, int64_t image, size_t level,
               std::set<const Decomposition*>& met, std::vector<Decided>& decided) const {
    if (!node.step || !met.insert(node.step.get()).second) return;
    const GapQuestion step = tree.step(level);
    decided.push_back({level,
                       {step.from, step.to, options.fill, options.method, options.means},
                       {{node.channel, node.y, node.x, image}, node.step->value},
                       node.step.get()});
    for (const TreeNode& child : node.children()) collect(child, image, level + 1, met, decided);
  }

  std::vector<float> row_of(const TreeNode& root, int64_t image) {
    std::set<const Decomposition*> met;
    std::vector<Decided> decided;
    collect(root, image, 0, met, decided);
    ResultSums sums(fields);
    for (const Decided& one : decided) measure->measure(network, one, sums);
    return sums.row();
  }

  /// A batch as the caller gives it.
  struct Photos {
    std::span<const Image> images;
    std::span<const int32_t> labels;
    std::span<const std::string> regions;  // files of segmentations, where the experiment has them
  };

  /// Throws Error for another batch than the experiment is made for.
  void check(const Photos& photos) const {
    const size_t images = photos.images.size(), batch = network.executor.batch();
    if (images > batch || images != photos.labels.size() ||
        photos.regions.size() != (options.regions ? images : 0)) {
      throw Error(
          joined(images, " images with ", photos.labels.size(), " labels, made for ", batch));
    }
    const int64_t classes = network.model.class_count();
    for (const int32_t label : photos.labels) {
      if (label >= classes)
        throw Error(joined("label ", label, " of a model of ", classes, " classes"));
    }
  }

  /// The decisions of the images that have one, in order; the rows of the others say why.
  std::vector<ValuedNeuron> decide_all(const Photos& photos, std::vector<RegionMap>& maps,
                                       std::vector<ResultRow>& rows) {
    std::vector<ValuedNeuron> roots;
    for (size_t i = 0; i < rows.size(); ++i) {
      ResultRow& row = rows[i];
      row.image = static_cast<int64_t>(i);
      if (options.regions && !read_regions(photos.images[i], photos.regions[i], maps[i], row))
        continue;
      try {
        const ClassScore decision = decision_of(row.image, photos.images[i], photos.labels[i]);
        row.decision = static_cast<int32_t>(decision.index);
        row.state = ImageState::measured;
        roots.push_back(root_of(decision, row.image));
      } catch (const UserError& fault) {
        row.state = ImageState::undecided;
        row.error = fault.what();
      }
    }
    return roots;
  }

  void measure_whole(const Photos& photos, const std::vector<RegionMap>& maps,
                     const std::vector<ValuedNeuron>& roots, std::vector<ResultRow>& rows) {
    std::vector<MeasuredImage> measured;
    for (const ValuedNeuron& root : roots) {
      const int64_t image = root.neuron.image;
      measured.push_back(
          {image, std::ssize(photos.images), network.scores().score_of(image, root.neuron.channel),
           photos.labels[image], photos.images[image], options.regions ? &maps[image] : nullptr});
    }
    if (measured.empty()) return;
    std::vector<std::vector<float>> values = whole->rows(network, measured);
    for (size_t k = 0; k < measured.size(); ++k) {
      rows[measured[k].image].values = std::move(values[k]);
    }
  }

  void measure_trees(const std::vector<ValuedNeuron>& roots, std::vector<ResultRow>& rows) {
    const std::vector<BuiltTree> trees = network.trees(tree).finish(roots);
    for (size_t k = 0; k < roots.size(); ++k) {
      const int64_t image = roots[k].neuron.image;
      rows[image].values = row_of(trees[k].root, image);
    }
  }

  NetworkRunner network;
  ExperimentOptions options;
  TreeQuestion tree;
  int64_t asked = -1;                   // the class of every image; -1: each its own
  std::unique_ptr<ImageMeasure> whole;  // of images; or of decisions:
  std::unique_ptr<Measure> measure;
  std::vector<ResultField> fields;
};

Experiment::Experiment(Model model, const EngineOptions& engine, const ExperimentOptions& options)
    : impl_(std::make_unique<Impl>(std::move(model), engine, options)) {}
Experiment::~Experiment() = default;
Experiment::Experiment(Experiment&&) noexcept = default;
Experiment& Experiment::operator=(Experiment&&) noexcept = default;

const Model& Experiment::model() const { return impl_->network.model; }
int Experiment::batch() const { return static_cast<int>(impl_->network.executor.batch()); }

ResultsPlan Experiment::plan() const {
  const ExperimentOptions& options = impl_->options;
  ResultsPlan plan;
  plan.experiment = experiment_name(options);
  plan.fields = impl_->fields;
  plan.options = told_options(options, impl_->whole != nullptr);
  plan.options.merge(impl_->network.told());
  if (options.kind == ExperimentKind::discriminate) {
    plan.of_tables = {"min_count", "shuffles", "seed"};
  }
  if (impl_->whole) plan.options["definition"] = impl_->whole->definition();
  if (impl_->whole) plan.steps = impl_->whole->steps();
  if (!plan.steps.empty()) return plan;
  std::string above = "scores";
  for (const int level : impl_->tree.levels) {
    const std::string below = layer_label(impl_->graph(), level);
    plan.steps.push_back(above + "->" + below);
    above = below;
  }
  return plan;
}

void Experiment::take_other_images(std::vector<Image> images) {
  if (impl_->whole) impl_->whole->take_other_images(std::move(images));
}

std::vector<ResultRow> Experiment::measure(std::span<const Image> images,
                                           std::span<const int32_t> labels,
                                           std::span<const std::string> regions) {
  if (images.empty()) return {};
  const Impl::Photos photos{images, labels, regions};
  impl_->check(photos);
  impl_->network.forward(images);
  std::vector<ResultRow> rows(images.size());
  std::vector<RegionMap> maps(regions.size());
  const std::vector<ValuedNeuron> roots = impl_->decide_all(photos, maps, rows);
  if (impl_->whole) {
    impl_->measure_whole(photos, maps, roots, rows);
  } else {
    impl_->measure_trees(roots, rows);
  }
  return rows;
}

std::string file_sha256(const std::string& path) { return sha256_of_file(path); }

}  // namespace hdecomp
