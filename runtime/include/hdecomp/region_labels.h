/// RegionLabels: a data set's segmentations, which say of every pixel of a photograph what it
/// shows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hdecomp/export.h"
#include "hdecomp/image.h"

namespace hdecomp {

/// What is known of a data set beforehand: how many names it has, and where they come from.
enum class RegionKind {
  any,         // label pictures or MATLAB files with LabelMap; the names file says the rest
  context459,  // PASCAL-Context (Mottaghi et al. 2014), all 459 labels
  context59,   // its 59 frequent ones, with or without a background
  voc,         // PASCAL VOC's SegmentationClass: 20 classes, with or without a background
  caltech101,  // Caltech-101's outlines; its folders are the names
};
inline constexpr const char* region_kinds[] = {"any", "pascal-context-459", "pascal-context-59",
                                               "voc", "caltech-101"};

struct RegionName {
  int number = 0;  // the label, as the data set's files have it
  std::string name;
};

/// Of every pixel the place of its label's name in RegionLabels::names(), or none.
struct RegionMap {
  static constexpr uint16_t none = 65535;

  int64_t height = 0, width = 0;
  std::vector<uint16_t> regions;  // (height, width)
};

class HDECOMP_API RegionLabels {
 public:
  /// The segmentations in `folder`; their names in the text file `names_file`, a line for each:
  /// "12: sky", or "sky" alone, which count on from `first`, or from 0 if the first name is
  /// "background", else from 1. Caltech-101's names are its folders, and `names_file` is empty.
  /// Throws UserError for a folder or a file that cannot be read, a number or a name that comes
  /// twice, a number above 65534, more than 60,000 bytes of names, and a count of them that is not
  /// the kind's.
  static RegionLabels open(const std::string& folder, const std::string& names_file,
                           RegionKind kind, std::optional<int> first = {});

  /// By rising number.
  const std::vector<RegionName>& names() const { return names_; }
  RegionKind kind() const { return kind_; }
  const std::string& folder() const { return folder_; }

  /// The file of the photograph that is listed as `shown`, such as "a/b.jpg": FOLDER/a/b.ENDING,
  /// else FOLDER/b.ENDING, with the first ending of mat, png, tif, tiff that is there; of
  /// Caltech-101 FOLDER/a/annotation_0007.mat for "a/image_0007.jpg". Empty where there is none.
  std::string file_of(const std::string& shown) const;
  /// Where file_of() looks, in words.
  std::string places_of(const std::string& shown) const;

  /// The labels of a photograph of `height` x `width` pixels. A label without a name is none where
  /// it is 0 or 255. Throws UserError that names the file: missing, damaged, of another size, of no
  /// kind that can be read, or with any other label that has no name.
  RegionMap read(const std::string& file, int64_t height, int64_t width) const;
  /// The labels of a photograph. A segmentation lies on the photograph as it is stored: of one that
  /// upright() turned, it is turned alike. Throws UserError, too, where `file` is empty, as
  /// file_of() leaves it.
  RegionMap read(const std::string& file, const Image& photo) const;

 private:
  RegionLabels(std::string folder, RegionKind kind) : folder_(std::move(folder)), kind_(kind) {}

  std::string folder_, names_file_;
  RegionKind kind_;
  std::multimap<std::string, std::string> folders_;  // Caltech-101's: by category, as listed
  std::vector<RegionName> names_;
  std::vector<uint16_t> place_of_;  // by number: in names_, or none
};

}  // namespace hdecomp
