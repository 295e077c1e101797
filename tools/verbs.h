/// The command's verbs, each a function of its plain options. They throw Error and UserError.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hdecomp::tools {

inline constexpr int most_batch = 4096;  // images at a time

struct CommonOptions {
  std::string model;   // a file, or a bundled model's name; the first bundled one where empty
  std::string device;  // empty: a GPU where there is one
  int threads = 0;     // 0: every core
  std::string precision = "float32";
  bool json = false;
  bool exif = false;  // turn photographs by their EXIF tag
  // Two classes: the decision is the one's score less the other's. No other where it is empty.
  struct {
    std::string one, other;
  } versus = {};
};

/// Where a verb's images come from: `images` or `list`.
struct ImageSource {
  std::vector<std::string> images;    // files, or one folder
  bool takes_standard_input = false;  // of the one image "-"
  std::string list;                   // a text file of image paths
  std::string root;  // the folder that the list's paths start from; the list's own where empty
  std::string set;   // the folder is a VOC one: one of its ImageSets ("val", "Segmentation/val")
  int every = 1;     // of the images found the first, and from there every so many-th
};

struct CommandTable;
/// Prints "How to read this", or for the topics man, bash and zsh what they need of the command's
/// table.
void help(const std::string& topic, const CommandTable& table);

struct ClassifyOptions {
  CommonOptions common;
  ImageSource images;
  std::string labels;  // a text file of labels, or "folder": the image's folder is its class
  int top = 5;
};
void classify(const ClassifyOptions& options);

struct LayersOptions {
  CommonOptions common;
  std::string arch;  // list a published architecture instead of a model file
};
void layers(const LayersOptions& options);

struct ExplainCommandOptions {
  CommonOptions common;
  ImageSource images;
  std::string labels;  // as ClassifyOptions::labels, of many images
  std::string target;  // --class
  std::string from;    // a feature in place of a class
  int top = 3;
  double cover = 0;        // above 0: as many channels as reach this share, `top` at most
  bool is_signed = false;  // lists the channels against each decision, too
  std::string depth = "all";
  std::string show = "3";  // levels of the tree that the terminal shows
  std::string output_dir;
  std::string pictures = "sheets";    // or "all", one per node too, or "none"
  std::string maps;                   // raw maps too: "npy" or "h5"
  std::string colours = "jet";        // of maps: one of colour_names
  bool svg = false, pdf = false;      // pyramid.svg, pyramid.pdf too
  bool guided = false;                // guided backpropagation's pictures too
  bool html = false;                  // report.html too
  std::vector<std::string> saliency;  // the methods whose maps are in it
  std::vector<std::string> patches;   // files whose patches are in it
  std::string baseline = "zero";      // or "mean", or a means file
  std::string concepts;               // a file of channels' names
  bool surrogate = false;
  int batch = 0;  // of many images, how many go together; 0: what suits the device
  std::optional<double> merge_overlaps;
  double mask_threshold = 0.5;
  int peaks = 1;
};
void explain(const ExplainCommandOptions& options);

struct DecomposeOptions {
  CommonOptions common;
  std::string image, from, to;
  int top = 3;
  double cover = 0;        // as of explain
  bool is_signed = false;  // as of explain
  std::string output_dir;
  std::string maps;  // as of explain
  bool guided = false;
  std::string baseline = "zero";  // as of explain
};
void decompose(const DecomposeOptions& options);

struct AblateOptions {
  CommonOptions common;
  std::string image, from;
  std::string to;                 // the stage below the decision where empty
  std::string fill = "mean";      // or "zero", or a means file
  std::string method = "fast";    // or "naive"
  std::string baseline = "zero";  // as of explain
  int top = 10;                   // channels to print
  std::optional<double> merge_overlaps;
  double mask_threshold = 0.5;
};
void ablate(const AblateOptions& options);

struct WhatIfCommandOptions {
  CommonOptions common;
  std::string image, target;
  std::string box, at, off;     // one of them
  std::string region = "mask";  // of --at: or "field"
  double mask_threshold = 0.5;
  std::string fill;  // grey, blur, mean; of channels zero, mean, or a means file
  int controls = 20;
  uint64_t seed = 0;
  int top = 3;
  std::string depth = "all", show = "2";  // as of explain
  std::string output_dir;
  int batch = 0;  // photographs that go together; 0: what suits the device
};
void what_if(const WhatIfCommandOptions& options);

struct SaliencyCommandOptions {
  CommonOptions common;
  std::string image, target, output;
  std::string method = "gradient";
  bool save_all = false;  // every method
  int side = 224;         // of a picture, in pixels
  int samples = 50;
  double noise = 0.15;
  uint64_t seed = 0;
  std::string noise_file;  // a .npy file in place of the seed's noise
  std::string baseline = "zero";
  bool relu = false;
  std::string rule = "epsilon-plus";
  double epsilon = 1e-6;
  std::string gap_sum = "leaf";
  int top = 3;
  int batch = 0;  // samples at a time; 0: what suits the device
};
void saliency(const SaliencyCommandOptions& options);

/// A data set's segmentations.
struct RegionOptions {
  std::string folder, names, kind = "any";
  std::optional<int> first;  // label of names without numbers
};

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
  double share = 0.8;
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

struct ServeOptions {
  CommonOptions common;
  std::string concepts;              // a file of channels' names
  std::vector<std::string> patches;  // files that hdecomp patches wrote
  std::string host = "127.0.0.1";
  int port = 8765;  // 0: any that is free
};
void serve(const ServeOptions& options);

struct ConvertCommandOptions {
  std::string input, output;
  std::string arch, classes, key;
  std::string resize;  // "256" (shorter side) or "96x160" (both sides)
  std::string crop;    // "224" (a square) or "96x160" (height and width)
  std::vector<float> mean, std;
  std::string interpolation;  // "bilinear", "bicubic" or "nearest"
  std::string channel_order;  // "rgb" or "bgr"
  std::optional<int> pixel_range;
  std::vector<std::string> stages;
  bool weights_16 = false;
  bool stride_in_1x1 = false, stride_in_3x3 = false;  // neither: as the framework does
  bool json = false;
};
void convert(const ConvertCommandOptions& options);

struct InitOptions {
  std::string arch, output;
  uint64_t seed = 0;
  int64_t classes = 1000;
  std::string input_size;  // as ConvertCommandOptions::crop; empty: the architecture's own
  bool json = false;
};
void init(const InitOptions& options);

}  // namespace hdecomp::tools
