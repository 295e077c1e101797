/// Explainer: classifies photographs with a model and explains its decisions as trees of evidence.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/export.h"
#include "hdecomp/image.h"
#include "hdecomp/model.h"
#include "hdecomp/tree.h"

namespace hdecomp {

/// Which channels show the same (the paper's channel-effect overlaps): their activation maps,
/// thresholded to masks, overlap.
struct OverlapOptions {
  double iou = 0.9;             // intersection over union above which two are merged, 0 to 1
  double mask_threshold = 0.5;  // of each map's maximum: what lies above it is the mask; 0 to 1
};

struct ExplainOptions {
  std::string target;      // class index, WordNet id or name; the most probable class where empty
  int top = 3;             // N: supporting channels per decision, at least 1
  int depth = 0;           // levels below the class score; 0: all stage ends
  bool keep_maps = false;  // keep each node's activation map A (for pictures)
  bool guided = false;     // guided backpropagation of each node below the root to the image
  std::optional<OverlapOptions> overlaps = {};  // merge overlapping channels into one node
  int peaks = 1;  // of each channel at most; local maxima of A apart by a receptive field

  // Of one image alone: called with the tree as far as it is, first with the prediction (level 0),
  // then after each level. What it throws ends the work and comes out of explain().
  std::function<void(const Tree& so_far, int level)> after_level = {};
};

struct StepOptions {
  int top = 3;             // N, at least 1
  bool keep_maps = false;  // as in ExplainOptions
  bool guided = false;
  std::vector<int32_t> channels = {};  // if any: these of the lower layer in place of the top N
};

/// Where and how an explainer computes.
struct EngineOptions {
  std::string device;                 // "cpu", "cuda", "cuda:1"; empty: a GPU where there is one
  int threads = 0;                    // of the CPU; 0: every core
  int batch = 1;                      // most images that go through the network together
  std::string precision = "float32";  // or on a GPU "tf32", "bf16", "fp16"
  bool keep_last = false;             // the same image again, one at a time, skips the forward pass
};

/// The device taken where none is named: "cuda:0" if there is a usable GPU, else "cpu".
HDECOMP_API std::string default_device();
/// Every usable GPU: "cuda:0", "cuda:1", ...
HDECOMP_API std::vector<std::string> gpu_devices();

/// An image's explanation, or why it has none.
struct Explained {
  std::optional<Tree> tree;
  std::string error;  // one line; empty where there is a tree
};

/// One decision, one step: what `hdecomp decompose` prints.
struct DecisionStep {
  TreeNode decision;       // the decision with its step and, as children, the chosen channels
  std::string class_name;  // of a class score; empty for a feature
  Timings timings_ms;      // "forward", "step"
};

/// What an ablated channel is set to over its whole map: its mean on this image (the paper's), 0,
/// or its mean over a data set.
enum class AblationFill { mean, zero, data_set };
/// "mean", "zero" or "means": as JSON and results files name it.
HDECOMP_API std::string to_string(AblationFill fill);
class ChannelMeans;  // hdecomp/channel_means.h
/// How: a full run per channel, or the same inside the decision's receptive field alone.
enum class AblationMethod { fast, naive };

struct AblationOptions {
  AblationFill fill = AblationFill::mean;
  std::shared_ptr<const ChannelMeans> means = {};  // of this model: what data_set fills with
  AblationMethod method = AblationMethod::fast;
  int top = 3;                                  // N of the gAP step beside it
  std::optional<OverlapOptions> overlaps = {};  // ablate groups of overlapping channels, too
};

/// Channels that overlap, ablated together.
struct GroupDrop {
  std::vector<int32_t> channels;  // two or more, by falling contribution
  double drop = 0;                // with all of them filled
  double members_drop = 0;        // their own drops, added up
};

/// Exact ablation beside the gAP step that estimates it (Section 4.1): what `hdecomp ablate`
/// prints.
struct Ablation {
  DecisionStep gap;  // "ablation" is one of its timings
  AblationFill fill = AblationFill::mean;
  std::shared_ptr<const ChannelMeans> means;  // where the fill is data_set
  AblationMethod method = AblationMethod::fast;
  std::vector<float> drops;  // per channel of the lower layer: F - F with that channel filled

  std::vector<GroupDrop> groups;  // if asked for, by their first channel's contribution

  // Pearson's correlation of the drops with gAP's contributions (the paper's AA), peaks (MA), mean
  // gradients (AG) and largest gradients (MG). NaN where either is the same for all channels.
  double with_contribution = 0, with_peak = 0, with_mean_gradient = 0, with_max_gradient = 0;
};

/// Plans the model on a device; memory is taken once. One explainer per thread.
class HDECOMP_API Explainer {
 public:
  /// Throws UserError, one line, for a device, precision, thread count or batch that cannot be had.
  explicit Explainer(Model model, const EngineOptions& options = {});
  ~Explainer();
  Explainer(Explainer&&) noexcept;
  Explainer& operator=(Explainer&&) noexcept;

  const Model& model() const;
  /// "cpu", "cuda:0"
  std::string device() const;
  int batch() const;

  /// The `count` most probable classes, best first (ties to the lower index). `ms`, if given,
  /// receives the forward pass's milliseconds.
  std::vector<ClassScore> classify(const Image& image, int count = 5, double* ms = nullptr);

  /// The hierarchical decomposition (Section 3.2 of the paper): from the class score through all
  /// stage ends. Throws UserError if the class is unknown, its score not positive (Eq. 1 needs F >
  /// 0), or `top` or `depth` out of range.
  Tree explain(const Image& image, const ExplainOptions& options = {});

  /// The same for up to batch() images, which go through the network and down the levels together.
  /// Each gets exactly what explain() gives it alone. What is wrong with one image (a score that is
  /// not positive) stays with it; throws UserError for what holds for all of them, and Error for
  /// more images than batch().
  std::vector<Explained> explain_batch(std::span<const Image> images,
                                       const ExplainOptions& options = {});

  /// explain_batch() in two halves, for one batch after the other: a GPU works on the batches begun
  /// while the host reads photographs and puts the trees of the oldest together. The images must
  /// live until their batch is finished. begin_batch() throws as explain_batch() does and has begun
  /// nothing then; finish_batch() returns what explain_batch() would of the oldest batch begun, and
  /// throws Error if there is none.
  void begin_batch(std::span<const Image> images, const ExplainOptions& options = {});
  std::vector<Explained> finish_batch();

  /// Throws UserError if these options fit no image at all: an unknown class, `top` or `depth` out
  /// of range.
  void check(const ExplainOptions& options) const;

  /// One gAP step. `from`: "LAYER:CHANNEL@Y,X", "LAYER:CHANNEL" where the map is 1 x 1, or
  /// "class:NAME"; `to`: any layer below, "input" included. Throws UserError for unknown names, a
  /// position outside the map, a value that is not positive, or a `to` that is not below `from`.
  DecisionStep decompose(const Image& image, const std::string& from, const std::string& to,
                         int top = 3, bool keep_maps = false, bool guided = false);

  /// The same; with StepOptions::channels the children are those channels, in that order. Throws
  /// UserError too for a channel that is not there or named twice, or that has no peak (no A above
  /// 0).
  DecisionStep decompose(const Image& image, const std::string& from, const std::string& to,
                         const StepOptions& options);

  /// The drop of a decision for every channel of a lower layer when that channel is filled, and the
  /// gAP step beside it. `from` and `to` as in decompose(); an empty `to` is the stage below.
  /// Throws what decompose() throws, and UserError where no stage is below.
  Ablation ablate(const Image& image, const std::string& from, const std::string& to = {},
                  const AblationOptions& options = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The tree as `tree.json` holds it (tools/TREE_JSON.md): one JSON object, versioned. `indent`:
/// spaces per level, -1 for one line.
HDECOMP_API std::string to_json(const Tree& tree, int indent = -1);
HDECOMP_API std::string to_json(const DecisionStep& step, int indent = -1);
HDECOMP_API std::string to_json(const Ablation& ablation, int indent = -1);

/// Draws activation maps over one photograph as the network sees it: the maps in jet colours, each
/// one's peak as a dot. Drawing from several threads at once is safe.
class HDECOMP_API EvidencePainter {
 public:
  /// Pictures are side x side pixels.
  EvidencePainter(const Image& photo, const Model& model, int64_t side = 224);

  /// `node` must keep its map (ExplainOptions::keep_maps); `parent` is the decomposition it comes
  /// from. Throws Error if there is no map.
  Image draw(const TreeNode& node, const Decomposition& parent) const;

  /// The photograph alone, as the pictures show it.
  const Image& view() const { return view_; }

 private:
  Image view_;
};

/// The whole pyramid as one picture (the paper's Fig. 5): the photograph, a row of maps per level,
/// lines to the parents as strong as the share. Nodes must keep their maps (keep_maps), else throws
/// Error.
HDECOMP_API Image draw_pyramid(const Tree& tree, const Image& photo, const Model& model);

/// The node's guided backpropagation in colour: 0 is mid grey, the largest magnitude black or
/// white; enlarged by a whole factor to 112 pixels or more on the larger side. `node` must have it
/// (ExplainOptions::guided), else throws Error.
HDECOMP_API Image draw_guided(const TreeNode& node);

}  // namespace hdecomp
