/// Experiment: the paper's Section 4.1 on many images, measured image by image into the rows of a
/// ResultsFile.
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "hdecomp/attack.h"
#include "hdecomp/decode_ahead.h"
#include "hdecomp/explainer.h"
#include "hdecomp/ranks.h"
#include "hdecomp/region_labels.h"
#include "hdecomp/results_file.h"
#include "hdecomp/what_if.h"

namespace hdecomp {

enum class ExperimentKind {
  pcc,           // Table 1: correlation of the drops with mean and maximum of A and of G
  masking,       // Fig. 6: change of the decision when the top k and the last k channels are masked
  distribution,  // Fig. 7: sorted contributions and drops, activated and overlapping channels
  sparse,        // Fig. 9: the network with the channels of the top-k tree alone
  importance,    // Fig. 10: the network without the most important channels of a stage
  randomise,     // Fig. 8: maps of the network against those of one with other weights
  discriminate,  // Fig. 15: of how few classes the channels of each stage are
  attack,        // Fig. 12: the features' peaks before and after an attack
  context,       // Fig. 13 and 14: what the activation maps lie on
  class_graph,   // the trees of all images of a class added up
  what_ifs,      // Fig. 11: without what a node looks at, or with channels off
};
/// The verbs of the kinds, in their order, and last that of randomise with another model.
inline constexpr const char* experiment_names[] = {
    "pcc",          "masking", "distribution", "sparse",      "importance", "randomise",
    "discriminate", "attack",  "context",      "class-graph", "what-ifs",   "compare-models"};
inline constexpr size_t compare_models_verb = std::size(experiment_names) - 1;

/// In which order weights are drawn anew: each layer with all above it, with all below it, or
/// alone.
enum class RandomiseOrder { top_down, bottom_up, independent };
inline constexpr const char* randomise_orders[] = {"top-down", "bottom-up", "independent"};
/// What is drawn at a time. A shortcut's convolution goes with its block's last layer.
enum class RandomiseUnit { layer, block };
inline constexpr const char* randomise_units[] = {"layer", "block"};
/// He et al. 2015 with biases 0; the layer's own numbers in another order; torch.nn's uniform ones.
enum class RandomiseDraw { he, permute, torch };
inline constexpr const char* randomise_draws[] = {"he", "permute", "torch"};

/// By what sparse ranks the channels of a tree's decisions.
enum class SparseRanking { contribution, magnitude };
inline constexpr const char* sparse_rankings[] = {"contribution", "magnitude"};

/// How discriminate counts: every decision that chooses a channel, or every image at most once.
enum class DiscriminateCount { decision, image };
inline constexpr const char* discriminate_counts[] = {"decision", "image"};

/// What what-ifs changes in each image: pixels, which a channel looks at, or channels.
struct ChangeOptions {
  // LAYER:CHANNEL, as evidence of the class itself; top: the channel of the last stage that
  // supports it most.
  std::string at = "top";
  std::string off = {};  // in place of pixels: LAYER:CHANNEL,..., or top
  bool field = false;    // of pixels: the receptive field of A's peak; else where A's mask lies
  RegionFill pixels = RegionFill::grey;
  int controls = 20;      // boxes, or other channels, of chance
  bool failures = false;  // an image whose most probable class is its label is left as it is
};

struct ExperimentOptions {
  ExperimentKind kind = ExperimentKind::pcc;
  std::string target = {};     // as ExplainOptions::target, or "label": each image's own
  int top = 3;                 // N of the tree; of sparse the largest k of 1, 2, 4, ...
  bool all_decisions = false;  // every decision of the tree; else those of the top-1 path alone
  AblationFill fill = AblationFill::mean;
  std::shared_ptr<const ChannelMeans> means = {};  // of this model: what data_set fills with
  AblationMethod method = AblationMethod::fast;
  OverlapOptions overlaps = {};  // of distribution; context's mask
  bool merge = false;  // of class_graph: overlapping channels into one node, by `overlaps`
  int peaks = 2;       // of each channel at most, there
  uint64_t seed = 0;   // of random channels, weights and noise
  int steps = 50;      // of importance's path
  SparseRanking ranking = SparseRanking::contribution;  // of sparse

  // Of discriminate; the last two are of its tables alone:
  DiscriminateCount count = DiscriminateCount::decision;
  int min_count = 10;  // a channel that is chosen less often has no D in the means
  int shuffles = 10;   // orders of the labels, by the seed, for the chance level

  AttackOptions attack = {};  // of attack; the class is `target` above

  ChangeOptions change = {};  // of what_ifs; channels are set to `fill`, masks are by `overlaps`

  // Of context:
  std::optional<RegionLabels> regions = {};
  int depth = 2;  // stages to go down; of class_graph, too, where 0 is all

  // Of randomise:
  std::vector<SaliencyMethod> methods = {SaliencyMethod::gradient, SaliencyMethod::smoothgrad,
                                         SaliencyMethod::guided,
                                         SaliencyMethod::integrated_gradients, SaliencyMethod::gap};
  RandomiseOrder order = RandomiseOrder::top_down;
  RandomiseUnit unit = RandomiseUnit::layer;
  RandomiseDraw draw = RandomiseDraw::he;
  bool own_target = false;  // the class that the changed network finds most probable; else the same
  int samples = 50;         // as of saliency
  std::vector<int> tops = {3};  // N of gap's tree, a map each; in place of `top`
  GapSum gap_sum = GapSum::leaf;
  std::optional<Model> other = {};       // compare with this in place of randomised weights
  std::string other_sha256 = {};         // of its file, for the plan
  std::vector<Image> other_images = {};  // two, for the control of another image
};

/// Its engine, planned once. What it measures of an image does not depend on the images beside it
/// (on a GPU: but for rounding).
class HDECOMP_API Experiment {
 public:
  /// Throws what Explainer's constructor throws, and UserError for options out of range.
  Experiment(Model model, const EngineOptions& engine, const ExperimentOptions& options);
  ~Experiment();
  Experiment(Experiment&&) noexcept;
  Experiment& operator=(Experiment&&) noexcept;

  const Model& model() const;
  int batch() const;
  /// What decides the results, but for the model file and the images.
  ResultsPlan plan() const;
  /// In place of ExperimentOptions::other_images, which no plan hangs on.
  void take_other_images(std::vector<Image> images);
  /// Up to batch() images; `labels` are class indexes, -1 where there is none, `regions` of context
  /// the files of their segmentations. One row per image, ResultRow::image counting from 0 here.
  std::vector<ResultRow> measure(std::span<const Image> images, std::span<const int32_t> labels,
                                 std::span<const std::string> regions = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Table 1's rows and AF, the first-order estimate for the fill (ours), in the order of the last
/// axis of "correlation" and "constant".
inline constexpr const char* pcc_strategies[] = {"AA", "MA", "AG", "MG", "AF"};

/// Which channels a sparse network keeps, in the order of the first axis of "match", "correct" and
/// "divergence": the tree's, as many random ones, as many with the largest mean features.
inline constexpr const char* sparse_ways[] = {"gAP", "random", "largest features"};

/// What a map is compared with beside the changed network's, in the order of the last axis of
/// "control_absolute" and "control_signed".
inline constexpr const char* randomise_controls[] = {"another image", "the second class", "edges"};

/// The numbers of a what-ifs row, an image's; NaN where there are none. Of pairs the first is of
/// the image as it is, the second of the changed one.
namespace what_ifs_fields {
inline constexpr const char* decision_class = "decision_class";
inline constexpr const char* channel = "channel";      // what was changed by; of several: the first
inline constexpr const char* predicted = "predicted";  // (2), the most probable classes
inline constexpr const char* correct = "correct";      // (2), 1 where that is the label
inline constexpr const char* probability = "probability";              // (2), of the decision
inline constexpr const char* score = "score";                          // (2), of it
inline constexpr const char* label_probability = "label_probability";  // (2)
inline constexpr const char* filled = "filled";  // of the pixels that the network sees
// Over the changes of chance: the share whose most probable class is another than before, is the
// label; the mean probability and score of the decision; the share whose score is as low as the
// changed image's, or lower.
inline constexpr const char* control_changes = "control_changes";
inline constexpr const char* control_correct = "control_correct";
inline constexpr const char* control_probability = "control_probability";
inline constexpr const char* control_score = "control_score";
inline constexpr const char* control_as_low = "control_as_low";
}  // namespace what_ifs_fields

/// How channels are ranked, in the order of the second axis of importance's "correct", "match" and
/// "score".
inline constexpr const char* importance_methods[] = {
    "gAP, tree", "gAP, from the class", "conductance", "influence", "influence x activation", "LRP",
    "random"};

/// Files and labels of the images of a plan, in its order, and who is told of what. What a function
/// throws ends the run and comes out of it; what was measured before is kept.
struct DatasetRun {
  std::vector<std::string> paths;
  std::vector<int32_t> labels;            // -1 where there is none
  std::vector<std::string> regions = {};  // of context: the segmentations, empty where one lacks
  Decoders decoders = {};
  Turning turning = Turning::as_stored;
  std::function<void(int64_t image, const std::string& why)> skipped = {};
  std::function<void(int64_t image)> turned = {};  // it is measured as stored, but is not upright
  // Of the images this run is to measure.
  std::function<void(int64_t done, int64_t all)> progress = {};
  // Looked at before each batch, as ExplainOptions::stop. Of several ranks the others are left:
  // Ranks::abort() ends them, as after any other error.
  std::stop_token stop = {};
};

/// Measures every image that `results` does not have yet, in batches, decoded ahead; every rank its
/// share, the first one keeps all. `results` is null on the other ranks, which tell nobody. Throws
/// UserError if the results cannot be written.
HDECOMP_API void run_dataset(Experiment& experiment, ResultsFile* results, const Ranks& ranks,
                             const DatasetRun& run);

/// A file's SHA-256 in hexadecimal, for ResultsPlan::model and ChannelMeans. Throws UserError if it
/// cannot be read.
HDECOMP_API std::string file_sha256(const std::string& path);

}  // namespace hdecomp
