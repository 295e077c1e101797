/// What an image's row of what-ifs holds.
#pragma once

#include "runtime/experiments/image_measure.h"
#include "runtime/explain/what_if_verdicts.h"

namespace hdecomp {

/// Labels are -1 where there is none.
class WhatIfsRow {
 public:
  static std::vector<ResultField> fields();

  WhatIfsRow() : row_(fields()) {}
  /// Of the image as it is, and the class in question.
  void put_before(const Verdict& says, int32_t label);
  /// By which it is changed.
  void put_channel(int32_t number);
  void put_after(const Verdict& says, int32_t label);
  /// Of the pixels that the network sees.
  void put_filled(double share);
  /// Of the changes by chance.
  void put_chance(const WhatIf& says, int32_t label);
  std::vector<float> take() { return row_.take(); }

 private:
  /// In fields()' order.
  enum Field : size_t {
    decision_class,
    channel,
    predicted,
    correct,
    probability,
    score,
    label_probability,
    filled,
    control_changes,
    control_correct,
    control_probability,
    control_score,
    control_as_low
  };

  /// Of the image as it is (0), or changed (1).
  void put_verdict(int64_t at, const Verdict& says, int32_t label);

  FieldRow row_;
};

}  // namespace hdecomp
