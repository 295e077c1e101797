/// The flags that name a data set's segmentations, and which of them belongs to which photograph.
#pragma once

#include <CLI/CLI.hpp>

#include "hdecomp/region_labels.h"
#include "tools/image_list.h"
#include "tools/verbs.h"

namespace hdecomp::tools {

/// --regions, --region-names, --region-kind, --first-label.
void add_regions(CLI::App& verb, RegionOptions& options);

/// Throws what RegionLabels::open() throws, with the flag's name.
RegionLabels read_regions(const RegionOptions& options);

/// The images' segmentations, empty where one lacks. Throws UserError where not one is there.
std::vector<std::string> region_files(const RegionLabels& regions,
                                      const std::vector<ListedImage>& images);

}  // namespace hdecomp::tools
