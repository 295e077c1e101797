/// What a network says of a photograph when part of it is filled or channels are switched off, and
/// when as much is done to parts and channels of chance.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "hdecomp/ablation_fill.h"
#include "hdecomp/class_score.h"
#include "hdecomp/filled_layer.h"
#include "hdecomp/region.h"
#include "hdecomp/tree.h"

namespace hdecomp {

/// What is said of the class in question and of the others.
struct Verdict {
  ClassScore decision;
  std::vector<ClassScore> top;  // best first: all classes; of a control the most probable alone

  /// The most probable class.
  const ClassScore& predicted() const { return top.front(); }
};

struct WhatIfOptions {
  std::string target = {};  // the class in question, as ExplainOptions::target
  int controls = 20;        // changes of chance
  uint64_t seed = 0;        // of those, with the photograph's pixels

  // Called after each batch with how many changes the network has seen, the one in question
  // included. What it throws ends the work and comes out of what_if().
  std::function<void(int64_t done, int64_t of)> after_batch = {};
  std::stop_token stop = {};  // looked at before each batch, as ExplainOptions::stop
};

/// What is said without the change, with it, and with changes of chance of the same size.
struct WhatIf {
  Verdict before, after;
  std::vector<Verdict> controls;
  PhotoRegion seen;                     // of a region: the part that the network sees
  std::vector<PhotoBox> control_boxes;  // of a region
  std::vector<FilledLayer> off;         // of channels: them, with their values
  std::vector<std::vector<FilledLayer>> control_channels;  // of channels, for each control
};

/// How changes of chance did, in numbers.
struct ControlSummary {
  int64_t controls = 0, class_changes = 0;  // another class is predicted than before
  double mean_change = 0, least_change = 0, most_change = 0;  // of the decision's probability
  double mean_score_change = 0;
  // After which the decision's score is as low as after the change, or lower; as high, or higher.
  int64_t as_low = 0, as_high = 0;
};
HDECOMP_API ControlSummary summary_of(const WhatIf& result);

/// The pixels that the network sees under the cells of an activation map above `threshold` times
/// its maximum. Empty where it lies over no pixel's centre.
HDECOMP_API PhotoRegion region_of_map(const Image& photo, const Preprocess& rule,
                                      const ActivationMap& map, double threshold);

/// The decision's tree node whose channel is in question, as a person writes it: "LAYER:CHANNEL" or
/// "LAYER:CHANNEL@Y,X". Throws UserError that names --at for another form.
struct NodeName {
  std::string layer;
  int64_t channel = 0;
  bool has_place = false;
  int64_t y = 0, x = 0;
};
HDECOMP_API NodeName node_name(const std::string& spelling);

/// "conv4_3:330,12,conv5_3:7": a channel without a layer is of the one before it. Throws UserError
/// that names --off for another form and for a channel that is named twice.
HDECOMP_API std::vector<FilledLayer> channels_off(const std::string& spelling);

/// "x,y,width,height" in the photograph's pixels. Throws UserError that names --box for another
/// form, an empty box, and one that is not inside a photograph of this size.
HDECOMP_API PhotoBox photo_box(const std::string& spelling, const Image& photo);

}  // namespace hdecomp
