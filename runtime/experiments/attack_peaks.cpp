/// Fig. 12: the features' peaks in the channels that matter most to the attacked class and to the
/// one that it becomes, before and after a PGD attack.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "runtime/attack/pgd.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/explain/decide.h"
#include "runtime/network/map_peaks.h"

namespace hdecomp {
namespace {

constexpr int64_t kinds = std::ssize(attack_channels);
constexpr int64_t rank_count = attack_ranks;

class AttackPeaks final : public ImageMeasure {
 public:
  AttackPeaks(NetworkRunner& network, const std::vector<int>& levels,
              const ExperimentOptions& options)
      : options_(options.attack), level_(levels.front()) {
    aim_ = asked_class(network.model, options_.aim);
    const bool one = !options.target.empty() && options.target != "label";
    check_attack(options_, one ? network.model.find_class(options.target) : -1, aim_);
  }

  std::vector<ResultField> fields() const override {
    return {{"right", {1}},
            {"decision_class", {1}},
            {"fooled", {1}},
            {"new_class", {1}},
            {"distance", {1}},
            {"loss", {2}},
            {"probability", {2, 2}},
            {"channels", {kinds, rank_count}},
            {"peaks", {kinds, rank_count, 2}},
            {"moved", {kinds, rank_count}}};
  }

  std::string definition() const override {
    return joined(
        "PGD in the L-infinity ball on pixels before normalisation, clamped to [0, 1]: eps ",
        options_.eps, ", ", options_.steps, " steps of ", options_.step_size(), ", ",
        options_.restarts, options_.random_start ? " random starts" : " runs from the photograph",
        ", cross entropy; the class is attacked where the network has it on the photograph "
        "and it is not the aim (right); fooled: it has another after, or the aim; of the channels "
        "of the last stage the "
        "four with the largest alpha above 0 of the attacked class on the photograph, of the new "
        "class on the photograph, of the new class on the attacked one: the maximum of the feature "
        "over the map before and after, and how many places of the map that moves (Euclid)");
  }

  std::vector<std::vector<float>> rows(NetworkRunner& network,
                                       std::span<const MeasuredImage> images) override {
    std::vector<FieldRow> rows;
    std::vector<const MeasuredImage*> attacked;
    for (const MeasuredImage& one : images) {
      const int64_t top = network.scores().ranking(one.image, 1).front().index;
      const bool right = top == one.decision.index && top != aim_;
      rows.emplace_back(fields());
      rows.back().set(right_field, 0, right ? 1 : 0);
      rows.back().set(decision_class, 0, static_cast<double>(one.decision.index));
      if (right) attacked.push_back(&one);
    }
    if (!attacked.empty()) attack(network, attacked, images.data(), rows);
    std::vector<std::vector<float>> taken;
    for (FieldRow& row : rows) taken.push_back(row.take());
    return taken;
  }

 private:
  /// In fields()' order.
  enum Field : size_t {
    right_field,
    decision_class,
    fooled,
    new_class,
    distance,
    loss,
    probability,
    channels,
    peaks,
    moved
  };

  /// What a forward pass says: of each image every channel's peak, and the probabilities' ranking.
  std::vector<std::vector<MapPeak>> peaks_of(const NetworkRunner& network, int64_t images) const {
    const Context& context = network.context;
    const Tensor maps =
        on_host(context, hdecomp::rows(network.executor.feature(level_), 0, images));
    context.finish();
    std::vector<std::vector<MapPeak>> found;
    for (int64_t i = 0; i < images; ++i) {
      found.push_back(map_peaks(context, hdecomp::rows(maps, i, i + 1)));
    }
    return found;
  }

  /// Of the last run's image: the class's first channels by alpha.
  std::vector<int32_t> first_channels(NetworkRunner& network, int64_t image, int64_t index) const {
    const ClassScore score = network.scores().score_of(image, index);
    GapQuestion question{network.graph().scores(), level_, static_cast<int>(rank_count)};
    const auto steps = gap_steps(network.windows, question, {root_of(score, image)});
    const SharedList<int32_t>& chosen = steps.front().decomposition.chosen;
    return {chosen.begin(), chosen.end()};
  }

  void attack(NetworkRunner& network, const std::vector<const MeasuredImage*>& attacked,
              const MeasuredImage* first, std::vector<FieldRow>& rows) {
    const auto count = std::ssize(attacked);
    const Preprocess& rule = network.model.preprocess();
    std::vector<PgdImage> questions;
    std::vector<Image> photos, changed;
    for (const MeasuredImage* one : attacked) {
      questions.push_back({one->photo, one->decision.index, aim_});
      photos.push_back(one->photo);
    }
    SaliencyNet net = network.saliency();
    network.forget();
    std::vector<PgdResult> found = pgd(net, network.model, questions, options_);
    for (PgdResult& one : found) {
      changed.push_back(image_of_planes(std::move(one.planes), rule.crop));
    }
    network.forward(changed);
    const auto after = peaks_of(network, count);
    std::vector<ClassScore> now, was;  // the new class on the changed image; the attacked one
    std::vector<std::vector<int32_t>> chosen_after(count);
    for (int64_t i = 0; i < count; ++i) {
      now.push_back(network.scores().ranking(i, 1).front());
      was.push_back(network.scores().score_of(i, questions[i].own));
      chosen_after[i] = first_channels(network, i, now[i].index);
    }
    network.forward(photos);
    const auto before = peaks_of(network, count);
    for (int64_t i = 0; i < count; ++i) {
      FieldRow& row = rows[attacked[i] - first];
      const bool is_fooled = aim_ >= 0 ? now[i].index == aim_ : now[i].index != questions[i].own;
      row.set(fooled, 0, is_fooled ? 1 : 0);
      row.set(new_class, 0, static_cast<double>(now[i].index));
      row.set(distance, 0, found[i].distance);
      row.set(loss, 0, found[i].loss_before);
      row.set(loss, 1, found[i].loss);
      const double probabilities[]{
          network.scores().score_of(i, questions[i].own).probability, was[i].probability,
          network.scores().score_of(i, now[i].index).probability, now[i].probability};
      for (int64_t k = 0; k < 4; ++k) row.set(probability, k, probabilities[k]);
      if (!is_fooled) continue;
      const std::vector<int32_t> chosen[]{first_channels(network, i, questions[i].own),
                                          first_channels(network, i, now[i].index),
                                          chosen_after[i]};
      for (int64_t kind = 0; kind < kinds; ++kind) {
        put(row, kind, chosen[kind], before[i], after[i]);
      }
    }
  }

  static void put(FieldRow& row, int64_t kind, const std::vector<int32_t>& chosen,
                  const std::vector<MapPeak>& before, const std::vector<MapPeak>& after) {
    for (int64_t k = 0; k < std::min<int64_t>(rank_count, std::ssize(chosen)); ++k) {
      const int64_t at = kind * rank_count + k;
      const MapPeak &from = before[chosen[k]], &to = after[chosen[k]];
      row.set(channels, at, chosen[k]);
      row.set(peaks, 2 * at, from.value);
      row.set(peaks, 2 * at + 1, to.value);
      row.set(moved, at, std::hypot(to.y - from.y, to.x - from.x));
    }
  }

  AttackOptions options_;
  int level_;  // the last stage's end
  int64_t aim_ = -1;
};

}  // namespace

std::unique_ptr<ImageMeasure> make_attack_peaks(NetworkRunner& network,
                                                const std::vector<int>& levels,
                                                const ExperimentOptions& options) {
  return std::make_unique<AttackPeaks>(network, levels, options);
}

}  // namespace hdecomp
