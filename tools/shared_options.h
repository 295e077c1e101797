/// What the options of several verbs have in common: the model and device, where images come from.
#pragma once

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

/// A data set's segmentations.
struct RegionOptions {
  std::string folder, names, kind = "any";
  std::optional<int> first;  // label of names without numbers
};

}  // namespace hdecomp::tools
