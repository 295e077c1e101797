/// The verbs that go over many images, each a function of its plain options. They throw Error and
/// UserError.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/shared_options.h"
#include "tools/tables/graph_tables.h"

namespace hdecomp::tools {

struct ExperimentCommandOptions {
  CommonOptions common;
  ImageSource images;
  std::string labels;  // as ClassifyOptions::labels
  int limit = 0;       // the first images alone; 0: all
  std::string target;  // --class; "label": each image's own
  int top = 3;
  bool all_decisions = false;
  std::string fill = "mean";    // or "zero", or a means file
  std::string method = "fast";  // or "naive"
  double merge_overlaps = 0.9, mask_threshold = 0.5;
  int peaks = 2;
  uint64_t seed = 0;                // of random channels
  int steps = 50;                   // of importance's path
  std::string by = "contribution";  // of sparse: or "magnitude"
  bool html = false;                // of discriminate and context: a page beside the results file
  // Of discriminate:
  std::string count = "decision";  // or "image"
  int min_count = 10, shuffles = 10;
  // Of attack:
  std::string aim, eps = "4/255", step, start = "random", output_dir;
  int restarts = 1;
  // Of context:
  RegionOptions regions;
  int depth = 2;
  // Of class-graph:
  std::optional<double> merge;  // as ExplainCommandOptions::merge_overlaps
  double share = usual_share;
  std::string show, concepts;
  std::vector<std::string> patches;  // as ExplainCommandOptions::patches
  // Of what-ifs:
  std::string at, off;          // as of what-if; at: top without either
  std::string region = "mask";  // of at: or "field"
  int controls = 20;
  bool failures = false;
  // Of randomise:
  std::vector<std::string> methods = {"gradient", "smoothgrad", "guided", "integrated-gradients",
                                      "gap"};
  std::string order = "top-down", unit = "layer", draw = "he", changed_target = "fixed";
  std::string gap_sum = "leaf";
  int samples = 50;
  std::vector<int> tops = {3};  // N of gap's tree
  std::string other_model;      // of compare-models
  int batch = 0;
  std::string output;  // the results file
  bool resume = false;
};
void pcc(const ExperimentCommandOptions& options);
void masking(const ExperimentCommandOptions& options);
void distribution(const ExperimentCommandOptions& options);
void sparse(const ExperimentCommandOptions& options);
void importance(const ExperimentCommandOptions& options);
void randomise(const ExperimentCommandOptions& options);
void compare_models(const ExperimentCommandOptions& options);
void discriminate(const ExperimentCommandOptions& options);
void attack(const ExperimentCommandOptions& options);
void context(const ExperimentCommandOptions& options);
void class_graph(const ExperimentCommandOptions& options);
void what_ifs(const ExperimentCommandOptions& options);

struct MeansCommandOptions {
  CommonOptions common;
  ImageSource images;
  int limit = 0;  // the first images alone; 0: all
  int batch = 0;
  std::string output;  // the means file
};
void means(const MeansCommandOptions& options);

struct ConceptsCommandOptions {
  CommonOptions common;
  ImageSource images;
  RegionOptions regions;
  std::vector<std::string> layers = {"stage-ends"};  // that word, or names
  double share = 0.005, least_iou = 0.04;
  std::string patches;  // a patches file in place of images
  double least_share = 0.5;
  int limit = 0;  // the first images alone; 0: all
  int batch = 0;
  std::string output;  // the concepts file
  bool resume = false;
};
void concepts(const ConceptsCommandOptions& options);

struct PatchesCommandOptions {
  CommonOptions common;
  ImageSource images;
  std::string labels;                                // as ClassifyOptions::labels
  int limit = 0;                                     // the first images alone; 0: all
  std::vector<std::string> layers = {"stage-ends"};  // that word, or names
  std::string by = "activation";                     // or "contribution"
  int top = 9;
  int tree_top = 3;  // N of the trees, by contribution
  int side = 48;     // of a crop, in pixels
  int batch = 0;
  std::string output;  // the patches file
  bool resume = false;
};
void patches(const PatchesCommandOptions& options);

}  // namespace hdecomp::tools
