/// Fig. 9: the network with the channels of the predicted class's top-k tree alone. In every stage
/// the channels that no node of the tree is in are filled, and the image goes through once more;
/// the same with as many random channels, and with as many of the largest features.
#include <algorithm>
#include <cmath>

#include "runtime/ablation/ablation_fills.h"
#include "runtime/ablation/filled_run.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/experiments/tree_channels.h"
#include "runtime/explain/decide.h"
#include "runtime/network/classification.h"
#include "runtime/network/map_means.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

/// The first `counts[level]` channels of each level's order.
KeptChannels kept_first(const std::vector<std::vector<int32_t>>& orders,
                        const KeptChannels& counts) {
  KeptChannels kept;
  for (size_t level = 0; level < orders.size(); ++level) {
    const auto begin = orders[level].begin();
    kept.emplace_back(begin, begin + static_cast<long>(counts[level].size()));
  }
  return kept;
}

/// The sum of p log(p / q): of the full network's probabilities p, the surrogate's q.
double divergence(const Model& model, std::span<const float> full,
                  std::span<const float> surrogate) {
  const std::vector<double> p = log_probabilities(model, full),
                            q = log_probabilities(model, surrogate);
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) sum += std::exp(p[i]) * (p[i] - q[i]);
  return sum;
}

/// Ties to the lower class.
int64_t best_of(std::span<const float> scores) {
  return std::ranges::max_element(scores) - scores.begin();
}

class SparseSurrogate final : public SingleImageMeasure {
 public:
  SparseSurrogate(NetworkRunner& network, const std::vector<int>& levels,
                  const ExperimentOptions& options)
      : options_(options), levels_(levels) {
    for (int k = 1; k <= options.top; k *= 2) sizes_.push_back(k);
    question_.from = network.graph().scores();
    question_.levels = levels;
    question_.top = sizes_.back();
    require_room(network.windows, question_, false, 1);
    run_.emplace(network.context, network.executor,
                 std::vector<int>(levels.rbegin(), levels.rend()), count(ways) * count(sizes_));
  }

  std::vector<ResultField> fields() const override {
    const int64_t sizes = count(sizes_), steps = count(levels_);
    return {{"match", {count(ways), sizes}},
            {"correct", {count(ways), sizes}},
            {"divergence", {count(ways), sizes}},
            {"kept", {steps, sizes}},
            {"full_correct", {1}}};
  }

  std::string definition() const override {
    const std::string by = options_.ranking == SparseRanking::magnitude
                               ? "of every decision the k channels with the largest |alpha|, those "
                                 "without an A above 0 not decomposed"
                               : "of every decision the k channels with the largest alpha above 0";
    return "in every stage all channels that no node of the top-k tree (" + by +
           ") is in are filled, then one forward pass; controls: as many random channels kept, and "
           "as many with the largest "
           "means; match: its class is the full network's; divergence: the sum of p log(p / q), p "
           "the full network's probabilities; kept: the share of a stage's channels";
  }

  std::vector<float> row(NetworkRunner& network, const MeasuredImage& image) override {
    const ValuedNeuron root = root_of(image.decision, image.image);
    const TreeChannels tree(network, question_, root, options_.ranking);
    const auto random = orders(network, image, true), largest = orders(network, image, false);
    std::vector<KeptChannels> kept;  // way by way
    for (const int k : sizes_) kept.push_back(tree.of(k));
    for (size_t way = 1; way < std::size(ways); ++way) {
      for (size_t s = 0; s < sizes_.size(); ++s) {
        kept.push_back(kept_first(way == 1 ? random : largest, kept[s]));
      }
    }
    FieldRow row(fields());
    put_scores(network, image, kept, row);
    for (size_t level = 0; level < levels_.size(); ++level) {
      const auto channels = static_cast<double>(network.graph().shapes[levels_[level]].channels);
      for (size_t s = 0; s < sizes_.size(); ++s) {
        row.set(kept_share, static_cast<int64_t>(level * sizes_.size() + s),
                static_cast<double>(kept[s][level].size()) / channels);
      }
    }
    return row.take();
  }

 private:
  /// In fields()' order.
  enum Field : size_t { match, correct, kl_divergence, kept_share, full_correct };

  static constexpr auto& ways = sparse_ways;

  template <class List>
  static int64_t count(const List& list) {
    return static_cast<int64_t>(std::size(list));
  }

  /// By level: channels in an order of chance, or by their mean feature.
  std::vector<std::vector<int32_t>> orders(const NetworkRunner& network, const MeasuredImage& image,
                                           bool random) const {
    std::vector<std::vector<int32_t>> orders;
    for (const int level : levels_) {
      if (random) {
        orders.push_back(random_channels(network.graph().shapes[level].channels, options_.seed,
                                         image.photo, static_cast<uint64_t>(level)));
      } else {
        orders.push_back(ranked(map_means(network.context, network.executor, level, image.image)));
      }
    }
    return orders;
  }

  void put_scores(NetworkRunner& network, const MeasuredImage& image,
                  const std::vector<KeptChannels>& kept, FieldRow& row) {
    std::vector<FilledChannels> items;
    for (const KeptChannels& one : kept) {
      FilledChannels& item = items.emplace_back();
      for (size_t l = levels_.size(); l-- > 0;) {  // from below
        std::vector<int32_t>& filled = item.emplace_back();
        const auto channels = static_cast<int32_t>(network.graph().shapes[levels_[l]].channels);
        for (int32_t c = 0; c < channels; ++c) {
          if (!one[l].contains(c)) filled.push_back(c);
        }
      }
    }
    std::vector<std::vector<float>> fills;
    for (size_t l = levels_.size(); l-- > 0;) {
      const AblationQuestion question{question_.from, levels_[l], options_.fill, options_.method,
                                      options_.means};
      fills.push_back(ablation_fills(network.context, network.executor, question, image.image));
    }
    const auto scores = run_->scores(image.image, fills, items);
    const int64_t classes = std::ssize(scores.front());
    const std::span<const float> full(network.last_run().scores.data() + image.image * classes,
                                      static_cast<size_t>(classes));
    for (int64_t i = 0; i < std::ssize(scores); ++i) {
      row.set(match, i, best_of(scores[i]) == best_of(full) ? 1 : 0);
      if (image.label >= 0) row.set(correct, i, best_of(scores[i]) == image.label ? 1 : 0);
      row.set(kl_divergence, i, divergence(network.model, full, scores[i]));
    }
    if (image.label >= 0) row.set(full_correct, 0, best_of(full) == image.label ? 1 : 0);
  }

  ExperimentOptions options_;
  std::vector<int> levels_;  // from above
  std::vector<int> sizes_;   // k = 1, 2, 4, ...
  TreeQuestion question_;
  std::optional<FilledRun> run_;
};

}  // namespace

std::unique_ptr<ImageMeasure> make_sparse_surrogate(NetworkRunner& network,
                                                    const std::vector<int>& levels,
                                                    const ExperimentOptions& options) {
  return std::make_unique<SparseSurrogate>(network, levels, options);
}

}  // namespace hdecomp
