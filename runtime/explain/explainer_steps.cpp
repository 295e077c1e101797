/// Explainer's single steps: a decision decomposed, and ablated beside that.
#include <algorithm>
#include <limits>
#include <memory>

#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "hdecomp/stopwatch.h"
#include "nets/layer_names.h"
#include "runtime/ablation/ablation_fills.h"
#include "runtime/comparison/first_order.h"
#include "runtime/explain/explainer_impl.h"
#include "runtime/explain/overlap_drops.h"
#include "runtime/network/decision.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

/// The channels that a step is asked for, in layer `to`.
void check_channels(const Graph& graph, const std::vector<int32_t>& channels, int to) {
  const int64_t count = graph.shapes[to].channels;
  std::vector<bool> named(count, false);
  for (const int32_t channel : channels) {
    if (channel < 0 || channel >= count) {
      throw UserError(joined("layer ", layer_label(graph, to), " has no channel ", channel,
                             "; its channels are 0 to ", count - 1));
    }
    if (named[channel]) throw UserError(joined("channel ", channel, " is named twice"));
    named[channel] = true;
  }
}

std::vector<GroupDrop> groups_of(NetworkRunner& network, const AblationQuestion& asked,
                                 const Neuron& decision, const AblationOptions& options,
                                 const Ablation& ablation) {
  TreeQuestion question{asked.from, {asked.to}};
  network.count_from(options.baseline, question);
  const GapStep step = activated_channels(network.windows, question.step(0),
                                          {decision, ablation.gap.decision.step->value});
  return overlap_drops(network, asked, decision, step, *options.overlaps, ablation.drops);
}

/// The nodes at the lowest A of their maps, which they keep where `keep_maps`, with F there.
void turn_to_lowest(NetworkRunner& network, int layer, int64_t image, bool keep_maps,
                    TreeNode& decision) {
  auto step = std::make_shared<Decomposition>(*decision.step);
  for (TreeNode& node : step->evidence) {
    const std::vector<float> map = node.map->whole();
    const int64_t lowest = std::ranges::min_element(map) - map.begin();
    node.y = lowest / step->width;
    node.x = lowest % step->width;
    node.value = network.executor.value(layer, {node.channel, node.y, node.x, image});
    if (!keep_maps) node.map = nullptr;
  }
  decision.step = std::move(step);
}

/// The drops beside what the gAP step estimates.
void compare(NetworkRunner& network, const AblationQuestion& asked, int64_t image,
             Ablation& result) {
  const Decomposition& step = *result.gap.decision.step;
  const std::vector<float> fills = ablation_fills(network.context, network.executor, asked, image);
  const TreeNode& decision = result.gap.decision;
  const Neuron neuron{decision.channel, decision.y, decision.x, image};
  // What these two say must not hang on the baseline that is asked for.
  const Decomposition from_zero =
      result.gap.baseline.baseline == Baseline::zero
          ? step
          : gap_steps(network.windows, {asked.from, asked.to}, {{neuron, step.value}})
                .front()
                .decomposition;
  result.first_order = first_order_drops(from_zero, fills);
  result.rounding = rounding_of_drops(network.graph(), asked.from, asked.to, from_zero);
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

/// Throws UserError where a channel that was asked for cannot be decomposed.
void require_peaks(const TreeNode& decision, const std::vector<int32_t>& channels,
                   const std::string& from, const std::string& to) {
  const Decomposition& step = *decision.step;
  for (const int32_t channel : channels) {
    if (step.position[channel] >= 0) continue;
    const int64_t best = std::ranges::max_element(step.peak) - step.peak.begin();
    const std::string right = step.position[best] >= 0 ? joined("; give one that has, as ", best)
                                                       : "; no channel of it has";
    throw UserError(joined("channel ", channel, " of layer ", to, " has no A above 0 for ", from,
                           ", so it has no peak to decompose (Eq. 5)", right));
  }
}

}  // namespace

DecisionStep Explainer::decompose(const Image& image, const std::string& from,
                                  const std::string& to, int top, bool keep_maps, bool guided) {
  return decompose(image, from, to, {top, keep_maps, guided});
}

DecisionStep Explainer::decompose(const Image& image, const std::string& from,
                                  const std::string& to, const StepOptions& options) {
  const auto given = static_cast<int>(options.channels.size());
  const int top = given > 0 ? given : options.top;
  require_top(top);
  require_cover(options.cover);
  const Decision decision = parse_decision(impl_->network.model, from);
  const int target = find_layer(impl_->graph(), to);
  if (!is_below(impl_->graph(), target, decision.node)) {
    throw UserError(joined("--to: layer ", to, " is not below ",
                           layer_label(impl_->graph(), decision.node),
                           "; a decision is decomposed into a layer that it is computed from"));
  }
  check_channels(impl_->graph(), options.channels, target);
  end_if_stopped(options.stop);
  DecisionStep result;
  result.timings_ms["forward"] = impl_->network.forward({&image, 1});
  impl_->network.require_finite(impl_->network.last_run(), 0, image);
  const double value = impl_->network.executor.value(decision.node, decision.neuron);
  require_positive(joined("the value of ", from), value);
  const bool against = options.against && given > 0;
  TreeQuestion question{decision.node, {target}, top, options.keep_maps || against};
  question.channels = options.channels;
  question.stop = options.stop;
  if (given == 0) question.cover = options.cover;
  impl_->network.count_from(options.baseline, question);
  result.baseline = options.baseline;
  TreeRun run(impl_->network.windows, question);
  result.decision = std::move(run.finish({{decision.neuron, value}}).front().root);
  result.timings_ms["step"] = run.ms();
  if (against) {
    turn_to_lowest(impl_->network, target, decision.neuron.image, options.keep_maps,
                   result.decision);
  }
  if (!against) require_peaks(result.decision, options.channels, from, to);
  if (options.guided) {
    end_if_stopped(options.stop);
    impl_->network.add_guided(question, 0, result.decision, result.timings_ms);
  }
  if (is_class(impl_->graph(), decision)) {
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
  step.stop = options.stop;
  result.gap = decompose(image, from, lower, step);
  result.fill = options.fill;
  result.means = options.means;
  result.method = options.method;
  impl_->network.forget();  // ablation runs the network on other features
  const Stopwatch watch;
  const AblationQuestion asked{decision.node,      find_layer(impl_->graph(), lower),
                               options.fill,       options.method,
                               options.means,      options.stop,
                               options.after_batch};
  result.drops = ablation_drops(impl_->network.context, *impl_->network.weights,
                                impl_->network.executor, asked, decision.neuron);
  if (options.overlaps)
    result.groups = groups_of(impl_->network, asked, decision.neuron, options, result);
  result.gap.timings_ms["ablation"] = watch.ms();
  compare(impl_->network, asked, decision.neuron.image, result);
  return result;
}

}  // namespace hdecomp
