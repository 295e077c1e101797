/// Explainer: photographs with a part filled, and boxes of chance beside them.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "runtime/explain/decide.h"
#include "runtime/explain/explainer_impl.h"
#include "runtime/explain/what_if_changes.h"
#include "runtime/explain/what_if_verdicts.h"

namespace hdecomp {
namespace {

/// As many pixels as the region has, in a box of about its proportions.
PhotoBox size_of_controls(const PhotoRegion& region, const PhotoBox& within) {
  const auto pixels = static_cast<double>(region.pixels());
  const double scale =
      std::sqrt(pixels / static_cast<double>(region.box.width * region.box.height));
  const auto side = [](double length, int64_t most) {
    return std::clamp<int64_t>(std::llround(length), 1, most);
  };
  const int64_t width = side(static_cast<double>(region.box.width) * scale, within.width);
  return {0, 0, width, side(pixels / static_cast<double>(width), within.height)};
}

/// Photographs in batches, one after the other: they need not be there together.
class Verdicts {
 public:
  Verdicts(NetworkRunner& network, int64_t decision, const WhatIfOptions& options)
      : network_(network), decision_(decision), options_(options) {}

  void ask(Image image) {
    waiting_.push_back(std::move(image));
    if (std::ssize(waiting_) == network_.executor.batch()) run();
  }
  std::vector<Verdict> all() {
    if (!waiting_.empty()) run();
    return std::move(all_);
  }

 private:
  void run() {
    end_if_stopped(options_.stop);
    network_.forward(waiting_, Wanted::scores);
    for (int64_t i = 0; i < std::ssize(waiting_); ++i) {
      network_.require_finite(network_.last_run(), i, waiting_[i]);
      const int count = all_.empty() ? all_classes : 1;  // of the change, of a control
      all_.push_back(verdict_of(network_.scores(), i, decision_, count));
    }
    waiting_.clear();
    if (options_.after_batch) options_.after_batch(std::ssize(all_), 1 + options_.controls);
  }

  NetworkRunner& network_;
  int64_t decision_;
  const WhatIfOptions& options_;
  std::vector<Image> waiting_;
  std::vector<Verdict> all_;
};

}  // namespace

Verdict verdict_before(NetworkRunner& network, const Image& photo, const std::string& target) {
  const int64_t asked = asked_class(network.model, target);
  const ClassScore decision = choose(network, {&photo, 1}, asked).front();
  return verdict_of(network.scores(), 0, decision.index, all_classes);
}

WhatIf what_if_filled(NetworkRunner& network, const PixelFiller& filler, const PhotoRegion& region,
                      const WhatIfOptions& options, Verdict before) {
  const Image& image = filler.photo();
  Image changed = filler.filled(region);
  const PhotoBox seen = seen_of(image, network.model.preprocess());
  WhatIf result;
  result.seen = part_inside(region, seen);
  if (result.seen.box.width == 0) {
    throw UserError(joined("the network sees nothing of the region: of this photograph it sees ",
                           seen.width, " x ", seen.height, " pixels from ", seen.x, ",", seen.y,
                           " on"));
  }
  const PhotoBox size = size_of_controls(result.seen, seen);
  result.control_boxes =
      random_boxes(image, seen, size.width, size.height, options.controls, options.seed);
  result.before = std::move(before);
  Verdicts verdicts(network, result.before.decision.index, options);
  verdicts.ask(std::move(changed));
  for (const PhotoBox& box : result.control_boxes) verdicts.ask(filler.filled({box, {}}));
  result.controls = verdicts.all();
  result.after = std::move(result.controls.front());
  result.controls.erase(result.controls.begin());
  return result;
}

WhatIf Explainer::what_if(const PixelFiller& filler, const PhotoRegion& region,
                          const WhatIfOptions& options) {
  check_question(model(), options);
  impl_->require_none_begun();
  NetworkRunner& network = impl_->network;
  return what_if_filled(network, filler, region, options,
                        verdict_before(network, filler.photo(), options.target));
}

WhatIf Explainer::what_if(const Image& image, const PhotoRegion& region, RegionFill fill,
                          const WhatIfOptions& options) {
  return what_if(PixelFiller(image, fill), region, options);
}

}  // namespace hdecomp
