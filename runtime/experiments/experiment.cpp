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

struct Experiment::Impl {
  Impl(Model model, const EngineOptions& engine, const ExperimentOptions& wanted)
      : network(std::move(model), engine), options(wanted) {
    network.model.require_classes();
    if (options.top < 1) throw UserError(joined("--top ", options.top, ": give at least 1"));
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
  plan.options["device"] = impl_->network.context.device().kind == DeviceKind::cpu ? "cpu" : "cuda";
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

std::vector<ResultRow> Experiment::measure(std::span<const Image> images,
                                           std::span<const int32_t> labels,
                                           std::span<const std::string> regions) {
  if (images.empty()) return {};
  const bool has_regions = impl_->options.regions.has_value();
  if (std::ssize(images) > batch() || images.size() != labels.size() ||
      regions.size() != (has_regions ? images.size() : 0)) {
    throw Error(
        joined(images.size(), " images with ", labels.size(), " labels, made for ", batch()));
  }
  for (const int32_t label : labels) {
    if (label >= model().class_count()) {
      throw Error(joined("label ", label, " of a model of ", model().class_count(), " classes"));
    }
  }
  impl_->network.forward(images);
  std::vector<ResultRow> rows(images.size());
  std::vector<ValuedNeuron> roots;
  std::vector<RegionMap> maps(regions.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    ResultRow& row = rows[i];
    row.image = static_cast<int64_t>(i);
    if (has_regions && !impl_->read_regions(images[i], regions[i], maps[i], row)) continue;
    try {
      const ClassScore decision = impl_->decision_of(row.image, images[i], labels[i]);
      row.decision = static_cast<int32_t>(decision.index);
      row.state = ImageState::measured;
      roots.push_back(root_of(decision, row.image));
    } catch (const UserError& fault) {
      row.state = ImageState::undecided;
      row.error = fault.what();
    }
  }
  if (impl_->whole) {
    std::vector<MeasuredImage> measured;
    for (const ValuedNeuron& root : roots) {
      const int64_t image = root.neuron.image;
      measured.push_back({image, std::ssize(images),
                          impl_->network.scores().score_of(image, root.neuron.channel),
                          labels[image], images[image], has_regions ? &maps[image] : nullptr});
    }
    if (measured.empty()) return rows;
    std::vector<std::vector<float>> values = impl_->whole->rows(impl_->network, measured);
    for (size_t k = 0; k < measured.size(); ++k) {
      rows[measured[k].image].values = std::move(values[k]);
    }
    return rows;
  }
  const std::vector<BuiltTree> trees = impl_->network.trees(impl_->tree).finish(roots);
  for (size_t k = 0; k < roots.size(); ++k) {
    const int64_t image = roots[k].neuron.image;
    rows[image].values = impl_->row_of(trees[k].root, image);
  }
  return rows;
}

std::string file_sha256(const std::string& path) { return sha256_of_file(path); }

}  // namespace hdecomp
