/// Where the results of each of many images lie.
#pragma once

#include <string>
#include <vector>

#include "tools/images/image_list.h"

namespace hdecomp::tools {

/// Each image's place inside the output folder: its path as listed, with its extension, so that
/// a.jpg and a.png stay apart. An absolute path of a list counts from its root, or from / where it
/// is not inside it, images of the command line from the lowest folder that all are in. Throws
/// UserError where two images would share a place or one would leave the folder.
std::vector<std::string> places_of(const ImageSource& source,
                                   const std::vector<ListedImage>& images);

}  // namespace hdecomp::tools
