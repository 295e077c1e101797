/// Names for channels: what each image adds to the counts, and what they come to.
#include <algorithm>

#include "hdecomp/concept_search.h"
#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/core/parallel.h"
#include "nets/layer_names.h"
#include "runtime/concepts/concepts_file.h"
#include "runtime/experiments/concept_counts.h"
#include "runtime/explain/network_runner.h"
#include "runtime/labels/seen_regions.h"

namespace hdecomp {
namespace {

std::vector<int> nodes_of(const Graph& graph, const std::vector<std::string>& layers) {
  if (layers.empty()) return stages_from_above(graph);
  std::vector<int> nodes;
  for (const std::string& name : layers) {
    const int node = find_layer(graph, name);
    if (node >= graph.scores()) {
      throw UserError(joined("--layers ", name, ": give layers below the class scores"));
    }
    if (std::ranges::find(nodes, node) != nodes.end()) {
      throw UserError("--layers: a layer is named twice");
    }
    nodes.push_back(node);
  }
  return nodes;
}

}  // namespace

struct ConceptSearch::Impl {
  Impl(Model model, const EngineOptions& engine, const ConceptOptions& wanted, RegionLabels labels)
      : network(std::move(model), engine), options(wanted), regions(std::move(labels)) {
    if (!(options.share > 0 && options.share < 1)) {
      throw UserError(joined("--share ", options.share,
                             ": give a share of the values, above 0 and "
                             "below 1"));
    }
    if (!(options.least_iou >= 0 && options.least_iou <= 1)) {
      throw UserError(joined("--min-iou ", options.least_iou, ": give 0 to 1"));
    }
    counts.areas.resize(regions.names().size());
    for (const int node : nodes_of(network.graph(), options.layers)) {
      const auto channels = static_cast<size_t>(network.graph().shapes[node].channels);
      counts.layers.push_back({node, layer_label(network.graph(), node), channels});
    }
  }

  /// (channels, height, width) of an image of the last run.
  Tensor features(const CountedLayer& layer, int64_t image) const {
    Tensor maps =
        on_host(network.context, rows(network.executor.feature(layer.node), image, image + 1));
    network.context.finish();
    return maps;
  }

  void add_tails(int64_t image) {
    for (CountedLayer& layer : counts.layers) {
      const Tensor maps = features(layer, image);
      const int64_t channels = maps.shape()[1], area = maps.shape()[2] * maps.shape()[3];
      parallel_for(network.context, channels, [&](int64_t c) {
        layer.tails.add(static_cast<size_t>(c),
                        {maps.data() + c * area, static_cast<size_t>(area)});
      });
    }
  }

  void add_overlaps(int64_t image, const Image& photo, const RegionMap& map) {
    const Preprocess& rule = network.model.preprocess();
    const std::vector<uint16_t> seen = seen_regions(map, photo, rule);
    const std::vector<int64_t> own = region_areas(seen, counts.areas.size());
    std::ranges::transform(counts.areas, own, counts.areas.begin(), std::plus());
    for (CountedLayer& layer : counts.layers) {
      const Tensor maps = features(layer, image);
      const int64_t height = maps.shape()[2], width = maps.shape()[3], area = height * width;
      const CellRegions cells(seen, rule.crop, height, width);
      parallel_for(network.context, maps.shape()[1], [&](int64_t c) {
        const float* plane = maps.data() + c * area;
        const float threshold = layer.thresholds[c];
        if (threshold == 0) return;
        for (int64_t cell = 0; cell < area; ++cell) {
          if (plane[cell] >= threshold) layer.masks[c] += cells.add_to(layer.both[c], cell);
        }
      });
    }
  }

  /// Why the image does not count; else empty.
  std::string add(int64_t image, const Image& photo, const std::string& file) {
    try {
      const RegionMap map = regions.read(file, photo);
      network.require_finite(network.last_run(), image, photo);
      counts.overlapping ? add_overlaps(image, photo, map) : add_tails(image);
    } catch (const UserError& fault) {
      return fault.what();
    }
    ++counts.images();
    return "";
  }

  NetworkRunner network;
  ConceptOptions options;
  RegionLabels regions;
  ConceptCounts counts;
};

ConceptSearch::ConceptSearch(Model model, const EngineOptions& engine,
                             const ConceptOptions& options, RegionLabels regions)
    : impl_(std::make_unique<Impl>(std::move(model), engine, options, std::move(regions))) {}
ConceptSearch::~ConceptSearch() = default;
ConceptSearch::ConceptSearch(ConceptSearch&&) noexcept = default;
ConceptSearch& ConceptSearch::operator=(ConceptSearch&&) noexcept = default;

const Model& ConceptSearch::model() const { return impl_->network.model; }
std::vector<std::string> ConceptSearch::layers() const {
  std::vector<std::string> names;
  for (const CountedLayer& layer : impl_->counts.layers) names.push_back(layer.name);
  return names;
}
int ConceptSearch::batch() const { return static_cast<int>(impl_->network.executor.batch()); }
std::map<std::string, std::string> ConceptSearch::told() const {
  std::map<std::string, std::string> told = impl_->network.told();
  told.try_emplace("precision", "float32");
  told["share"] = joined(impl_->options.share);
  return told;
}
int64_t ConceptSearch::images() const { return impl_->counts.first; }

std::vector<std::string> ConceptSearch::add(std::span<const Image> images,
                                            std::span<const std::string> regions) {
  if (images.empty()) return {};
  if (std::ssize(images) > batch() || images.size() != regions.size()) {
    throw Error(joined(images.size(), " images with ", regions.size(), " segmentations, made for ",
                       batch()));
  }
  impl_->network.forward(images);
  std::vector<std::string> faults;
  for (size_t i = 0; i < images.size(); ++i) {
    faults.push_back(impl_->add(static_cast<int64_t>(i), images[i], regions[i]));
  }
  return faults;
}

std::vector<uint8_t> ConceptSearch::counts() const { return impl_->counts.packed(); }

std::vector<uint8_t> ConceptSearch::take_counts() {
  std::vector<uint8_t> counts = impl_->counts.packed();
  impl_->counts.forget();
  return counts;
}

void ConceptSearch::add_counts(std::span<const uint8_t> counts) {
  impl_->counts.add_packed(counts);
}

std::vector<uint8_t> ConceptSearch::thresholds() const {
  return impl_->counts.packed_thresholds(impl_->options.share);
}

void ConceptSearch::begin_overlaps(std::span<const uint8_t> thresholds) {
  impl_->counts.begin_overlaps(thresholds);
}

std::shared_ptr<const ChannelConcepts> ConceptSearch::found() const {
  const ConceptCounts& counts = impl_->counts;
  if (counts.second != counts.first || !counts.overlapping) {
    throw Error(joined("concepts of ", counts.first, " images, and then ", counts.second));
  }
  ChannelConcepts concepts;
  concepts.names_ = impl_->regions.names();
  concepts.images_ = counts.first;
  concepts.least_iou_ = impl_->options.least_iou;
  for (const CountedLayer& layer : counts.layers) {
    LayerConcepts& to = concepts.layers_.emplace_back(LayerConcepts{layer.name, {}});
    for (size_t c = 0; c < layer.masks.size(); ++c) {
      const RegionOverlap best = best_region(layer.both[c], counts.areas, layer.masks[c]);
      to.channels.push_back({best.region, best.iou, layer.thresholds[c], layer.masks[c]});
    }
  }
  return std::make_shared<const ChannelConcepts>(std::move(concepts));
}

void ConceptSearch::save(const std::string& path, const std::string& model_sha256) const {
  const std::shared_ptr<const ChannelConcepts> concepts = found();
  write_concepts(path, {model_sha256, concepts->images(), impl_->options.share,
                        concepts->least_iou(), concepts->names(), concepts->layers()});
}

}  // namespace hdecomp
