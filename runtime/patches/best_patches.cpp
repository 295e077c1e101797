/// The bounded best: a short falling list per channel.
#include <algorithm>

#include "hdecomp/patches.h"

namespace hdecomp {
namespace {

/// Whether `a` comes before `b`: a total order over the images, so that it does not matter in which
/// order they come.
bool before(const Patch& a, const Patch& b) {
  return a.value != b.value ? a.value > b.value : a.image < b.image;
}

}  // namespace

bool BestPatches::takes(int64_t channel, const Patch& patch) const {
  if (!(patch.value > 0)) return false;
  const std::vector<Patch>& best = of_[channel];
  // Where the list is full this settles nearly all: before its own there is before the last, too.
  if (std::ssize(best) >= keep_ && !before(patch, best.back())) return false;
  const auto same = std::ranges::find(best, patch.image, &Patch::image);
  return same == best.end() || before(patch, *same);
}

bool BestPatches::add(int64_t channel, Patch patch) {
  if (!takes(channel, patch)) return false;
  std::vector<Patch>& best = of_[channel];
  const auto same = std::ranges::find(best, patch.image, &Patch::image);
  if (same != best.end()) {
    best.erase(same);
  } else if (std::ssize(best) == keep_) {
    best.pop_back();
  }
  best.insert(std::ranges::upper_bound(best, patch, before), std::move(patch));
  return true;
}

}  // namespace hdecomp
