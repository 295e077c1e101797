/// What an image's row of randomise holds.
#pragma once

#include "runtime/experiments/image_measure.h"
#include "runtime/experiments/summed_maps.h"

namespace hdecomp {

/// Numbers by method and by step, or by method and control.
class RandomiseRow {
 public:
  static std::vector<ResultField> fields(int64_t methods, int64_t steps);

  RandomiseRow(int64_t methods, int64_t steps) : steps_(steps), row_(fields(methods, steps)) {}
  /// A method's map of the network as it is, and after a step.
  void put_step(int64_t method, int64_t step, const SummedMap& before, const SaliencyMap& after);
  /// Of the class before, after a step.
  void put_score(int64_t step, double value);
  /// A method's map against what it must not be like, by its ranks with and without signs.
  void put_control(int64_t method, int64_t control, const SummedMap& map,
                   std::span<const double> sign_ranks, std::span<const double> size_ranks);
  std::vector<float> take() { return row_.take(); }

 private:
  /// In fields()' order.
  enum Field : size_t {
    absolute,
    with_sign,
    structure,
    undefined,
    controls,
    signed_controls,
    emprt,
    score
  };

  int64_t steps_;
  FieldRow row_;
};

}  // namespace hdecomp
