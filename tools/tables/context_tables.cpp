/// Labels of activation maps, counted over the images of a class.
#include "tools/tables/context_tables.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <sstream>

#include "hdecomp/context.h"
#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace {

constexpr size_t most_shown = 5;
constexpr int64_t all_classes = -1;

/// Of one stage and class, by region; of maps the last place is that of no region.
struct Counts {
  std::vector<double> maps, ious, images;
  int64_t image_count = 0;

  double all_maps() const { return std::accumulate(maps.begin(), maps.end(), 0.0); }
};
using ByClass = std::map<int64_t, Counts>;

std::vector<std::string> names_of(const ResultsFile& results) {
  std::vector<std::string> names;
  std::istringstream lines(results.plan().options.at("region_names"));
  for (std::string line; std::getline(lines, line);) names.push_back(line);
  return names;
}

/// What a results file holds for all layers: an image's class, and each region's area of it.
struct ImageValues {
  ImageValues(const ResultsFile& results, const Model& model) : areas(results.values(area_field)) {
    const std::vector<float> numbers = results.values(context_class_field);
    const int64_t last = model.class_count() - 1;
    for (size_t i = 0; i < numbers.size(); ++i) {
      const bool measured = results.states()[i] == ImageState::measured;
      classes.push_back(measured ? results.index_in(context_class_field, numbers[i], 0, last)
                                 : all_classes);
    }
  }

  std::vector<int64_t> classes;  // of what is not measured none
  std::vector<float> areas;
};

ByClass counts_of(const ResultsFile& results, const ImageValues& images, const std::string& layer,
                  size_t regions) {
  const auto& [classes, areas] = images;
  const std::vector<float> maps = results.values(maps_field(layer));
  const std::vector<float> ious = results.values(iou_field(layer));
  ByClass by_class;
  for (size_t i = 0; i < classes.size(); ++i) {
    if (results.states()[i] != ImageState::measured) continue;
    for (const int64_t index : {all_classes, classes[i]}) {
      Counts& counts = by_class[index];
      counts.maps.resize(regions + 1);
      counts.ious.resize(regions);
      counts.images.resize(regions);
      ++counts.image_count;
      for (size_t r = 0; r <= regions; ++r) counts.maps[r] += maps[i * (regions + 1) + r];
      for (size_t r = 0; r < regions; ++r) {
        counts.ious[r] += ious[i * regions + r];
        counts.images[r] += areas[i * regions + r] > 0 ? 1 : 0;
      }
    }
  }
  return by_class;
}

/// Places of `counts.maps` that are not 0, most maps first, ties to the lower label.
std::vector<size_t> by_frequency(const Counts& counts) {
  std::vector<size_t> order;
  for (size_t r = 0; r < counts.maps.size(); ++r) {
    if (counts.maps[r] > 0) order.push_back(r);
  }
  std::ranges::stable_sort(order,
                           [&](size_t a, size_t b) { return counts.maps[a] > counts.maps[b]; });
  return order;
}

/// Number and name of "12: sky"; of the place after the last one none.
std::pair<std::string, std::string> label_at(const std::vector<std::string>& names, size_t at) {
  if (at == names.size()) return {"", "no region"};
  const size_t colon = names[at].find(": ");
  return {names[at].substr(0, colon), names[at].substr(colon + 2)};
}

}  // namespace

ContextTables contexts(const ResultsFile& results, const Model& model) {
  const std::vector<std::string> names = names_of(results);
  const std::string mask = results.plan().options.at("mask");
  ContextTables tables{{{"maps of (mask " + mask + ")", "class", "images", "maps"}, {}},
                       {{"layer", "class", "name", "label", "region", "maps", "share", "mean IoU",
                         "images", "images with it"},
                        {}}};
  for (size_t k = 0; k < most_shown; ++k) tables.classes.header.push_back(joined("label ", k + 1));
  const ImageValues images(results, model);
  for (const std::string& step : results.plan().steps) {
    const std::string layer = lower_layer(step);
    for (const auto& [index, counts] : counts_of(results, images, layer, names.size())) {
      const bool is_all = index == all_classes;
      const std::string shown = is_all ? "all" : model.class_name(index);
      const double all = counts.all_maps();
      std::vector<std::string> row{layer, shown, joined(counts.image_count), cell(all, 0)};
      for (const size_t at : by_frequency(counts)) {
        const auto [number, name] = label_at(names, at);
        const double share = counts.maps[at] / all;
        const bool is_region = at < names.size();
        if (row.size() < 4 + most_shown) row.push_back(name + " " + cell(100 * share, 1) + " %");
        tables.labels.rows.push_back(
            {layer, is_all ? "" : joined(index), shown, number, name, cell(counts.maps[at], 0),
             cell(share, 6), is_region ? cell(counts.ious[at] / counts.maps[at], 6) : "",
             joined(counts.image_count), is_region ? cell(counts.images[at], 0) : ""});
      }
      row.resize(4 + most_shown);
      tables.classes.rows.push_back(std::move(row));
    }
  }
  return tables;
}

}  // namespace hdecomp::tools
