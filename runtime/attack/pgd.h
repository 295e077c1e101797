/// PGD in the L-infinity ball (Madry et al. 2018), many images at once.
#pragma once

#include <span>
#include <vector>

#include "hdecomp/attack.h"
#include "hdecomp/model.h"
#include "runtime/saliency/saliency_net.h"

namespace hdecomp {

/// A photograph's attack: away from class `own`, or, where `aim` is none of -1, towards that.
struct PgdClasses {
  int64_t own = 0, aim = -1;

  bool has_aim() const { return aim >= 0; }
  int64_t asked() const { return has_aim() ? aim : own; }
  /// The cross entropy of the class asked for, of these scores.
  double loss(const Model& model, std::span<const float> scores) const;
};

struct PgdResult {
  std::vector<float> planes;  // (3, h, w), 0 to 1
  std::vector<float> start;   // the photograph's own, likewise, if they are to be kept
  double distance = 0;        // max |x - x0|
};

/// Throws UserError for the options, and for a class that is its own aim.
void check_attack(const AttackOptions& options, int64_t own, int64_t aim);

/// x <- clamp(x +- step * sign(dL/dx)), clamped to x0 +- eps and to [0, 1], from a random start or
/// x0. L is -log of the class's probability. Up to the executor's batch of photographs and as
/// many classes. The features are others afterwards; `ran`: before they are the photographs', from
/// which a first step that begins there goes down. Of several restarts the best loss is taken. Each
/// gets what it gets alone.
std::vector<PgdResult> pgd(SaliencyNet& net, const Model& model, std::span<const Image> photos,
                           std::span<const PgdClasses> classes, const AttackOptions& options,
                           bool keep_start, bool ran);

}  // namespace hdecomp
