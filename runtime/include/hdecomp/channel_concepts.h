/// ChannelConcepts: names for channels, by what their maps lie on over a segmented data set
/// (Network Dissection, Bau et al. 2017), out of the file (tools/RESULTS_FORMAT.md) that
/// ConceptSearch makes (concept_search.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hdecomp/model.h"
#include "hdecomp/region_labels.h"

namespace hdecomp {

/// What a channel looks for.
struct ChannelConcept {
  int32_t region = -1;  // the place of its label among the names; -1: its mask met none
  double iou = 0;       // with that label, over the whole data set
  float threshold = 0;  // its mask is where its feature is at least this
  int64_t mask = 0;     // pixels of that mask, over the data set
};

/// The channels of one layer, as trees name it ("conv5_3").
struct LayerConcepts {
  std::string layer;
  std::vector<ChannelConcept> channels;
};

/// A concepts file, read and checked. It never changes.
class HDECOMP_API ChannelConcepts {
 public:
  /// Reads a file that was made with this model; `model_sha256` is file_sha256() of the model's
  /// file. Throws UserError, one line that names the file and what would be right: no concepts
  /// file, another version, another model's, a layer that the model does not have, a wrong number
  /// of channels, a value that cannot be.
  static std::shared_ptr<const ChannelConcepts> load(const std::string& path, const Model& model,
                                                     const std::string& model_sha256);

  const std::vector<RegionName>& names() const { return names_; }
  const std::vector<LayerConcepts>& layers() const { return layers_; }
  /// How many images they were found on, and the least IoU of a channel that has a name.
  int64_t images() const { return images_; }
  double least_iou() const { return least_iou_; }
  /// The channel's concept, null where it has no name: of another layer, or with a smaller IoU.
  const ChannelConcept* find(const std::string& layer, int64_t channel) const;
  /// "face 0.31"; empty where it has no name.
  std::string words(const std::string& layer, int64_t channel) const;

 private:
  friend class ConceptSearch;
  ChannelConcepts() = default;

  std::vector<RegionName> names_;
  std::vector<LayerConcepts> layers_;
  int64_t images_ = 0;
  double least_iou_ = 0;
};

}  // namespace hdecomp
