/// Fig. 12: the features' peaks in the channels that matter most to the attacked class and to the
/// one that it becomes, before and after a PGD attack.
#include "hdecomp/error.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/explain/attacks.h"
#include "runtime/explain/decide.h"

namespace hdecomp {
namespace {

constexpr int64_t kinds = std::ssize(attack_channels);
constexpr int64_t rank_count = attack_ranks;

class AttackPeaks final : public ImageMeasure {
 public:
  AttackPeaks(NetworkRunner& network, const ExperimentOptions& options) : options_(options.attack) {
    options_.channels = attack_ranks;
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

  void attack(NetworkRunner& network, const std::vector<const MeasuredImage*>& attacked,
              const MeasuredImage* first, std::vector<FieldRow>& rows) {
    std::vector<Image> photos;
    std::vector<PgdClasses> classes;
    for (const MeasuredImage* one : attacked) {
      photos.push_back(one->photo);
      classes.push_back({one->decision.index, aim_});
    }
    bool ran = true;  // as the first images of the run
    for (size_t i = 0; i < attacked.size(); ++i) {
      ran = ran && attacked[i]->image == static_cast<int64_t>(i);
    }
    const std::vector<Attacked> found =
        attack_all(network, photos, classes, options_, AttackedParts::measured, ran);
    for (size_t i = 0; i < found.size(); ++i) put(rows[attacked[i] - first], found[i]);
  }

  static void put(FieldRow& row, const Attacked& found) {
    row.set(fooled, 0, found.fooled ? 1 : 0);
    row.set(new_class, 0, static_cast<double>(found.new_after.index));
    row.set(distance, 0, found.distance);
    row.set(loss, 0, found.loss_before);
    row.set(loss, 1, found.loss);
    const double probabilities[]{found.before.probability, found.after.probability,
                                 found.new_before.probability, found.new_after.probability};
    for (int64_t k = 0; k < 4; ++k) row.set(probability, k, probabilities[k]);
    if (!found.fooled) return;
    for (int64_t kind = 0; kind < kinds; ++kind) {
      const std::vector<AttackedChannel>& list = found.channels[kind];
      for (int64_t k = 0; k < std::ssize(list); ++k) {
        const int64_t at = kind * rank_count + k;
        row.set(channels, at, list[k].channel);
        row.set(peaks, 2 * at, list[k].before);
        row.set(peaks, 2 * at + 1, list[k].after);
        row.set(moved, at, list[k].moved);
      }
    }
  }

  AttackOptions options_;
  int64_t aim_ = -1;
};

}  // namespace

std::unique_ptr<ImageMeasure> make_attack_peaks(NetworkRunner& network,
                                                const ExperimentOptions& options) {
  return std::make_unique<AttackPeaks>(network, options);
}

}  // namespace hdecomp
