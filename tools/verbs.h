/// The command's verbs, each a function of its plain options. They throw Error and UserError.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hdecomp::tools {

struct CommonOptions {
  std::string model;   // a model file; the bundled one where empty
  std::string device;  // empty: a GPU where there is one
  int threads = 0;     // 0: every core
  std::string precision = "float32";
  bool json = false;
};

/// Where a verb's images come from: `image` or `list`.
struct ImageSource {
  std::string image;  // a file or a folder
  std::string list;   // a text file of image paths
  std::string root;   // the folder that the list's paths start from; the list's own where empty
};

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
  std::string target;  // --class
  int top = 3;
  std::string depth = "all";
  std::string show = "3";  // levels of the tree that the terminal shows
  std::string output_dir;
  bool pictures = true;
  bool guided = false;  // guided backpropagation's pictures too
  bool html = false;    // report.html too
  int batch = 0;        // of many images, how many go together; 0: what suits the device
};
void explain(const ExplainCommandOptions& options);

struct DecomposeOptions {
  CommonOptions common;
  std::string image, from, to;
  int top = 3;
  std::string output_dir;
  bool guided = false;
};
void decompose(const DecomposeOptions& options);

struct AblateOptions {
  CommonOptions common;
  std::string image, from;
  std::string to;               // the stage below the decision where empty
  std::string fill = "mean";    // or "zero"
  std::string method = "fast";  // or "naive"
  int top = 10;                 // channels to print
};
void ablate(const AblateOptions& options);

struct ServeOptions {
  CommonOptions common;
  std::string host = "127.0.0.1";
  int port = 8765;  // 0: any that is free
};
void serve(const ServeOptions& options);

struct ConvertCommandOptions {
  std::string input, output;
  std::string arch, classes;
  std::string resize;  // "256" (shorter side) or "128x128" (square)
  int64_t crop = 0;
  std::vector<float> mean, std;
  bool json = false;
};
void convert(const ConvertCommandOptions& options);

struct InitOptions {
  std::string arch, output;
  uint64_t seed = 0;
  int64_t classes = 1000;
  int64_t input_size = 0;
  bool json = false;
};
void init(const InitOptions& options);

}  // namespace hdecomp::tools
