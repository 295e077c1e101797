/// What --regions and its siblings name.
#include "tools/images/regions.h"

#include "hdecomp/error.h"
#include "hdecomp/experiment_files.h"
#include "tools/choices.h"

namespace hdecomp::tools {

RegionLabels read_regions(const RegionOptions& options) {
  const auto kind = choice_of<RegionKind>(options.kind, region_kinds);
  return RegionLabels::open(options.folder, options.names, kind, options.first);
}

std::vector<std::string> region_files(const RegionLabels& regions,
                                      const std::vector<ListedImage>& images) {
  ExperimentFiles files{paths_of(images), {}, {}};
  for (const ListedImage& image : images) files.shown.push_back(image.shown);
  try {
    return segmentations_of(regions, files);
  } catch (const UserError& fault) {
    throw UserError(joined("--regions: ", fault.what()));
  }
}

}  // namespace hdecomp::tools
