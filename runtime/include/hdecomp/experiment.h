/// Experiment: the paper's Section 4.1 on many images: gAP's contributions against exact ablation,
/// measured image by image into the rows of a ResultsFile.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/decode_ahead.h"
#include "hdecomp/explainer.h"
#include "hdecomp/ranks.h"
#include "hdecomp/results_file.h"

namespace hdecomp {

enum class ExperimentKind {
  pcc,           // Table 1: correlation of the drops with mean and maximum of A and of G
  masking,       // Fig. 6: change of the decision when the top k and the last k channels are masked
  distribution,  // Fig. 7: sorted contributions and drops, activated and overlapping channels
};

struct ExperimentOptions {
  ExperimentKind kind = ExperimentKind::pcc;
  std::string target = {};     // as ExplainOptions::target, or "label": each image's own
  int top = 3;                 // N of the tree
  bool all_decisions = false;  // every decision of the tree; else those of the top-1 path alone
  AblationFill fill = AblationFill::mean;
  std::shared_ptr<const ChannelMeans> means = {};  // of this model: what data_set fills with
  AblationMethod method = AblationMethod::fast;
  OverlapOptions overlaps = {};  // of distribution
  int peaks = 2;                 // of each channel at most, there
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
  /// Up to batch() images; `labels` are class indexes, -1 where there is none. One row per image,
  /// ResultRow::image counting from 0 here.
  std::vector<ResultRow> measure(std::span<const Image> images, std::span<const int32_t> labels);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Table 1's rows and AF, the first-order estimate for the fill (ours), in the order of the last
/// axis of "correlation" and "constant".
inline constexpr const char* pcc_strategies[] = {"AA", "MA", "AG", "MG", "AF"};

/// Files and labels of the images of a plan, in its order, and who is told of what.
struct DatasetRun {
  std::vector<std::string> paths;
  std::vector<int32_t> labels;  // -1 where there is none
  int decoders = 1;             // images decoded at a time
  Turning turning = Turning::as_stored;
  std::function<void(int64_t image, const std::string& why)> skipped;
  std::function<void(int64_t image)> turned = {};  // it is measured as stored, but is not upright
  std::function<void(int64_t done, int64_t all)> progress;  // of the images this run is to measure
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
