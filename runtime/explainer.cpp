/// Explainer: photograph in, classes and trees of evidence out.
#include "hdecomp/explainer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "kernels/core/copy.h"
#include "kernels/softmax.h"
#include "nets/layer_names.h"
#include "runtime/ablation.h"
#include "runtime/decision.h"
#include "runtime/guided.h"
#include "runtime/network_input.h"
#include "runtime/recorded_trees.h"
#include "weights/device_model.h"

namespace hdecomp {
namespace {

void require_top(int top) {
  if (top < 1) throw UserError(text("--top ", top, ": give at least 1 supporting channel"));
}

void require_positive(const std::string& what, double value) {
  if (value > 0) return;
  throw UserError(
      text(what, " is ", value, "; only a positive decision can be decomposed (Eq. 1)"));
}

int64_t checked_batch(int batch) {
  if (batch >= 1 && batch <= 4096) return batch;
  throw UserError(text("--batch ", batch, ": give 1 to 4096 images"));
}

/// Stage ends below the scores, last stage first, at most `depth` of them.
std::vector<int> stages_below(const Graph& graph, int depth) {
  const int most = static_cast<int>(graph.stage_ends.size());
  if (depth < 0 || depth > most) {
    throw UserError(text("--depth ", depth, ": ", graph.arch, " has ", most, " stages; give 1 to ",
                         most, ", or all"));
  }
  std::vector<int> levels;
  for (int i = most - 1; i >= (depth == 0 ? 0 : most - depth); --i) {
    levels.push_back(graph.stage_ends[i].node);
  }
  return levels;
}

/// The highest stage end that a node is computed from.
int stage_below(const Graph& graph, int node) {
  for (auto stage = graph.stage_ends.rbegin(); stage != graph.stage_ends.rend(); ++stage) {
    if (stage->node != node && nodes_between(graph, node, stage->node)[node]) return stage->node;
  }
  throw UserError(text("--to: no stage is below ", layer_label(graph, node), "; name a layer"));
}

}  // namespace

struct Explainer::Impl {
  Impl(Model given, const EngineOptions& options)
      : model(std::move(given)),
        context(options.device.empty() ? best_device() : parse_device(options.device),
                options.threads, parse_precision(options.precision)),
        weights(on_device(context, model.data())),
        executor(context, *weights, checked_batch(options.batch)),
        windows(context, *weights, executor),
        input(context, model.preprocess(), options.batch),
        probabilities(context.device(), {options.batch, model.class_count()}) {}

  const Graph& graph() const { return weights->graph; }

  /// Runs the network on images; returns the milliseconds of the forward pass alone.
  double forward(std::span<const Image> images) {
    const Tensor batch = input.of(images);
    const Stopwatch watch;
    executor.forward(batch);
    context.finish();
    const double ms = watch.ms();
    read_scores();
    return ms;
  }

  void read_scores() {
    const Tensor& all = executor.feature(graph().scores());
    const Tensor flat(context.device(), probabilities.shape(), const_cast<float*>(all.data()));
    softmax_forward(context, flat, probabilities);
    host_scores = on_host(context, flat);
    host_probabilities = on_host(context, probabilities);
    context.finish();
  }

  /// Throws UserError if a class score of an image is not finite.
  void require_finite(int64_t image) const {
    const int64_t classes = model.class_count();
    for (int64_t i = 0; i < classes; ++i) {
      const float score = host_scores.data()[image * classes + i];
      if (std::isfinite(score)) continue;
      throw UserError(text("the score of class ", i, " is ", score,
                           "; the model's weights overflow on this image"));
    }
  }

  /// An image's classes, most probable first.
  std::vector<ClassScore> ranking(int64_t image, int count) const {
    const int64_t classes = model.class_count();
    const float* scores = host_scores.data() + image * classes;
    std::vector<int64_t> order(classes);
    std::iota(order.begin(), order.end(), int64_t{0});
    const auto shown = std::min<int64_t>(count, classes);
    std::partial_sort(order.begin(), order.begin() + shown, order.end(), [&](int64_t a, int64_t b) {
      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
    });
    std::vector<ClassScore> result;
    for (int64_t i = 0; i < shown; ++i) result.push_back(score_of(image, order[i]));
    return result;
  }

  ClassScore score_of(int64_t image, int64_t index) const {
    const int64_t at = image * model.class_count() + index;
    return {index, model.class_name(index), model.class_wnid(index), host_scores.data()[at],
            host_probabilities.data()[at]};
  }

  TreePlan plan_of(const ExplainOptions& options) const {
    return {graph().scores(), stages_below(graph(), options.depth), options.top, options.keep_maps};
  }

  /// The tree's beginning: the decision and the five most probable classes.
  Tree classified(int64_t image, int64_t asked) const {
    require_finite(image);
    Tree tree;
    tree.top = ranking(image, 5);
    tree.decision = asked < 0 ? tree.top.front() : score_of(image, asked);
    require_positive(text("the score of class '", tree.decision.name, "'"), tree.decision.score);
    return tree;
  }

  std::vector<BuiltTree> trees(const TreePlan& plan, const std::vector<Neuron>& roots) {
    const bool on_host = context.device().kind == DeviceKind::cpu;
    if (on_host || !RecordedTrees::fits(graph(), plan, executor.batch())) {
      return build_trees(windows, plan, roots);
    }
    auto& recorded = recordings[{plan.levels, plan.top, plan.keep_maps}];
    if (!recorded) recorded.emplace(windows, plan, executor.batch());
    return recorded->run(roots);
  }

  void add_guided(const TreePlan& plan, int64_t image, TreeNode& root, Timings& timings_ms) {
    const Stopwatch watch;
    attach_guided(windows, plan.levels, image, root);
    timings_ms["guided"] = watch.ms();
  }

  using RecordingKey = std::tuple<std::vector<int>, int, bool>;  // levels, N, maps

  Model model;
  Context context;
  std::shared_ptr<const ModelData> weights;  // the model on the device
  Executor executor;
  WindowExecutor windows;
  NetworkInput input;
  Tensor probabilities, host_scores, host_probabilities;
  std::map<RecordingKey, std::optional<RecordedTrees>> recordings;
};

std::string default_device() { return to_string(best_device()); }

Explainer::Explainer(Model model, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(std::move(model), options)) {}
Explainer::~Explainer() = default;
Explainer::Explainer(Explainer&&) noexcept = default;
Explainer& Explainer::operator=(Explainer&&) noexcept = default;

const Model& Explainer::model() const { return impl_->model; }
std::string Explainer::device() const { return to_string(impl_->context.device()); }
int Explainer::batch() const { return static_cast<int>(impl_->executor.batch()); }

std::vector<ClassScore> Explainer::classify(const Image& image, int count, double* ms) {
  require_top(count);
  const double taken = impl_->forward({&image, 1});
  if (ms != nullptr) *ms = taken;
  impl_->require_finite(0);
  return impl_->ranking(0, count);
}

void Explainer::check(const ExplainOptions& options) const {
  require_top(options.top);
  stages_below(impl_->graph(), options.depth);
  if (!options.target.empty()) impl_->model.find_class(options.target);
}

Tree Explainer::explain(const Image& image, const ExplainOptions& options) {
  Explained explained = std::move(explain_batch({&image, 1}, options).front());
  if (!explained.tree) throw UserError(explained.error);
  return std::move(*explained.tree);
}

std::vector<Explained> Explainer::explain_batch(std::span<const Image> images,
                                                const ExplainOptions& options) {
  if (images.empty()) return {};
  if (std::ssize(images) > batch()) {
    throw Error(text(images.size(), " images at once, the explainer was made for ", batch()));
  }
  check(options);
  const TreePlan plan = impl_->plan_of(options);
  const int64_t asked = options.target.empty() ? -1 : impl_->model.find_class(options.target);
  const double forward_ms = impl_->forward(images);
  std::vector<Explained> results(images.size());
  std::vector<Neuron> roots;
  for (size_t i = 0; i < images.size(); ++i) {
    const auto image = static_cast<int64_t>(i);
    try {
      results[i].tree = impl_->classified(image, asked);
      roots.push_back({results[i].tree->decision.index, 0, 0, image});
    } catch (const UserError& fault) {
      results[i].error = fault.what();
    }
  }
  const Stopwatch watch;
  std::vector<BuiltTree> built = impl_->trees(plan, roots);
  const double tree_ms = watch.ms();
  const auto share = static_cast<double>(images.size());
  for (size_t k = 0; k < roots.size(); ++k) {
    Tree& tree = *results[roots[k].image].tree;
    for (const int level : plan.levels) tree.layers.push_back(layer_label(impl_->graph(), level));
    tree.root = std::move(built[k].root);
    tree.decompositions = built[k].decompositions;
    tree.timings_ms = {{"forward", forward_ms / share}, {"tree", tree_ms / share}};
    if (options.guided) impl_->add_guided(plan, roots[k].image, tree.root, tree.timings_ms);
  }
  return results;
}

DecisionStep Explainer::decompose(const Image& image, const std::string& from,
                                  const std::string& to, int top, bool keep_maps, bool guided) {
  require_top(top);
  const Decision decision = parse_decision(impl_->model, from);
  const int target = find_layer(impl_->graph(), to);
  if (decision.node == target || !nodes_between(impl_->graph(), decision.node, target)[target]) {
    throw UserError(text("--to: layer ", to, " is not below ",
                         layer_label(impl_->graph(), decision.node),
                         "; a decision is decomposed into a layer that it is computed from"));
  }
  DecisionStep result;
  result.timings_ms["forward"] = impl_->forward({&image, 1});
  impl_->require_finite(0);
  require_positive(text("the value of ", from),
                   impl_->executor.value(decision.node, decision.neuron));
  const Stopwatch watch;
  const TreePlan plan{decision.node, {target}, top, keep_maps};
  result.decision = build_trees(impl_->windows, plan, {decision.neuron}).front().root;
  result.timings_ms["step"] = watch.ms();
  if (guided) impl_->add_guided(plan, 0, result.decision, result.timings_ms);
  if (decision.node == impl_->graph().scores()) {
    result.class_name = impl_->model.class_name(decision.neuron.channel);
  }
  return result;
}

Ablation Explainer::ablate(const Image& image, const std::string& from, const std::string& to,
                           const AblationOptions& options) {
  require_ablation_device(impl_->context);
  const Decision decision = parse_decision(impl_->model, from);
  const std::string lower =
      to.empty() ? layer_label(impl_->graph(), stage_below(impl_->graph(), decision.node)) : to;
  Ablation result;
  result.gap = decompose(image, from, lower, options.top);
  result.fill = options.fill;
  result.method = options.method;
  const Stopwatch watch;
  const AblationPlan plan{decision.node, find_layer(impl_->graph(), lower), options.fill,
                          options.method};
  result.drops =
      ablation_drops(impl_->context, *impl_->weights, impl_->executor, plan, decision.neuron);
  result.gap.timings_ms["ablation"] = watch.ms();
  const Decomposition& step = *result.gap.decision.step;
  result.with_contribution = pearson(result.drops, step.contribution);
  result.with_peak = pearson(result.drops, step.peak);
  result.with_mean_gradient = pearson(result.drops, step.mean_gradient);
  result.with_max_gradient = pearson(result.drops, step.max_gradient);
  return result;
}

}  // namespace hdecomp
