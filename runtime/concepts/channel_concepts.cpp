/// Names of channels, read from a file.
#include "hdecomp/channel_concepts.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "runtime/concepts/concepts_file.h"
#include "weights/file/decimal.h"
#include "weights/model/model_file.h"

namespace hdecomp {

std::shared_ptr<const ChannelConcepts> ChannelConcepts::load(const std::string& path,
                                                             const Model& model,
                                                             const std::string& model_sha256) {
  ConceptsFile content = read_concepts(path, model.data()->graph, model_sha256);
  ChannelConcepts concepts;
  concepts.names_ = std::move(content.names);
  concepts.layers_ = std::move(content.layers);
  concepts.images_ = content.images;
  concepts.least_iou_ = content.least_iou;
  concepts.by_ = content.by;
  return std::make_shared<const ChannelConcepts>(std::move(concepts));
}

const ChannelConcept* ChannelConcepts::find(const std::string& layer, int64_t channel) const {
  const auto found = std::ranges::find(layers_, layer, &LayerConcepts::layer);
  if (found == layers_.end() || channel < 0 || channel >= std::ssize(found->channels))
    return nullptr;
  const ChannelConcept& own = found->channels[channel];
  return own.region >= 0 && own.iou >= least_iou_ ? &own : nullptr;
}

std::string ChannelConcepts::words(const std::string& layer, int64_t channel) const {
  const ChannelConcept* own = find(layer, channel);
  if (own == nullptr) return {};
  const std::string& name = names_.at(own->region).name;
  if (by_ == ConceptsBy::regions) return joined(name, " ", decimal(own->iou, 2));
  const auto patches = static_cast<int64_t>(own->iou * static_cast<double>(own->mask) + 0.5);
  return joined(name, " ", patches, " of ", own->mask);
}

}  // namespace hdecomp
