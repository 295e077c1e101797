/// Lists of images for the verbs that take several.
#pragma once

#include <string>
#include <vector>

#include "tools/shared_options.h"

namespace hdecomp::tools {

struct ListedImage {
  std::string path;
  std::string shown;             // as the list has it
  int64_t label = -1;            // class index; -1 without a label
  std::string label_given = {};  // the list's own, after the path; empty if it has none
};

/// Whether the source is several images, a folder or a list, even of one. Throws UserError where it
/// names nothing, or images and a list.
bool names_several(const ImageSource& source);

/// The images of the source: files, a folder (with its sub-folders, sorted), or a list.
/// A list's line is a path, or "PATH LABEL" where the whole line is no file.
/// `without` is a folder to leave out, if it is met. Throws UserError for an unreadable list or
/// folder, an image that is missing, and as names_several().
std::vector<ListedImage> list_images(const ImageSource& source, const std::string& without = "");

/// The files, in order.
std::vector<std::string> paths_of(const std::vector<ListedImage>& images);

/// Leaves every so many-th image that the source says, and of those the first `limit`, all where it
/// is 0. Once their labels are known, which may be told by order.
void keep_some(const ImageSource& source, int limit, std::vector<ListedImage>& images);

/// The folder that the list's paths start from.
std::string root_of(const ImageSource& source);

}  // namespace hdecomp::tools
