/// Experiment: from a batch of photographs to the rows of a results file.
#include "hdecomp/experiment.h"

#include <set>

#include "hdecomp/channel_means.h"
#include "hdecomp/error.h"
#include "nets/layer_names.h"
#include "runtime/experiments/measures.h"
#include "runtime/explain/decide.h"
#include "runtime/tree/overlap.h"
#include "weights/file/sha256.h"

namespace hdecomp {
namespace {

const char* name_of(ExperimentKind kind) {
  switch (kind) {
    case ExperimentKind::pcc:
      return "pcc";
    case ExperimentKind::masking:
      return "masking";
    case ExperimentKind::distribution:
      return "distribution";
  }
  throw Error("an unknown experiment");
}

/// As results files tell it.
std::string fill_of(const ExperimentOptions& options) {
  const std::string name = to_string(options.fill);
  return options.fill == AblationFill::data_set ? name + " " + options.means->sha256() : name;
}

}  // namespace

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
    if (options.target != "label" && !options.target.empty()) {
      asked = network.model.find_class(options.target);
    }
    tree.from = graph().scores();
    tree.levels = stages_from_above(graph());
    tree.top = options.all_decisions ? options.top : 1;
    measure = make_measure(graph(), tree.levels, options);
    fields = measure->fields();
  }

  const Graph& graph() const { return network.graph(); }

  /// The class to decompose, with its score. Throws UserError where that cannot be.
  ClassScore decision_of(int64_t image, const Image& photo, int32_t label) {
    const bool by_label = options.target == "label";
    if (by_label && label < 0) throw UserError("--class label: the image has no label");
    return decide(network, network.last_run(), image, photo, by_label ? label : asked);
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
  int64_t asked = -1;  // the class of every image; -1: each its own
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
  plan.experiment = name_of(options.kind);
  plan.fields = impl_->fields;
  plan.options = {
      {"class", options.target.empty() ? "top" : options.target},
      {"decisions", options.all_decisions ? joined("top ", options.top) : "top-1 path"},
      {"fill", fill_of(options)},
      {"method", options.method == AblationMethod::fast ? "fast" : "naive"},
      {"device", impl_->network.context.device().kind == DeviceKind::cpu ? "cpu" : "cuda"}};
  if (options.kind == ExperimentKind::distribution) {
    plan.options["merge_overlaps"] = joined(options.overlaps.iou);
    plan.options["peaks"] = joined(options.peaks);
    plan.options["mask_threshold"] = joined(options.overlaps.mask_threshold);
  }
  std::string above = "scores";
  for (const int level : impl_->tree.levels) {
    const std::string below = layer_label(impl_->graph(), level);
    plan.steps.push_back(above + "->" + below);
    above = below;
  }
  return plan;
}

std::vector<ResultRow> Experiment::measure(std::span<const Image> images,
                                           std::span<const int32_t> labels) {
  if (images.empty()) return {};
  if (std::ssize(images) > batch() || images.size() != labels.size()) {
    throw Error(
        joined(images.size(), " images with ", labels.size(), " labels, made for ", batch()));
  }
  impl_->network.forward(images);
  std::vector<ResultRow> rows(images.size());
  std::vector<ValuedNeuron> roots;
  for (size_t i = 0; i < rows.size(); ++i) {
    ResultRow& row = rows[i];
    row.image = static_cast<int64_t>(i);
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
  const std::vector<BuiltTree> trees = impl_->network.trees(impl_->tree).finish(roots);
  for (size_t k = 0; k < roots.size(); ++k) {
    const int64_t image = roots[k].neuron.image;
    rows[image].values = impl_->row_of(trees[k].root, image);
  }
  return rows;
}

std::string file_sha256(const std::string& path) { return sha256_of_file(path); }

}  // namespace hdecomp
