/// Fig. 10: how the network does without the channels that a method finds most important, for each
/// stage alone.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "hdecomp/error.h"
#include "runtime/ablation/ablation_fills.h"
#include "runtime/ablation/filled_run.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/explain/decide.h"
#include "runtime/saliency/channel_importance.h"
#include "runtime/saliency/lrp_rule.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

constexpr int64_t most_ablated = 64;  // channels; fewer in a smaller stage

/// By method, in importance_methods' order, by level: channels in the order of their importance.
using Rankings = std::vector<std::vector<std::vector<int32_t>>>;

class Importance final : public SingleImageMeasure {
 public:
  Importance(NetworkRunner& network, const std::vector<int>& levels,
             const ExperimentOptions& options)
      : options_(options),
        levels_(levels),
        relevance_(network.context, *network.weights, network.executor, LrpRule::epsilon_plus,
                   1e-6f) {
    if (options.steps < 1 || options.steps > 100000) {
      throw UserError(joined("--steps ", options.steps, ": give 1 to 100000"));
    }
    for (int64_t n = 1; n <= most_ablated; n *= 2) sizes_.push_back(n);
    question_.from = network.graph().scores();
    question_.levels = levels;
    question_.top = options.top;
    require_room(network.windows, question_, false, 1);
    for (const int level : levels) {
      runs_.push_back(std::make_unique<FilledRun>(network.context, network.executor,
                                                  std::vector<int>{level},
                                                  methods * std::ssize(sizes_)));
    }
  }

  std::vector<ResultField> fields() const override {
    const int64_t steps = std::ssize(levels_), sizes = std::ssize(sizes_);
    return {{"correct", {steps, methods, sizes}},
            {"match", {steps, methods, sizes}},
            {"score", {steps, methods, sizes}},
            {"incompleteness", {steps}},
            {"full_correct", {1}}};
  }

  std::string definition() const override {
    return "of each stage alone the n = 1, 2, 4, ... channels that a method ranks first are "
           "filled, ties to the lower channel; tree: a chosen channel's importance is its "
           "parent's times its share, summed over paths; gAP: the sum of A straight from the "
           "class; conductance: the integral of g dy along the line from 0 to the normalised "
           "input, trapezium rule; influence: the mean of g on it, alone and times y(x); LRP: "
           "epsilon-plus; score: F' / F; incompleteness: |sum of conductance - (F(x) - F(0))| "
           "over |F(x) - F(0)|";
  }

  std::vector<float> row(NetworkRunner& network, const MeasuredImage& image) override {
    SaliencyNet net = network.saliency();
    FieldRow row(fields());
    const Tensor inputs = input_of_run(net, image.images);
    Rankings rankings = rank(network, net, image);
    PathImportance path =
        path_importance(net, levels_, hdecomp::rows(inputs, image.image, image.image + 1),
                        image.decision.index, options_.steps);
    run_inputs(net, inputs);  // the features are the images' again
    rankings[2] = ordered(path.conductance);
    rankings[3] = ordered(path.influence);
    rankings[4] = ordered(path.influence_x_activation);
    const int64_t full = network.scores().ranking(image.image, 1).front().index;
    for (size_t level = 0; level < levels_.size(); ++level) {
      const Completeness& ends = path.completeness[level];
      row.set(incompleteness, static_cast<int64_t>(level),
              std::abs(ends.sum - ends.difference) / std::abs(ends.difference));
      ablate(network, image, full, level, rankings, row);
    }
    if (image.label >= 0) row.set(full_correct, 0, full == image.label ? 1 : 0);
    return row.take();
  }

 private:
  /// In fields()' order.
  enum Field : size_t { correct, match, score, incompleteness, full_correct };

  static constexpr int64_t methods = std::ssize(importance_methods);

  static std::vector<std::vector<int32_t>> ordered(const ChannelScores& scores) {
    std::vector<std::vector<int32_t>> orders;
    for (const std::vector<double>& layer : scores) orders.push_back(ranked(layer));
    return orders;
  }

  /// By the methods that read the image's own features.
  Rankings rank(NetworkRunner& network, SaliencyNet& net, const MeasuredImage& image) {
    Rankings rankings(methods);
    const int64_t index = image.decision.index;
    const ValuedNeuron root = root_of(image.decision, image.image);
    const BuiltTree tree = std::move(network.trees(question_).finish({root}).front());
    rankings[0] = ordered(tree_importance(network.graph(), levels_, tree.root));
    rankings[1] = ordered(direct_importance(net, levels_, image.image, index));
    rankings[5] = ordered(relevance_importance(net, levels_, image.image, index, relevance_));
    for (const int level : levels_) {
      rankings[6].push_back(random_channels(network.graph().shapes[level].channels, options_.seed,
                                            image.photo, static_cast<uint64_t>(level)));
    }
    return rankings;
  }

  /// `full`: the class of the network as it is.
  void ablate(NetworkRunner& network, const MeasuredImage& image, int64_t full, size_t level,
              const Rankings& rankings, FieldRow& row) {
    // Rankings often agree in their first channels: each set once.
    std::vector<FilledChannels> items;
    std::map<std::vector<int32_t>, size_t> known;
    std::vector<std::pair<int64_t, size_t>> places;  // in the row; its item
    const int64_t sizes = std::ssize(sizes_);
    for (int64_t method = 0; method < methods; ++method) {
      const std::vector<int32_t>& order = rankings[method][level];
      for (int64_t s = 0; s < sizes && sizes_[s] <= std::ssize(order); ++s) {
        std::vector<int32_t> channels(order.begin(), order.begin() + sizes_[s]);
        std::ranges::sort(channels);
        const auto [set, is_new] = known.try_emplace(channels, items.size());
        if (is_new) items.push_back({std::move(channels)});
        places.push_back(
            {(static_cast<int64_t>(level) * methods + method) * sizes + s, set->second});
      }
    }
    const AblationQuestion question{question_.from, levels_[level], options_.fill, options_.method,
                                    options_.means};
    const auto scores = runs_[level]->scores(
        image.image, {ablation_fills(network.context, network.executor, question, image.image)},
        items);
    for (const auto& [place, item] : places) {
      const std::vector<float>& own = scores[item];
      const int64_t best = std::ranges::max_element(own) - own.begin();
      if (image.label >= 0) row.set(correct, place, best == image.label ? 1 : 0);
      row.set(match, place, best == full ? 1 : 0);
      row.set(score, place, own[image.decision.index] / double{image.decision.score});
    }
  }

  ExperimentOptions options_;
  std::vector<int> levels_;     // from above
  std::vector<int64_t> sizes_;  // n = 1, 2, 4, ...
  RelevanceRule relevance_;
  TreeQuestion question_;
  std::vector<std::unique_ptr<FilledRun>> runs_;  // of each level
};

}  // namespace

std::unique_ptr<ImageMeasure> make_importance(NetworkRunner& network,
                                              const std::vector<int>& levels,
                                              const ExperimentOptions& options) {
  return std::make_unique<Importance>(network, levels, options);
}

}  // namespace hdecomp
