/// Explainer: photograph in, classes and trees of evidence out.
#include "hdecomp/explainer.h"

#include <algorithm>
#include <numeric>

#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "kernels/softmax.h"
#include "nets/layer_names.h"
#include "runtime/decision.h"
#include "runtime/guided.h"
#include "runtime/preprocess.h"
#include "runtime/tree_builder.h"

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

}  // namespace

struct Explainer::Impl {
  Impl(Model given, const std::string& device, int threads)
      : model(std::move(given)),
        context(parse_device(device), threads),
        executor(context, *model.data()),
        windows(context, *model.data(), executor),
        probabilities(context.device(), {1, model.class_count()}) {}

  const Graph& graph() const { return model.data()->graph; }

  /// Runs the network on an image; returns the milliseconds of the forward pass alone.
  double forward(const Image& image) {
    const Preprocess& rule = model.preprocess();
    const Tensor input = normalise(network_view(image, rule), rule);
    const Stopwatch watch;
    executor.forward(input);
    return watch.ms();
  }

  /// All classes, most probable first.
  std::vector<ClassScore> ranking(int count) {
    const int64_t classes = model.class_count();
    Tensor scores(context.device(), {1, classes});
    std::ranges::copy(executor.feature(graph().scores()).span(), scores.data());
    softmax_forward(context, scores, probabilities);
    std::vector<int64_t> order(classes);
    std::iota(order.begin(), order.end(), int64_t{0});
    const auto shown = std::min<int64_t>(count, classes);
    std::partial_sort(order.begin(), order.begin() + shown, order.end(), [&](int64_t a, int64_t b) {
      const float first = scores.data()[a], second = scores.data()[b];
      return first != second ? first > second : a < b;
    });
    std::vector<ClassScore> result;
    for (int64_t i = 0; i < shown; ++i) result.push_back(score_of(order[i]));
    return result;
  }

  ClassScore score_of(int64_t index) const {
    return {index, model.class_name(index), model.class_wnid(index),
            executor.feature(graph().scores()).data()[index], probabilities.data()[index]};
  }

  void add_guided(const TreePlan& plan, TreeNode& root, Timings& timings_ms) {
    const Stopwatch watch;
    attach_guided(windows, plan.levels, root);
    timings_ms["guided"] = watch.ms();
  }

  Model model;
  Context context;
  Executor executor;
  WindowExecutor windows;
  Tensor probabilities;
};

Explainer::Explainer(Model model, const std::string& device, int threads)
    : impl_(std::make_unique<Impl>(std::move(model), device, threads)) {}
Explainer::~Explainer() = default;
Explainer::Explainer(Explainer&&) noexcept = default;
Explainer& Explainer::operator=(Explainer&&) noexcept = default;

const Model& Explainer::model() const { return impl_->model; }

std::vector<ClassScore> Explainer::classify(const Image& image, int count, double* ms) {
  require_top(count);
  const double taken = impl_->forward(image);
  if (ms != nullptr) *ms = taken;
  return impl_->ranking(count);
}

Tree Explainer::explain(const Image& image, const ExplainOptions& options) {
  require_top(options.top);
  const TreePlan plan{impl_->graph().scores(), stages_below(impl_->graph(), options.depth),
                      options.top, options.keep_maps};
  const int64_t asked = options.target.empty() ? -1 : impl_->model.find_class(options.target);
  Tree tree;
  tree.timings_ms["forward"] = impl_->forward(image);
  tree.top = impl_->ranking(5);
  tree.decision = asked < 0 ? tree.top.front() : impl_->score_of(asked);
  require_positive(text("the score of class '", tree.decision.name, "'"), tree.decision.score);
  for (const int level : plan.levels) tree.layers.push_back(layer_label(impl_->graph(), level));

  const Stopwatch watch;
  BuiltTree built = build_tree(impl_->windows, plan, {tree.decision.index, 0, 0});
  tree.timings_ms["tree"] = watch.ms();
  tree.root = std::move(built.root);
  tree.decompositions = built.decompositions;
  if (options.guided) impl_->add_guided(plan, tree.root, tree.timings_ms);
  return tree;
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
  result.timings_ms["forward"] = impl_->forward(image);
  require_positive(text("the value of ", from),
                   impl_->executor.value(decision.node, decision.neuron));
  const Stopwatch watch;
  const TreePlan plan{decision.node, {target}, top, keep_maps};
  result.decision = build_tree(impl_->windows, plan, decision.neuron).root;
  result.timings_ms["step"] = watch.ms();
  if (guided) impl_->add_guided(plan, result.decision, result.timings_ms);
  if (decision.node == impl_->graph().scores()) {
    result.class_name = impl_->model.class_name(decision.neuron.channel);
  }
  return result;
}

}  // namespace hdecomp
