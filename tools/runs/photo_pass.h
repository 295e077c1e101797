/// Once over the photographs of a list, in batches.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hdecomp/photo_batches.h"
#include "tools/images/image_list.h"
#include "tools/images/turned_photos.h"
#include "tools/shared_options.h"

namespace hdecomp::tools {

/// Takes a batch; a line per photograph: why it does not count, empty where it does.
using TakeBatch = std::function<std::vector<std::string>(const PhotoBatch& batch)>;

/// Hands out the images, `batch` at a time, and tells of those that do not count, of how far it is
/// (`what` is counted) and, where not null, to `turned`. Returns whether each image counts.
std::vector<bool> go_over(const std::vector<ListedImage>& images, int batch,
                          const CommonOptions& common, const char* what, TurnedPhotos* turned,
                          const TakeBatch& take);

}  // namespace hdecomp::tools
