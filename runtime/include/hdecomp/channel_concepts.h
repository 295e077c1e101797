/// ChannelConcepts: names for channels, by what their maps lie on over a segmented data set
/// (Network Dissection, Bau et al. 2017), or by the classes of the photographs that they are
/// largest on, out of the file (tools/RESULTS_FORMAT.md) that ConceptSearch (concept_search.h) or
/// names_by_patches() (patches.h) makes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hdecomp/model.h"
#include "hdecomp/region_labels.h"

namespace hdecomp {

class PatchFile;  // hdecomp/patches.h

/// What a channel looks for.
struct ChannelConcept {
  int32_t region = -1;  // the place of its label among the names; -1: its mask met none
  double iou = 0;       // with that label, over the whole data set
  float threshold = 0;  // its mask is where its feature is at least this
  int64_t mask = 0;     // pixels of that mask, over the data set
};

/// What names come of: what the largest features lie on; or the classes of a channel's patches. Of
/// those a concept's `region` is the most frequent one, `iou` its share of the patches that a
/// channel may have, `mask` how many these are, `threshold` the value of the smallest.
enum class ConceptsBy { regions, patches };
inline constexpr const char* concepts_by[] = {"regions", "patches"};

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
  ConceptsBy by() const { return by_; }
  /// The channel's concept, null where it has no name: of another layer, or with a smaller IoU.
  const ChannelConcept* find(const std::string& layer, int64_t channel) const;
  /// "face 0.31", by patches "face 7 of 9"; empty where it has no name.
  std::string words(const std::string& layer, int64_t channel) const;

 private:
  friend class ConceptSearch;
  friend HDECOMP_API std::shared_ptr<const ChannelConcepts> names_by_patches(
      const PatchFile& patches, double least);
  ChannelConcepts() = default;

  std::vector<RegionName> names_;
  std::vector<LayerConcepts> layers_;
  int64_t images_ = 0;
  double least_iou_ = 0;
  ConceptsBy by_ = ConceptsBy::regions;
};

}  // namespace hdecomp
