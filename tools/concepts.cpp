/// The verb concepts: names for channels, from two passes over segmented images.
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "hdecomp/concept_search.h"
#include "hdecomp/stopwatch.h"
#include "tools/choices.h"
#include "tools/image_list.h"
#include "tools/json_text.h"
#include "tools/output_folder.h"
#include "tools/photo_pass.h"
#include "tools/regions.h"
#include "tools/session.h"
#include "tools/table.h"
#include "tools/turned_photos.h"

namespace hdecomp::tools {
namespace {

/// Images and their segmentations.
struct SegmentedImages {
  std::vector<ListedImage> images;
  std::vector<std::string> regions;
};

/// Once over the images, telling of those that do not count. Returns those that do.
SegmentedImages search_in(ConceptSearch& search, const SegmentedImages& all, const char* what,
                          const CommonOptions& common, TurnedPhotos* turned) {
  const auto take = [&](const PhotoBatch& batch) {
    std::vector<std::string> regions;
    for (const size_t index : batch.indexes) regions.push_back(all.regions[index]);
    return search.add(batch.photos, regions);
  };
  const std::vector<bool> counts = go_over(all.images, search.batch(), common, what, turned, take);
  SegmentedImages left;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (!counts[i]) continue;
    left.images.push_back(all.images[i]);
    left.regions.push_back(all.regions[i]);
  }
  return left;
}

/// A row per layer: how many channels have a name, and which names most of them.
Table by_layer(const ChannelConcepts& concepts) {
  Table table{
      {"layer", "channels", "with a name", "different names", "largest IoU", "most channels"}, {}};
  for (const LayerConcepts& layer : concepts.layers()) {
    std::map<std::string, int> names;
    int named = 0;
    double largest = 0;
    for (int64_t c = 0; c < std::ssize(layer.channels); ++c) {
      const ChannelConcept* found = concepts.find(layer.layer, c);
      if (found == nullptr) continue;
      ++named;
      ++names[concepts.names().at(found->region).name];
      largest = std::max(largest, found->iou);
    }
    const size_t different = names.size();
    std::string most;
    for (int shown = 0; shown < 3 && !names.empty(); ++shown) {
      const auto next = std::ranges::max_element(
          names, [](const auto& a, const auto& b) { return a.second < b.second; });
      most += joined(most.empty() ? "" : ", ", next->first, " ", next->second);
      names.erase(next);
    }
    table.rows.push_back({layer.layer, joined(layer.channels.size()), joined(named),
                          joined(different), cell(largest, 3), most});
  }
  return table;
}

Table by_channel(const ChannelConcepts& concepts) {
  Table table{{"layer", "channel", "label", "region", "IoU", "named", "threshold", "mask pixels"},
              {}};
  for (const LayerConcepts& layer : concepts.layers()) {
    for (int64_t c = 0; c < std::ssize(layer.channels); ++c) {
      const ChannelConcept& own = layer.channels[c];
      const bool has_region = own.region >= 0;
      const RegionName name = has_region ? concepts.names().at(own.region) : RegionName{};
      table.rows.push_back({layer.layer, joined(c), has_region ? joined(name.number) : "",
                            name.name, cell(own.iou, 6),
                            concepts.find(layer.layer, c) != nullptr ? "1" : "0",
                            cell(own.threshold, 6), joined(own.mask)});
    }
  }
  return table;
}

}  // namespace

void concepts(const ConceptsCommandOptions& options) {
  check_output(options.output);
  const Stopwatch watch;
  const CommonOptions& common = options.common;
  SegmentedImages all{list_images(options.images), {}};
  keep_some(options.images, options.limit, all.images);
  const RegionLabels regions = read_regions(options.regions);
  all.regions = region_files(regions, all.images);
  ConceptSearch search(load_model(common),
                       {common.device, common.threads,
                        batch_for(common, options.batch, all.images.size()), common.precision},
                       {layers_of(options.layers), options.share, options.least_iou}, regions);
  const std::string sha256 = model_sha256(common);
  Timings timings_ms{{"load", watch.ms()}};
  const Stopwatch work;
  TurnedPhotos turned;
  const SegmentedImages counted = search_in(search, all, "images, for thresholds", common, &turned);
  if (search.images() == 0) {
    throw UserError("not one of the images could be counted, for the reasons above");
  }
  search.begin_overlaps();
  const SegmentedImages again = search_in(search, counted, "images, for names", common, nullptr);
  if (again.images.size() != counted.images.size()) {
    throw UserError("images or segmentations changed while they were read, as told above");
  }
  timings_ms["run"] = work.ms();
  search.save(options.output, sha256);
  const auto found = search.found();
  const Table table = by_layer(*found);
  write_beside(options.output, ".csv", to_csv(by_channel(*found)));
  const int64_t skipped = std::ssize(all.images) - found->images();
  if (common.json) {
    const nlohmann::ordered_json result{{"images", found->images()},
                                        {"skipped", skipped},
                                        {"header", table.header},
                                        {"rows", table.rows},
                                        {"timings_ms", timings_ms}};
    std::printf("%s\n", json_text(result).c_str());
    return;
  }
  std::printf("%s%lld images, %lld skipped\n", to_columns(table).c_str(),
              static_cast<long long>(found->images()), static_cast<long long>(skipped));
}

}  // namespace hdecomp::tools
