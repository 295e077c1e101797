/// The flags that several verbs share.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/verbs.h"

namespace hdecomp::tools {

/// A flag that some values of another alone have a use for.
struct FlagUse {
  const char* flag;
  std::vector<std::string> users;
};
/// That other one, the value or values that it has once all flags are read, and what hangs on them.
struct FlagChoice {
  const char* flag;
  std::function<std::vector<std::string>()> chosen;
  std::vector<FlagUse> uses;
};
/// Refuses each flag of `uses` that is given where none of what is chosen has a use for it.
void require_uses(CLI::App& verb, std::vector<FlagChoice> choices);

/// --model, --device, --precision, --threads.
void add_engine(CLI::App& verb, CommonOptions& common);
/// These and --json.
void add_common(CLI::App& verb, CommonOptions& common);
/// IMAGE..., --list, --root, --image-set, --every.
void add_images(CLI::App& verb, ImageSource& images, const char* image_help);
/// --exif.
void add_exif(CLI::App& verb, CommonOptions& common);
/// --versus; CLI::Option, since verbs say what it needs.
CLI::Option* add_versus(CLI::App& verb, CommonOptions& common);
/// --labels.
void add_labels_flag(CLI::App& verb, std::string& labels);
/// --regions, --region-names, --region-kind, --first-label.
void add_regions(CLI::App& verb, RegionOptions& options);
/// IMAGE, one file or -, which must be given.
void add_photo(CLI::App& verb, std::string& image);
/// --batch. `subject`: what goes together.
void add_batch(CLI::App& verb, int& batch, const char* subject);
/// --limit, and --batch of images.
void add_amounts(CLI::App& verb, int& limit, int& batch);
/// --mask-threshold. `ending` goes on with what help says of it.
CLI::Option* add_mask_threshold(CLI::App& verb, double& threshold, const char* ending = "");
/// --mask-threshold is of --region mask alone.
void add_mask_use(CLI::App& verb, const std::string& region);
/// What help says of mpirun.
void add_over_ranks(CLI::App& verb);
/// --baseline.
void add_baseline(CLI::App& verb, std::string& baseline);
/// --concepts.
CLI::Option* add_concepts_flag(CLI::App& verb, std::string& concepts);
/// --fill.
void add_fill(CLI::App& verb, std::string& fill);
/// --fill and --method.
void add_ablation(CLI::App& verb, std::string& fill, std::string& method);
/// --fill of what-if: of pixels, or of channels.
void add_change_fill(CLI::App& verb, std::string& fill);
/// --merge-overlaps and --mask-threshold.
void add_overlaps(CLI::App& verb, std::optional<double>& iou, double& threshold, const char* help);

/// What saliency's methods are planned with.
void add_saliency_choices(CLI::App& verb, SaliencyCommandOptions& options);
/// Which methods use it.
std::vector<FlagUse> saliency_uses();

// The verbs. tree_flags.cpp:
void add_explain(CLI::App& app);
void add_decompose(CLI::App& app);
void add_ablate(CLI::App& app);
// verb_flags.cpp:
void add_classify(CLI::App& app);
void add_layers(CLI::App& app);
void add_saliency(CLI::App& app);
void add_serve(CLI::App& app);
void add_help(CLI::App& app);
// what_if_flags.cpp:
void add_what_if(CLI::App& app);
/// experiment_flags.cpp: pcc, masking, distribution, sparse, importance, randomise, compare-models
/// and means.
void add_experiments(CLI::App& app);
/// diagnosis_flags.cpp: discriminate, attack, context, class-graph and concepts.
void add_diagnoses(CLI::App& app);
/// patches_flags.cpp.
void add_patches(CLI::App& app);
// convert_flags.cpp:
void add_convert(CLI::App& app);
void add_init(CLI::App& app);

/// The check of a whole number that is `least`, 0 or 1, or more: CLI11's own says the largest in
/// 309 digits.
CLI::Validator at_least(int64_t least);

}  // namespace hdecomp::tools
