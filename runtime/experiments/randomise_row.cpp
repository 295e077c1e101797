/// The fields in their order, and how maps are compared.
#include "runtime/experiments/randomise_row.h"

#include <cmath>

#include "runtime/experiments/map_similarity.h"

namespace hdecomp {
namespace {

constexpr int64_t control_count = std::ssize(randomise_controls);

}  // namespace

std::vector<ResultField> RandomiseRow::fields(int64_t methods, int64_t steps) {
  return {{"absolute", {methods, steps}},
          {"signed", {methods, steps}},
          {"ssim", {methods, steps}},
          {"undefined", {methods, steps}, true},
          {"control_absolute", {methods, control_count}},
          {"control_signed", {methods, control_count}},
          {"emprt", {methods}},
          {"score", {steps}}};
}

void RandomiseRow::put_step(int64_t method, int64_t step, const SummedMap& before,
                            const SaliencyMap& after) {
  const int64_t at = method * steps_ + step;
  const SummedMap now(after);
  const double correlation = rank_correlation(before.size_ranks, now.size_ranks);
  row_.set(absolute, at, correlation);
  row_.set(with_sign, at, rank_correlation(before.sign_ranks, now.sign_ranks));
  row_.set(structure, at, ssim(before.size, now.size, after.height, after.width, 1));
  row_.set(undefined, at, std::isnan(correlation) ? 1 : 0);
  if (step + 1 < steps_) return;
  row_.set(emprt, method, histogram_entropy(now.size) / histogram_entropy(before.size) - 1);
}

void RandomiseRow::put_score(int64_t step, double value) { row_.set(score, step, value); }

void RandomiseRow::put_control(int64_t method, int64_t control, const SummedMap& map,
                               std::span<const double> sign_ranks,
                               std::span<const double> size_ranks) {
  const int64_t at = method * control_count + control;
  row_.set(controls, at, rank_correlation(map.size_ranks, size_ranks));
  row_.set(signed_controls, at, rank_correlation(map.sign_ranks, sign_ranks));
}

}  // namespace hdecomp
