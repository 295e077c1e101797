/// The fields in their order, and what goes into them.
#include "runtime/experiments/what_ifs_row.h"

#include <algorithm>

#include "hdecomp/experiment.h"

namespace hdecomp {

std::vector<ResultField> WhatIfsRow::fields() {
  namespace names = what_ifs_fields;
  return {{names::decision_class, {1}},      {names::channel, {1}},
          {names::predicted, {2}},           {names::correct, {2}},
          {names::probability, {2}},         {names::score, {2}},
          {names::label_probability, {2}},   {names::filled, {1}},
          {names::control_changes, {1}},     {names::control_correct, {1}},
          {names::control_probability, {1}}, {names::control_score, {1}},
          {names::control_as_low, {1}}};
}

void WhatIfsRow::put_before(const Verdict& says, int32_t label) {
  row_.set(decision_class, 0, static_cast<double>(says.decision.index));
  put_verdict(0, says, label);
}

void WhatIfsRow::put_channel(int32_t number) { row_.set(channel, 0, number); }

void WhatIfsRow::put_after(const Verdict& says, int32_t label) { put_verdict(1, says, label); }

void WhatIfsRow::put_filled(double share) { row_.set(filled, 0, share); }

void WhatIfsRow::put_chance(const WhatIf& says, int32_t label) {
  const ControlSummary chance = summary_of(says);
  const auto count = static_cast<double>(chance.controls);
  if (count == 0) return;
  double right = 0, sum = 0, scores = 0;
  for (const Verdict& control : says.controls) {
    right += control.predicted().index == label ? 1 : 0;
    sum += control.decision.probability;
    scores += control.decision.score;
  }
  row_.set(control_changes, 0, static_cast<double>(chance.class_changes) / count);
  if (label >= 0) row_.set(control_correct, 0, right / count);
  row_.set(control_probability, 0, sum / count);
  row_.set(control_score, 0, scores / count);
  row_.set(control_as_low, 0, static_cast<double>(chance.as_low) / count);
}

void WhatIfsRow::put_verdict(int64_t at, const Verdict& says, int32_t label) {
  row_.set(predicted, at, static_cast<double>(says.predicted().index));
  row_.set(probability, at, says.decision.probability);
  row_.set(score, at, says.decision.score);
  if (label < 0) return;
  row_.set(correct, at, says.predicted().index == label ? 1 : 0);
  const auto own = std::ranges::find(says.top, int64_t{label}, &ClassScore::index);
  row_.set(label_probability, at, own->probability);
}

}  // namespace hdecomp
