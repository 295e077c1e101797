/// The verbs of one network or photograph, and classify, explain and serve, each a function of its
/// plain options. They throw Error and UserError.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/shared_options.h"

namespace hdecomp::tools {

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
