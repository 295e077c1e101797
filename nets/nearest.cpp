/// Edit distance (optimal string alignment: Levenshtein's with neighbours exchanged) over candidate
/// names.
#include "hdecomp/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "hdecomp/choice.h"
#include "nets/lower.h"

namespace hdecomp {
namespace {

bool is_same(char a, char b) { return ascii_lower(a) == ascii_lower(b); }

size_t edit_distance(std::string_view a, std::string_view b) {
  // Row i: from the first i letters of a to those of b; `older` is row i - 2.
  std::vector<size_t> older, above, row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    older = std::exchange(above, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = above[j - 1] + (is_same(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
      const bool exchanged =
          i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]);
      if (exchanged) row[j] = std::min(row[j], older[j - 2] + 1);
    }
  }
  return row[b.size()];
}

/// At most a third of the letters differ; or half, of two names that begin with the same half:
/// "mask" and "masking", not "concepts" and "controls".
bool is_near(std::string_view a, std::string_view b, size_t distance) {
  const size_t length = std::max(a.size(), b.size());
  const size_t alike = static_cast<size_t>(std::ranges::mismatch(a, b, is_same).in1 - a.begin());
  return 3 * distance <= length || (2 * distance <= length && 2 * alike >= length);
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  name = name.substr(0, 100);  // a hostile name costs no more than a long one
  std::string best;
  size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(name, candidate);
    if (is_near(name, candidate, distance) && (best.empty() || distance < best_distance)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = nearest_name(name, candidates);
  return nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
}

std::string did_you_mean_or_one_of(std::string_view name,
                                   const std::vector<std::string>& candidates) {
  const std::string meant = did_you_mean(name, candidates);
  return meant.empty() ? "; give one of " + listed(candidates) : meant;
}

}  // namespace hdecomp
