/// --regions and what belongs to it.
#include "tools/regions.h"

#include "hdecomp/error.h"
#include "tools/choices.h"

namespace hdecomp::tools {

void add_regions(CLI::App& verb, RegionOptions& options) {
  verb.add_option("--regions", options.folder,
                  "the folder of segmentations, found by the photographs' names")
      ->required();
  verb.add_option("--region-names", options.names,
                  "a text file of the labels' names: '12: sky' lines, or 'sky' ones that count on; "
                  "caltech-101 has none");
  verb.add_option("--region-kind", options.kind, "the data set, whose number of names is checked")
      ->check(CLI::IsMember(words_of(region_kinds)))
      ->capture_default_str();
  verb.add_option("--first-label", options.first,
                  "the first of the names that have no numbers; without it 0 if that is "
                  "'background', else 1")
      ->check(CLI::Range(0, 65534));
}

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
