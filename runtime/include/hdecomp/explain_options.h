/// What a tree of evidence, or one step of it, is asked for with.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "hdecomp/tree.h"

namespace hdecomp {

/// Which channels show the same (the paper's channel-effect overlaps): their activation maps,
/// thresholded to masks, overlap.
struct OverlapOptions {
  double iou = 0.9;             // intersection over union above which two are merged, 0 to 1
  double mask_threshold = 0.5;  // of each map's maximum: what lies above it is the mask; 0 to 1
};

struct ExplainOptions {
  std::string target = {};  // class index, WordNet id or name; the most probable class where empty
  int top = 3;              // N: supporting channels per decision, at least 1
  int depth = 0;            // levels below the class score; 0: all stage ends
  bool keep_maps = false;   // keep each node's activation map A (for pictures)
  bool guided = false;      // guided backpropagation of each node below the root to the image
  std::optional<OverlapOptions> overlaps = {};  // merge overlapping channels into one node
  bool surrogate = false;  // of every level TreeLevel::surrogate: a part of a forward pass each
  int peaks = 1;           // of each channel at most; local maxima of A apart by a receptive field
  BaselineChoice baseline = {};
  std::shared_ptr<const ChannelConcepts> concepts = {};  // of this model: the tree keeps them
  // A neuron that the tree begins with in place of a class, as decompose() takes it:
  // "conv4_3:330@7,6". The levels are the stages below it.
  std::string from = {};
  double cover = 0;  // as in StepOptions, for every decision

  // Looked at before the network runs, before each level, surrogate and image's guided pictures:
  // the call throws Stopped (hdecomp/stopped.h) once it asks for it.
  std::stop_token stop = {};

  // Of one image alone: called with the tree as far as it is, first with the prediction (level 0),
  // then after each level. What it throws ends the work and comes out of explain().
  std::function<void(const Tree& so_far, int level)> after_level = {};
};

struct StepOptions {
  int top = 3;             // N, at least 1
  bool keep_maps = false;  // as in ExplainOptions
  bool guided = false;
  std::vector<int32_t> channels = {};  // if any: these of the lower layer in place of the top N
  // `channels` are to be shown as evidence against the decision: their places are where A is
  // lowest, and they need no A above 0. Such nodes are no decisions to go on from.
  bool against = false;
  BaselineChoice baseline = {};
  // Above 0: as few channels, the largest first, as reach this share of the positive evidence (at
  // most 1), and N of them at most. 0: N channels.
  double cover = 0;
  // Looked at before the network runs, the step and the guided pictures, as ExplainOptions::stop.
  std::stop_token stop = {};
};

}  // namespace hdecomp
