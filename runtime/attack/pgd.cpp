/// PGD: forward, the cross entropy's gradient to the pixels, a step along its signs, clamped.
#include "runtime/attack/pgd.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "kernels/core/copy.h"
#include "kernels/core/parallel.h"
#include "kernels/core/random_normal.h"
#include "runtime/image/pixel_hash.h"
#include "runtime/image/planes.h"
#include "runtime/image/preprocess.h"
#include "runtime/network/classification.h"
#include "runtime/network/forward_run.h"
#include "runtime/network/network_input.h"

namespace hdecomp {
namespace {

/// The cross entropy's gradient to the scores over its size, 1 - p of the class: softmax among the
/// other classes, -1 for the class itself. The signs of what comes of it are the gradient's own,
/// also where p is 1 but for rounding.
std::vector<double> direction(std::span<const float> scores, int64_t index) {
  double most = -INFINITY, sum = 0;
  for (int64_t i = 0; i < std::ssize(scores); ++i) {
    if (i != index) most = std::max(most, double{scores[i]});
  }
  std::vector<double> result(scores.size());
  for (int64_t i = 0; i < std::ssize(scores); ++i) {
    if (i != index) sum += result[i] = std::exp(scores[i] - most);
  }
  for (double& weight : result) weight /= sum;
  result[index] = -1;
  return result;
}

/// The network's pixels, 0 to 1, (3, height, width).
std::vector<float> planes_of(const Image& photo, const Preprocess& rule) {
  require_pixels(photo);
  if (!photo.planes.empty()) return photo.planes;
  return planes_of_rgb(network_view(photo, rule).rgb);
}

class Pgd {
 public:
  Pgd(SaliencyNet& net, const Model& model, std::span<const Image> photos,
      std::span<const PgdClasses> classes, const AttackOptions& options)
      : net_(net),
        model_(model),
        rule_(model.preprocess()),
        photos_(photos),
        classes_(classes),
        options_(options),
        furthest_(photos.size()) {
    for (const Image& photo : photos) {
      const std::vector<float> planes = planes_of(photo, rule_);
      start_.insert(start_.end(), planes.begin(), planes.end());
    }
    size_ = start_.size() / photos.size();
  }

  std::vector<PgdResult> run(bool keep_start, bool ran) {
    std::vector<PgdResult> best(photos_.size());
    for (int restart = 0; restart < options_.restarts; ++restart) {
      std::vector<float> x = start_;
      if (options_.random_start) scatter(x, restart);
      for (int i = 0; i < options_.steps; ++i) {
        end_if_stopped(options_.stop);
        const bool there = ran && !options_.random_start && restart == 0 && i == 0;
        step(x, there ? scores() : forward(x));
        if (!options_.after_step) continue;
        options_.after_step(int64_t{restart} * options_.steps + i + 1,
                            int64_t{options_.restarts} * options_.steps);
      }
      take_better(x, restart, best);
    }
    for (size_t i = 0; i < best.size(); ++i) {
      const auto begin = start_.begin() + static_cast<long>(i * size_);
      if (keep_start) best[i].start.assign(begin, begin + static_cast<long>(size_));
      for (size_t k = 0; k < size_; ++k) {
        const double moved = std::abs(double{best[i].planes[k]} - double{start_[i * size_ + k]});
        best[i].distance = std::max(best[i].distance, moved);
      }
    }
    return best;
  }

 private:
  /// Of several runs an image keeps what came furthest; of one nobody asks how far.
  void take_better(const std::vector<float>& x, int restart, std::vector<PgdResult>& best) {
    const bool several = options_.restarts > 1;
    const Tensor scores = several ? forward(x) : Tensor();
    for (size_t i = 0; i < best.size(); ++i) {
      if (several && !comes_further(i, scores, restart)) continue;
      const auto begin = x.begin() + static_cast<long>(i * size_);
      best[i].planes.assign(begin, begin + static_cast<long>(size_));
    }
  }

  bool comes_further(size_t image, const Tensor& scores, int restart) {
    const PgdClasses& classes = classes_[image];
    const double loss = classes.loss(model_, scores_of(scores, static_cast<int64_t>(image)));
    const double far = classes.has_aim() ? -loss : loss;
    if (restart > 0 && !(far > furthest_[image])) return false;
    furthest_[image] = far;
    return true;
  }

  float within(float value, float from) const {
    const auto eps = static_cast<float>(options_.eps);
    return std::clamp(value, std::max(from - eps, 0.0f), std::min(from + eps, 1.0f));
  }

  /// Uniform within eps, by the seed, the photograph's pixels and the restart.
  void scatter(std::vector<float>& x, int restart) const {
    for (size_t i = 0; i < photos_.size(); ++i) {
      const uint64_t own = stream_of(options_.seed, pixel_hash(photos_[i]));
      const uint64_t stream = stream_of(own, static_cast<uint64_t>(restart));
      for (size_t k = 0; k < size_; ++k) {
        float& value = x[i * size_ + k];
        const double by = (2 * uniform_at(stream, k) - 1) * options_.eps;
        value = within(static_cast<float>(value + by), start_[i * size_ + k]);
      }
    }
  }

  /// The class scores, (images, classes) on the host.
  Tensor forward(const std::vector<float>& x) {
    const FeatureShape& shape = net_.graph().shapes[pixels_node];
    const auto count = std::ssize(photos_);
    Tensor inputs({}, {count, shape.channels, shape.height, shape.width});
    for (size_t i = 0; i < photos_.size(); ++i) {
      normalise_planes(std::span(x).subspan(i * size_, size_), rule_,
                       inputs.span().subspan(i * size_, size_));
    }
    run_inputs(net_, inputs);
    return scores();
  }

  /// Of the last run.
  Tensor scores() const {
    Tensor all = class_scores(net_.executor);
    const Tensor there = rows(all, 0, std::ssize(photos_));
    return copied_to({}, net_.context, there);
  }

  /// From x, whose scores these are and whose features the last run's.
  void step(std::vector<float>& x, const Tensor& scores) {
    std::vector<Seed> seeds;
    for (size_t i = 0; i < photos_.size(); ++i) {
      const std::vector<double> weights =
          direction(scores_of(scores, static_cast<int64_t>(i)), classes_[i].asked());
      const double sign = classes_[i].has_aim() ? -1 : 1;  // down the aim's loss, up the own one's
      for (int64_t c = 0; c < std::ssize(weights); ++c) {
        seeds.push_back(
            {{c, 0, 0, static_cast<int64_t>(i)}, static_cast<float>(sign * weights[c])});
      }
    }
    BackwardRule rule(net_.context, net_.executor);
    const Tensor gradient =
        to_pixels(net_, net_.graph().scores(), seeds, std::ssize(photos_), rule);
    const auto by = static_cast<float>(options_.step_size());
    parallel_for(net_.context, std::ssize(photos_) * Image::channels, [&](int64_t plane) {
      const size_t area = size_ / Image::channels, first = static_cast<size_t>(plane) * area;
      for (size_t k = first; k < first + area; ++k) {  // std > 0: the input's signs are the pixels'
        const float g = gradient.data()[k];
        x[k] = within(x[k] + by * static_cast<float>((g > 0) - (g < 0)), start_[k]);
      }
    });
  }

  SaliencyNet& net_;
  const Model& model_;
  const Preprocess& rule_;
  std::span<const Image> photos_;
  std::span<const PgdClasses> classes_;  // as many
  const AttackOptions& options_;
  std::vector<float> start_;      // the photographs, one after the other
  size_t size_ = 0;               // of one
  std::vector<double> furthest_;  // of each image's restarts: the loss, or its negative
};

}  // namespace

double PgdClasses::loss(const Model& model, std::span<const float> scores) const {
  return -log_probabilities(model, scores)[asked()];
}

std::vector<PgdResult> pgd(SaliencyNet& net, const Model& model, std::span<const Image> photos,
                           std::span<const PgdClasses> classes, const AttackOptions& options,
                           bool keep_start, bool ran) {
  if (photos.empty()) return {};
  if (model.class_count() < 2) {
    throw UserError("attack: the network has one class; it needs another to change to");
  }
  return Pgd(net, model, photos, classes, options).run(keep_start, ran);
}

}  // namespace hdecomp
