/// What --regions and its siblings name.
#include "tools/regions.h"

#include "hdecomp/error.h"
#include "tools/choices.h"

namespace hdecomp::tools {

RegionLabels read_regions(const RegionOptions& options) {
  const auto kind = choice_of<RegionKind>(options.kind, region_kinds);
  return RegionLabels::open(options.folder, options.names, kind, options.first);
}

std::vector<std::string> region_files(const RegionLabels& regions,
                                      const std::vector<ListedImage>& images) {
  std::vector<std::string> files;
  bool has_any = false;
  for (const ListedImage& image : images) {
    files.push_back(regions.file_of(image.shown));
    has_any |= !files.back().empty();
  }
  if (!has_any) {
    throw UserError(joined("--regions: no image has a segmentation; that of ", images.front().path,
                           " would be ", regions.places_of(images.front().shown)));
  }
  return files;
}

}  // namespace hdecomp::tools
