/// The verb ablate.
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "hdecomp/decode_ahead.h"
#include "tools/images/photo_input.h"
#include "tools/runs/fill.h"
#include "tools/runs/session.h"
#include "tools/trees/tree_text.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

/// The `count` channels with the largest drops, ties to the lower channel.
std::vector<int64_t> largest(const std::vector<float>& drops, int count) {
  std::vector<int64_t> order(drops.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::ranges::stable_sort(order, [&](int64_t a, int64_t b) { return drops[a] > drops[b]; });
  order.resize(std::min<size_t>(order.size(), count));
  return order;
}

std::string decision_text(const DecisionStep& step) {
  return step.class_name.empty() ? place_of(step.decision) : "class " + step.class_name;
}

std::string fill_text(const Ablation& ablation) {
  if (ablation.fill == AblationFill::zero) return "zero";
  if (ablation.fill == AblationFill::mean) return "its mean";
  return joined("its mean of ", ablation.means->images(), " images");
}

void print_correlations(const Ablation& ablation) {
  if (ablation.unchanged) {
    std::printf(
        "this fill changes nothing here: no drop is beyond %.2g, which rounding alone can make, so "
        "no correlation means anything; what would: %s\n",
        ablation.rounding, other_fills(ablation.fill).c_str());
    return;
  }
  std::printf(
      "correlation of the drops with gAP's contributions (mean of A) %.3f, peaks (max of A) "
      "%.3f, mean of G %.3f, max of G %.3f; with the sum of G x (F - fill) %.3f\n",
      ablation.with_contribution, ablation.with_peak, ablation.with_mean_gradient,
      ablation.with_max_gradient, ablation.with_first_order);
}

void print(const Ablation& ablation, int top) {
  const Decomposition& step = *ablation.gap.decision.step;
  std::printf("%s  F %.4g\n%zu channels of %s, each set to %s over its map (%s)\n",
              decision_text(ablation.gap).c_str(), step.value, ablation.drops.size(),
              step.layer.c_str(), fill_text(ablation).c_str(),
              ablation.method == AblationMethod::fast ? "fast" : "naive");
  std::printf("%s", baseline_line(ablation.gap.baseline).c_str());
  for (const int64_t k : largest(ablation.drops, ablation.unchanged ? 0 : top)) {
    std::printf("  %s:%lld  drop %.4g  %.1f %% of F  alpha %.4g  peak %.4g\n", step.layer.c_str(),
                static_cast<long long>(k), ablation.drops[k], 100 * ablation.drops[k] / step.value,
                step.contribution[k], step.peak[k]);
  }
  print_correlations(ablation);
  for (const GroupDrop& group : ablation.groups) {
    std::string channels;
    for (const int32_t k : group.channels) channels += joined(" ", k);
    std::printf("overlapping channels%s: drop together %.4g, one by one %.4g\n", channels.c_str(),
                group.drop, group.members_drop);
  }
  for (const auto& [what, ms] : ablation.gap.timings_ms) {
    std::printf("%s %.0f ms  ", what.c_str(), ms);
  }
  std::printf("\n");
}

}  // namespace

void ablate(const AblateOptions& given) {
  AblateOptions options = given;
  options.from = from_versus(given.from, options.common);
  if (options.top < 1) throw UserError(joined("--top ", options.top, ": give at least 1 channel"));
  AblationOptions chosen;
  chosen.method = options.method == "naive" ? AblationMethod::naive : AblationMethod::fast;
  chosen.top = options.top;
  if (options.merge_overlaps) {
    chosen.overlaps = OverlapOptions{*options.merge_overlaps, options.mask_threshold};
  }
  const Decoded decoded = read_photo(options.image, options.common);
  Session session = start(options.common);
  const Fill fill = read_fill(options.fill, options.common, session.explainer.model());
  chosen.fill = fill.fill;
  chosen.means = fill.means;
  chosen.baseline = read_baseline(options.baseline, options.common, session.explainer.model());
  Ablation ablation = naming(photo_name(options.image), [&] {
    return session.explainer.ablate(decoded.photo, options.from, options.to, chosen);
  });
  ablation.gap.timings_ms["load"] = session.load_ms;
  ablation.gap.timings_ms["decode"] = decoded.ms;
  if (options.common.json) {
    std::printf("%s\n", to_json(ablation).c_str());
    return;
  }
  print(ablation, options.top);
}

}  // namespace hdecomp::tools
