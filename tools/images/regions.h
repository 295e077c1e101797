/// A data set's segmentations as flags name them, and which of them belongs to which photograph.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/region_labels.h"
#include "tools/images/image_list.h"
#include "tools/shared_options.h"

namespace hdecomp::tools {

/// Throws what RegionLabels::open() throws, with the flag's name.
RegionLabels read_regions(const RegionOptions& options);

/// The images' segmentations, empty where one lacks. Throws UserError where not one is there.
std::vector<std::string> region_files(const RegionLabels& regions,
                                      const std::vector<ListedImage>& images);

}  // namespace hdecomp::tools
