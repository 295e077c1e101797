/// What an explanation is: one gAP step (Decomposition) and the tree of evidence (Tree), plain
/// data.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hdecomp/shared_list.h"

namespace hdecomp {

/// One gAP step: a decision's support in a lower layer. Every list has one entry per channel of it.
struct Decomposition {
  std::string layer;  // the lower layer, as `hdecomp layers` names it
  int64_t height = 0, width = 0;

  SharedList<float> contribution;  // Eq. 4: alpha = (1 / Z) * sum of A, Z = height * width
  SharedList<float> peak;          // the maximum of A = G * F; 0 where no A is positive
  SharedList<int32_t> position;    // Eq. 5: y * width + x of that maximum, -1 where there is none
  SharedList<float> mean_gradient, max_gradient;  // of G over the map (the paper's AG, MG)

  SharedList<int32_t> chosen;  // the top-N channels: alpha > 0, falling, ties to the lower channel

  double value = 0;     // F of the decision (a class score, or a feature)
  double positive = 0;  // sum of the positive alphas
  double total = 0;     // sum of A over the whole layer; value - total is the part of the biases
  double chosen_of_positive = 0;  // share of `positive` that the chosen channels cover, 0 to 1
  double chosen_of_value = 0;     // sum of A over the chosen channels, over `value`

  // With several peaks per channel: A at the chosen channels' highest peaks, and at all their
  // others, over the sum of their positive A.
  double first_peaks = 0, extra_peaks = 0;
};

/// Guided backpropagation of a feature to the image (Springenberg et al. 2015; the paper's Fig. 4).
struct GuidedCrop {
  int64_t y = 0, x = 0, height = 0, width = 0;  // the feature's receptive field inside the
                                                // network's input, in its pixels
  std::vector<float> gradient;                  // (3, height, width); 0 outside it
};

/// One piece of evidence: a feature F(channel, y, x) that supports its parent's decision.
struct TreeNode {
  std::string layer;
  int64_t channel = 0, y = 0, x = 0;  // x, y: Eq. 5, in the layer's own map
  double contribution = 0;            // alpha, Eq. 4
  double share = 0;                   // contribution over the parent's positive sum, 0 to 1
  double peak = 0;                    // the maximum of A
  double value = 0;                   // F(channel, y, x)
  std::vector<int32_t> members;       // channels that it overlaps and stands for, too
  int extra_peak =
      0;  // 1, 2, ...: a lower peak of the channel before it; contribution: A / Z there

  std::shared_ptr<const std::vector<float>>
      map;              // A, (height, width) of the layer; null if not kept
  std::string picture;  // file name of its drawing, if the program made one; copied into the JSON
  std::shared_ptr<const GuidedCrop> guided;   // null if not asked for, at the root and in "input"
  std::string guided_picture;                 // as `picture`, of `guided`
  std::shared_ptr<const Decomposition> step;  // its own decomposition; null at the last level
  std::vector<TreeNode> children;             // by falling contribution
};

struct ClassScore {
  int64_t index = 0;
  std::string name, wnid;
  float score = 0;        // before softmax
  float probability = 0;  // after
};

/// Milliseconds by what they were spent on: "forward", "tree"; programs may add their own
/// ("decode").
using Timings = std::map<std::string, double>;

/// The explanation of a class score. The root is that decision: layer "scores", channel the class
/// index.
struct Tree {
  ClassScore decision;
  std::vector<ClassScore> top;      // the five most probable classes
  std::vector<std::string> layers;  // the levels below the root: stage ends, last stage first
  TreeNode root;
  int64_t decompositions = 0;  // gAP steps computed; a neuron met twice is computed once
  Timings timings_ms;
};

/// One decision, one step: what `hdecomp decompose` prints.
struct DecisionStep {
  TreeNode decision;       // the decision with its step and, as children, the chosen channels
  std::string class_name;  // of a class score; empty for a feature
  Timings timings_ms;      // "forward", "step"
};

}  // namespace hdecomp
