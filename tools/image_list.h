/// Lists of images and their labels for classify.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/model.h"
#include "tools/verbs.h"

namespace hdecomp::tools {

struct ListedImage {
  std::string path;
  std::string shown;   // as the list has it
  int64_t label = -1;  // class index; -1 without a label
};

/// The images that the options name: one file, a folder (with its sub-folders, sorted), or a list.
/// Throws UserError for an unreadable list or folder, none or two of the three, a label that is no
/// class, and counts that do not match.
std::vector<ListedImage> list_images(const ClassifyOptions& options, const Model& model);

}  // namespace hdecomp::tools
