/// PGD, and forward passes over the changed images and over the photographs.
#include "runtime/explain/attacks.h"

#include <cmath>

#include "kernels/core/copy.h"
#include "nets/layer_names.h"
#include "runtime/explain/decide.h"
#include "runtime/image/planes.h"
#include "runtime/network/map_peaks.h"

namespace hdecomp {
namespace {

using Channels = std::vector<int32_t>;
using Peaks = std::vector<MapPeak>;  // of each channel of a map

/// The same where 8 bits are all that is kept of it.
Image in_8_bits(Image image) {
  image.planes = planes_of_rgb(image.rgb);
  return image;
}

/// A batch that is attacked together.
class AttackRun {
 public:
  AttackRun(NetworkRunner& network, std::span<const Image> photos,
            std::span<const PgdClasses> classes, const AttackOptions& options)
      : network_(network), photos_(photos), classes_(classes), options_(options) {
    const std::vector<int> stages = stages_from_above(network.graph());
    if (options.channels > 0 && !stages.empty()) level_ = stages.front();
  }

  std::vector<Attacked> run(AttackedParts parts, bool ran) {
    const bool all = parts == AttackedParts::all;
    SaliencyNet net = network_.saliency();
    network_.forget();
    std::vector<PgdResult> found = pgd(net, network_.model, photos_, classes_, options_, all, ran);
    results_.resize(photos_.size());
    std::vector<Image> changed;
    for (size_t i = 0; i < photos_.size(); ++i) {
      results_[i].distance = found[i].distance;
      const PixelSize& size = network_.model.preprocess().crop;
      if (all) results_[i].seen = image_of_planes(std::move(found[i].start), size);
      changed.push_back(image_of_planes(std::move(found[i].planes), size));
    }
    if (all) look_at_rounded(changed);
    look_at_changed(changed);
    look_at_photos();
    for (size_t i = 0; i < photos_.size(); ++i) results_[i].image = std::move(changed[i]);
    return std::move(results_);
  }

 private:
  bool fooled(int64_t i, int64_t now) const {
    const PgdClasses& classes = classes_[i];
    return now != classes.own && (!classes.has_aim() || now == classes.aim);
  }

  void look_at_rounded(std::span<const Image> changed) {
    std::vector<Image> rounded;
    for (const Image& image : changed) rounded.push_back(in_8_bits(image));
    network_.forward(rounded, Wanted::scores);
    for (int64_t i = 0; i < std::ssize(results_); ++i) {
      const int64_t now = network_.scores().ranking(i, 1).front().index;
      results_[i].fooled_in_8_bits = fooled(i, now);
    }
  }

  void look_at_changed(std::span<const Image> changed) {
    network_.forward(changed, level_ ? Wanted::features : Wanted::scores);
    for (int64_t i = 0; i < std::ssize(results_); ++i) {
      Attacked& one = results_[i];
      one.loss = loss(i);
      one.after = network_.scores().score_of(i, classes_[i].own);
      one.new_after = network_.scores().ranking(i, 1).front();
      one.fooled = fooled(i, one.new_after.index);
    }
    if (!level_) return;
    peaks_after_ = peaks();
    std::vector<ValuedNeuron> roots;
    for (int64_t i = 0; i < std::ssize(results_); ++i) {
      roots.push_back(root(i, results_[i].new_after.index));
    }
    chosen_after_ = first_channels(roots);
  }

  void look_at_photos() {
    network_.forward(photos_, level_ ? Wanted::features : Wanted::scores);
    for (int64_t i = 0; i < std::ssize(results_); ++i) {
      Attacked& one = results_[i];
      one.loss_before = loss(i);
      one.before = network_.scores().score_of(i, classes_[i].own);
      one.new_before = network_.scores().score_of(i, one.new_after.index);
    }
    if (!level_) return;
    const std::vector<Peaks> peaks_before = peaks();
    std::vector<ValuedNeuron> roots;
    for (int64_t i = 0; i < std::ssize(results_); ++i) {
      roots.push_back(root(i, classes_[i].own));
      roots.push_back(root(i, results_[i].new_after.index));
    }
    const std::vector<Channels> chosen_before = first_channels(roots);
    for (int64_t i = 0; i < std::ssize(results_); ++i) {
      Attacked& one = results_[i];
      one.layer = layer_label(network_.graph(), *level_);
      const Channels chosen[]{chosen_before[2 * i], chosen_before[2 * i + 1], chosen_after_[i]};
      for (size_t kind = 0; kind < std::size(chosen); ++kind) {
        one.channels[kind] = moves(chosen[kind], peaks_before[i], peaks_after_[i]);
      }
    }
  }

  /// Of the last forward pass, as are the others below.
  double loss(int64_t image) const {
    return classes_[image].loss(network_.model, scores_of(network_.last_run().scores, image));
  }

  /// Of each image every channel's peak.
  std::vector<Peaks> peaks() const {
    const Context& context = network_.context;
    const Tensor maps =
        on_host(context, rows(network_.executor.feature(*level_), 0, std::ssize(photos_)));
    context.finish();
    std::vector<Peaks> found;
    for (int64_t i = 0; i < std::ssize(photos_); ++i) {
      found.push_back(map_peaks(context, rows(maps, i, i + 1)));
    }
    return found;
  }

  ValuedNeuron root(int64_t image, int64_t index) const {
    return root_of(network_.scores().score_of(image, index), image);
  }

  /// Of each root the first channels by alpha, whatever its score's sign.
  std::vector<Channels> first_channels(const std::vector<ValuedNeuron>& roots) {
    const GapQuestion question{network_.graph().scores(), *level_, options_.channels};
    std::vector<Channels> found;
    for (const GapStep& step : gap_steps(network_.windows, question, roots)) {
      const SharedList<int32_t>& chosen = step.decomposition.chosen;
      found.emplace_back(chosen.begin(), chosen.end());
    }
    return found;
  }

  static std::vector<AttackedChannel> moves(const Channels& chosen, const Peaks& before,
                                            const Peaks& after) {
    std::vector<AttackedChannel> found;
    for (const int32_t channel : chosen) {
      const MapPeak &from = before[channel], &to = after[channel];
      found.push_back(
          {channel, from.value, to.value,
           std::hypot(static_cast<double>(to.y - from.y), static_cast<double>(to.x - from.x))});
    }
    return found;
  }

  NetworkRunner& network_;
  std::span<const Image> photos_;
  std::span<const PgdClasses> classes_;  // as many
  const AttackOptions& options_;
  std::optional<int> level_;  // the last stage's end, if its channels are looked at
  std::vector<Attacked> results_;
  std::vector<Peaks> peaks_after_;
  std::vector<Channels> chosen_after_;
};

}  // namespace

std::vector<Attacked> attack_all(NetworkRunner& network, std::span<const Image> photos,
                                 std::span<const PgdClasses> classes, const AttackOptions& options,
                                 AttackedParts parts, bool ran) {
  return AttackRun(network, photos, classes, options).run(parts, ran);
}

}  // namespace hdecomp
