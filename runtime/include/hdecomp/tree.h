/// What an explanation is: one gAP step (Decomposition) and the tree of evidence (Tree), plain
/// data. A decision that the tree meets in several places is held once: their nodes share its step.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/class_score.h"
#include "hdecomp/export.h"
#include "hdecomp/shared_list.h"

namespace hdecomp {

struct TreeNode;
class ChannelMeans;     // hdecomp/channel_means.h
class ChannelConcepts;  // hdecomp/channel_concepts.h

/// What a channel's features are counted from: A = G * (F - b). With b = 0, the paper's, this is
/// Eq. 3; else b is the channel's mean over its map on this image, or its mean over a data set. A
/// feature at its baseline contributes nothing.
enum class Baseline { zero, mean, data_set };
/// "zero", "mean" or "means": as JSON names it.
HDECOMP_API std::string to_string(Baseline baseline);
/// Which one, and the means where it is data_set, of this model.
struct BaselineChoice {
  Baseline baseline = Baseline::zero;
  std::shared_ptr<const ChannelMeans> means = {};
};

/// One gAP step: a decision's support in a lower layer. Every list has one entry per channel of it.
struct Decomposition {
  std::string layer;  // the lower layer, as `hdecomp layers` names it
  int64_t height = 0, width = 0;

  SharedList<float> contribution;  // Eq. 4: alpha = (1 / Z) * sum of A, Z = height * width
  SharedList<float> peak;          // the maximum of A = G * F; 0 where no A is positive
  SharedList<int32_t> position;    // Eq. 5: y * width + x of that maximum, -1 where there is none
  SharedList<float> mean_gradient, max_gradient;  // of G over the map (the paper's AG, MG)

  // The top-N channels: alpha > 0, falling, ties to the lower channel; or those asked for, in their
  // order, whatever their alpha.
  SharedList<int32_t> chosen;

  double value = 0;     // F of the decision (a class score, or a feature)
  double positive = 0;  // sum of the positive alphas
  // Sum of A over the whole layer; value - total is the part of the biases. With another baseline
  // than 0, value - total is to first order the decision with every channel at its baseline.
  double total = 0;
  // Share of `positive` that the chosen channels cover: 0 to 1 of a top N.
  double chosen_of_positive = 0;
  double chosen_of_value = 0;  // sum of A over the chosen channels, over `value`

  // With several peaks per channel: A at the chosen channels' highest peaks, and at all their
  // others, over the sum of their positive A.
  double first_peaks = 0, extra_peaks = 0;

  // The chosen channels, in order; each one's highest peak before its others.
  std::vector<TreeNode> evidence;
};

/// An activation map A = G * F (Eq. 3): the smallest rectangle outside which it is 0, as it is
/// outside the decision's receptive field.
struct HDECOMP_API ActivationMap {
  ActivationMap() = default;
  /// Keeps what is needed of a whole map, (height, width).
  ActivationMap(std::span<const float> whole, int64_t height, int64_t width);

  /// The whole map, (height, width).
  std::vector<float> whole() const;
  /// A at a place of the whole map.
  float at(int64_t y, int64_t x) const;
  /// The cells, y * width + x, of its mask: where A is above `threshold` (0 to 1) of its maximum,
  /// and above 0.
  std::vector<int64_t> mask(double threshold) const;

  int64_t height = 0, width = 0;  // of the layer's map
  int64_t top = 0, left = 0, rows = 0, columns = 0;
  std::vector<float> values;  // (rows, columns)
};

/// Guided backpropagation of a feature to the image (Springenberg et al. 2015; the paper's Fig. 4).
struct GuidedCrop {
  // The feature's receptive field inside the network's input, in its pixels.
  int64_t y = 0, x = 0, height = 0, width = 0;
  std::vector<float> gradient;  // (3, height, width); 0 outside it
};

/// One piece of evidence: a feature F(channel, y, x) that supports its parent's decision. What it
/// is to that decision stands here and is the same wherever the tree meets the parent; what it
/// decomposes into is its `step`, which all nodes of this feature share.
struct TreeNode {
  std::string layer;
  int64_t channel = 0, y = 0, x = 0;  // x, y: Eq. 5, in the layer's own map
  double contribution = 0;            // alpha, Eq. 4
  // Contribution over the parent's positive sum: 0 to 1 of the chosen ones; below 0, or 0 where
  // that sum is 0, of a channel that was asked for by hand and does not support the decision.
  double share = 0;
  double peak = 0;               // the maximum of A
  double value = 0;              // F(channel, y, x)
  std::vector<int32_t> members;  // channels that it overlaps and stands for, too
  // 1, 2, ...: a lower peak of the channel before it; its contribution is A / Z there.
  int extra_peak = 0;

  std::shared_ptr<const ActivationMap> map;   // A; null if not kept
  std::shared_ptr<const GuidedCrop> guided;   // null if not asked for, at the root and in "input"
  std::shared_ptr<const Decomposition> step;  // its own decomposition; null at the last level

  /// The evidence that its own step chose, in its order; none without a step.
  const std::vector<TreeNode>& children() const {
    static const std::vector<TreeNode> none;
    return step ? step->evidence : none;
  }
};

/// "conv5_3:70@3,3": a node's feature, as Explainer::decompose takes it and JSON names its step; of
/// the root "scores:36@0,0".
HDECOMP_API std::string place_of(const TreeNode& node);
/// Of such a place what Explainer::decompose takes, a class score's too: "scores:36@0,0" is
/// "class:index:36".
HDECOMP_API std::string decision_of(const std::string& place);

/// A step of a tree and where the tree meets it first.
struct TreeStep {
  const TreeNode* decision = nullptr;  // has the step
  std::string path;  // "0.2": the third child of the root's first child; empty at the root
};

/// The distinct steps from `root` down, level by level.
HDECOMP_API std::vector<TreeStep> distinct_steps(const TreeNode& root);

/// Milliseconds by what they were spent on: "forward", "tree"; programs may add their own
/// ("decode").
using Timings = std::map<std::string, double>;

/// The network with the channels that a tree chose in one stage alone: all others of that stage are
/// 0 over their whole maps, whatever the tree's baseline; the other stages are as they come out.
struct StageSurrogate {
  ClassScore decision;     // its most probable class
  bool same = false;       // that is the class that the tree explains
  double probability = 0;  // it gives that class
};

/// What a level of a tree holds of its decision.
struct TreeLevel {
  std::string layer;
  int64_t channels = 0;  // distinct ones of its nodes, with those that merged ones stand for
  // The share of the decision's positive evidence that reaches this level through chosen neurons,
  // 0 to 1: the sum over the level's nodes of the product of the shares down to each,
  //   reach_l = sum over n_l of s(n_1) s(n_2) ... s(n_l),
  // s(n) = a(n) / (the sum of its step's positive alphas), a(n) the alpha of the node's channel, or
  // the sum of those that it stands for; of several peaks, each one's part of a(n) as A is there.
  // What a channel has is taken to stand at its peaks, from which the tree goes on.
  double reach = 0;
  std::optional<StageSurrogate> surrogate = {};  // if asked for
};

/// Down from a root, level by level, without surrogates; none where nothing was chosen.
HDECOMP_API std::vector<TreeLevel> levels_below(const TreeNode& root);

/// The explanation of a class score, or of a feature. The root is that decision: layer "scores",
/// channel the class index; or the feature's own.
struct Tree {
  /// Whether it is a class; a feature as the decision has its place as the name, F as the score,
  /// index -1 and no probability.
  bool of_class() const { return decision.index >= 0; }

  ClassScore decision;
  std::vector<ClassScore> top;      // the five most probable classes
  std::vector<std::string> layers;  // the levels below the root: stage ends, last stage first
  BaselineChoice baseline;          // of every step
  std::shared_ptr<const ChannelConcepts> concepts;  // names of channels; null without
  TreeNode root;
  std::vector<TreeLevel> levels;  // those of `layers` that have a node
  int64_t decompositions = 0;     // gAP steps computed; a neuron met twice is computed once
  Timings timings_ms;
};

/// One decision, one step: what `hdecomp decompose` prints.
struct DecisionStep {
  TreeNode decision;       // the decision with its step and, as children, the chosen channels
  std::string class_name;  // of a class score; empty for a feature
  BaselineChoice baseline;
  Timings timings_ms;  // "forward", "step"
};

}  // namespace hdecomp
