/// Explainer: photograph in, classes and trees of evidence out.
#include "hdecomp/explainer.h"

#include <deque>
#include <limits>

#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "nets/layer_names.h"
#include "runtime/ablation/ablation.h"
#include "runtime/ablation/ablation_fills.h"
#include "runtime/ablation/first_order.h"
#include "runtime/explain/explain_run.h"
#include "runtime/network/decision.h"
#include "runtime/saliency/saliency_net.h"
#include "runtime/tree/overlap.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

void require_top(int top) {
  if (top < 1) throw UserError(joined("--top ", top, ": give at least 1 supporting channel"));
}

/// Stage ends below the scores, last stage first, at most `depth` of them.
std::vector<int> stages_below(const Graph& graph, int depth) {
  const int most = static_cast<int>(graph.stage_ends.size());
  if (depth < 0 || depth > most) {
    throw UserError(joined("--depth ", depth, ": ", graph.arch, " has ", most,
                           " stages; give 1 to ", most, ", or all"));
  }
  std::vector<int> levels = stages_from_above(graph);
  if (depth > 0) levels.resize(depth);
  return levels;
}

}  // namespace

struct Explainer::Impl {
  Impl(Model model, const EngineOptions& options) : network(std::move(model), options) {}

  const Graph& graph() const { return network.graph(); }

  TreeQuestion tree_of(const ExplainOptions& options) {
    TreeQuestion question{graph().scores(), stages_below(graph(), options.depth),
                          options.top,      options.keep_maps,
                          options.overlaps, options.peaks};
    network.count_from(options.baseline, question);
    return question;
  }

  ExplainQuestion question_of(std::span<const Image> images, const ExplainOptions& options) {
    const int64_t asked = options.target.empty() ? -1 : network.model.find_class(options.target);
    return {images, options, tree_of(options), asked};
  }

  void require_none_begun() const {
    if (!begun.empty()) throw Error("explain_batch: a batch is begun; finish it before");
  }

  GapQuestion step_of(const AblationPlan& plan, const BaselineChoice& baseline) {
    TreeQuestion question{plan.from, {plan.to}};
    network.count_from(baseline, question);
    return question.step(0);
  }

  std::vector<GroupDrop> groups_of(const AblationPlan& plan, const Neuron& decision,
                                   const AblationOptions& options, const Ablation& ablation) {
    const GapStep step = activated_channels(network.windows, step_of(plan, options.baseline),
                                            {decision, ablation.gap.decision.step->value});
    std::vector<ChannelGroup> shared = shared_masks(step, *options.overlaps);
    const std::vector<float> drops =
        group_drops(network.context, *network.weights, network.executor, plan, decision, shared);
    std::vector<GroupDrop> groups;
    for (size_t g = 0; g < shared.size(); ++g) {
      GroupDrop& group = groups.emplace_back(GroupDrop{std::move(shared[g]), drops[g], 0});
      for (const int32_t k : group.channels) group.members_drop += ablation.drops[k];
    }
    return groups;
  }

  /// The drops beside what the gAP step estimates.
  void compare(const AblationPlan& plan, int64_t image, Ablation& result) {
    const Decomposition& step = *result.gap.decision.step;
    const std::vector<float> fills = ablation_fills(network.context, network.executor, plan, image);
    const TreeNode& decision = result.gap.decision;
    const Neuron neuron{decision.channel, decision.y, decision.x, image};
    // What these two say must not hang on the baseline that is asked for.
    const Decomposition from_zero =
        result.gap.baseline.baseline == Baseline::zero
            ? step
            : gap_steps(network.windows, {plan.from, plan.to}, {{neuron, step.value}})
                  .front()
                  .decomposition;
    result.first_order = first_order_drops(from_zero, fills);
    result.rounding = rounding_of_drops(graph(), plan.from, plan.to, from_zero);
    result.unchanged = within_rounding(result.drops, result.rounding);
    const auto correlation = [&](std::span<const float> estimate) {
      if (result.unchanged) return std::numeric_limits<double>::quiet_NaN();
      return pearson(result.drops, estimate);
    };
    result.with_contribution = correlation(step.contribution);
    result.with_peak = correlation(step.peak);
    result.with_mean_gradient = correlation(step.mean_gradient);
    result.with_max_gradient = correlation(step.max_gradient);
    result.with_first_order = correlation(result.first_order);
  }

  /// The channels that a step is asked for, in layer `to`.
  void check_channels(const std::vector<int32_t>& channels, int to) const {
    const int64_t count = graph().shapes[to].channels;
    std::vector<bool> named(count, false);
    for (const int32_t channel : channels) {
      if (channel < 0 || channel >= count) {
        throw UserError(joined("layer ", layer_label(graph(), to), " has no channel ", channel,
                               "; its channels are 0 to ", count - 1));
      }
      if (named[channel]) throw UserError(joined("channel ", channel, " is named twice"));
      named[channel] = true;
    }
  }

  NetworkRunner network;
  std::deque<ExplainRun> begun;  // batches that are not finished, the oldest first
};

std::string default_device() { return to_string(best_device()); }

std::vector<std::string> gpu_devices() {
  std::vector<std::string> names;
  for (const Device& gpu : usable_gpus()) names.push_back(to_string(gpu));
  return names;
}

Explainer::Explainer(Model model, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(std::move(model), options)) {}
Explainer::~Explainer() = default;
Explainer::Explainer(Explainer&&) noexcept = default;
Explainer& Explainer::operator=(Explainer&&) noexcept = default;

const Model& Explainer::model() const { return impl_->network.model; }
std::string Explainer::device() const { return to_string(impl_->network.context.device()); }
int Explainer::batch() const { return static_cast<int>(impl_->network.executor.batch()); }

std::vector<ClassScore> Explainer::classify(const Image& image, int count, double* ms) {
  model().require_classes();
  require_top(count);
  const double taken = impl_->network.forward({&image, 1});
  if (ms != nullptr) *ms = taken;
  impl_->network.require_finite(impl_->network.last_run(), 0, image);
  return impl_->network.scores().ranking(0, count);
}

void Explainer::check(const ExplainOptions& options) const {
  model().require_classes();
  require_top(options.top);
  stages_below(impl_->graph(), options.depth);
  if (options.overlaps) check_overlaps(*options.overlaps);
  if (options.peaks < 1) throw UserError(joined("--peaks ", options.peaks, ": give at least 1"));
  if (!options.target.empty()) impl_->network.model.find_class(options.target);
  require_room(impl_->network.windows, impl_->tree_of(options), options.guided, batch());
}

Tree Explainer::explain(const Image& image, const ExplainOptions& options) {
  check(options);
  impl_->require_none_begun();
  ExplainRun run(impl_->network, impl_->question_of({&image, 1}, options));
  run.begin();
  Explained explained = std::move(run.finish().front());
  if (!explained.tree) throw ImageError(explained.error);
  return std::move(*explained.tree);
}

std::vector<Explained> Explainer::explain_batch(std::span<const Image> images,
                                                const ExplainOptions& options) {
  if (images.empty()) return {};
  impl_->require_none_begun();
  begin_batch(images, options);
  return finish_batch();
}

void Explainer::begin_batch(std::span<const Image> images, const ExplainOptions& options) {
  if (images.empty() || std::ssize(images) > batch()) {
    throw Error(joined(images.size(), " images at once, the explainer was made for ", batch()));
  }
  check(options);
  if (options.after_level && images.size() > 1) throw Error("after_level: give one image");
  ExplainRun run(impl_->network, impl_->question_of(images, options));
  run.begin();
  impl_->begun.push_back(std::move(run));
}

std::vector<Explained> Explainer::finish_batch() {
  if (impl_->begun.empty()) throw Error("finish_batch: no batch is begun");
  ExplainRun run = std::move(impl_->begun.front());
  impl_->begun.pop_front();
  return run.finish();
}

DecisionStep Explainer::decompose(const Image& image, const std::string& from,
                                  const std::string& to, int top, bool keep_maps, bool guided) {
  return decompose(image, from, to, {top, keep_maps, guided});
}

DecisionStep Explainer::decompose(const Image& image, const std::string& from,
                                  const std::string& to, const StepOptions& options) {
  const auto given = static_cast<int>(options.channels.size());
  const int top = given > 0 ? given : options.top;
  require_top(top);
  const Decision decision = parse_decision(impl_->network.model, from);
  const int target = find_layer(impl_->graph(), to);
  if (decision.node == target || !nodes_between(impl_->graph(), decision.node, target)[target]) {
    throw UserError(joined("--to: layer ", to, " is not below ",
                           layer_label(impl_->graph(), decision.node),
                           "; a decision is decomposed into a layer that it is computed from"));
  }
  impl_->check_channels(options.channels, target);
  DecisionStep result;
  result.timings_ms["forward"] = impl_->network.forward({&image, 1});
  impl_->network.require_finite(impl_->network.last_run(), 0, image);
  const double value = impl_->network.executor.value(decision.node, decision.neuron);
  require_positive(joined("the value of ", from), value);
  TreeQuestion question{decision.node, {target}, top, options.keep_maps};
  question.channels = options.channels;
  impl_->network.count_from(options.baseline, question);
  result.baseline = options.baseline;
  TreeRun run(impl_->network.windows, question);
  result.decision = std::move(run.finish({{decision.neuron, value}}).front().root);
  result.timings_ms["step"] = run.ms();
  for (const int32_t channel : options.channels) {
    if (result.decision.step->position[channel] >= 0) continue;
    throw UserError(joined("channel ", channel, " of layer ", to, " has no A above 0 for ", from,
                           ", so it has no peak to decompose (Eq. 5)"));
  }
  if (options.guided) impl_->network.add_guided(question, 0, result.decision, result.timings_ms);
  if (decision.node == impl_->graph().scores() && impl_->graph().has_scores) {
    result.class_name = impl_->network.model.class_name(decision.neuron.channel);
  }
  return result;
}

Ablation Explainer::ablate(const Image& image, const std::string& from, const std::string& to,
                           const AblationOptions& options) {
  if (options.overlaps) check_overlaps(*options.overlaps);
  const Decision decision = parse_decision(impl_->network.model, from);
  const std::string layer = layer_label(impl_->graph(), decision.node);
  const std::string lower = to.empty() ? model().stage_below(layer) : to;
  if (lower.empty()) {
    throw UserError(joined("--to: no stage is below ", layer, "; name a layer"));
  }
  Ablation result;
  StepOptions step;
  step.top = options.top;
  step.baseline = options.baseline;
  result.gap = decompose(image, from, lower, step);
  result.fill = options.fill;
  result.means = options.means;
  result.method = options.method;
  impl_->network.forget();  // ablation runs the network on other features
  const Stopwatch watch;
  const AblationPlan plan{decision.node, find_layer(impl_->graph(), lower), options.fill,
                          options.method, options.means};
  result.drops = ablation_drops(impl_->network.context, *impl_->network.weights,
                                impl_->network.executor, plan, decision.neuron);
  if (options.overlaps) result.groups = impl_->groups_of(plan, decision.neuron, options, result);
  result.gap.timings_ms["ablation"] = watch.ms();
  impl_->compare(plan, decision.neuron.image, result);
  return result;
}

SaliencyMap Explainer::saliency(const Image& image, const SaliencyOptions& options) {
  return std::move(saliency_batch({&image, 1}, options).front());
}

std::vector<SaliencyMap> Explainer::saliency_batch(std::span<const Image> images,
                                                   const SaliencyOptions& options) {
  model().require_classes();
  check_saliency(options);
  impl_->require_none_begun();
  const int64_t asked = options.target.empty() ? -1 : model().find_class(options.target);
  if (images.empty()) return {};
  if (std::ssize(images) > batch()) {
    throw Error(joined(images.size(), " images at once, the explainer was made for ", batch()));
  }
  NetworkRunner& network = impl_->network;
  network.forward(images);
  std::vector<ClassScore> decisions;
  std::vector<int64_t> classes;
  for (int64_t i = 0; i < std::ssize(images); ++i) {
    network.require_finite(network.last_run(), i, images[i]);
    decisions.push_back(asked < 0 ? network.scores().ranking(i, 1).front()
                                  : network.scores().score_of(i, asked));
    classes.push_back(decisions.back().index);
  }
  SaliencyNet net{network.context, *network.weights, network.executor, network.windows};
  if (!keeps_features(options.method)) network.forget();
  std::vector<SaliencyMap> maps = saliency_maps(net, classes, options);
  for (size_t i = 0; i < maps.size(); ++i) maps[i].decision = decisions[i];
  return maps;
}

}  // namespace hdecomp
