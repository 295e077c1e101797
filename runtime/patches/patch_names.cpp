/// Names of channels by the classes of their patches.
#include <algorithm>
#include <map>

#include "hdecomp/error.h"
#include "hdecomp/patches.h"
#include "kernels/core/random_normal.h"
#include "runtime/concepts/concepts_file.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {
namespace {

/// Of every photograph of the plan; -1 where it has none. Throws UserError for a label that names
/// none of the model's.
std::vector<int32_t> classes_of(const PatchFile& patches) {
  const PatchPlan& plan = patches.plan();
  const bool labelled = are_labelled(patches);
  std::vector<int32_t> classes;
  for (size_t i = 0; i < plan.images.size(); ++i) {
    const int32_t own = labelled ? plan.labels[i] : patches.image(static_cast<int32_t>(i)).decision;
    if (own >= std::ssize(plan.classes)) {
      throw UserError(joined("--patches: labels[", i, "], of ", in_quotes(plan.images[i]), ", is ",
                             own, ", not 0 to ", plan.classes.size() - 1));
    }
    classes.push_back(own);
  }
  return classes;
}

/// The photographs of a channel's patches.
std::vector<int32_t> photographs_of(const std::vector<Patch>& patches) {
  std::vector<int32_t> photographs;
  for (const Patch& patch : patches) photographs.push_back(patch.image);
  return photographs;
}

/// The class that most of a channel's patches have, as a share of all K.
ChannelConcept name_of(const std::vector<int32_t>& photographs, const std::vector<int32_t>& classes,
                       int keep) {
  std::map<int32_t, int> counts;
  for (const int32_t photograph : photographs) ++counts[classes.at(photograph)];
  ChannelConcept name;
  name.mask = keep;
  int most = 0;
  for (const auto& [index, count] : counts) {
    if (index < 0 || count <= most) continue;
    most = count;
    name.region = index;
  }
  name.iou = static_cast<double>(most) / keep;
  return name;
}

/// The photographs that were measured; others have no patches.
std::vector<int32_t> measured_of(const PatchFile& patches) {
  std::vector<int32_t> measured;
  for (int32_t i = 0; i < std::ssize(patches.plan().images); ++i) {
    if (patches.image(i).state == ImageState::measured) measured.push_back(i);
  }
  return measured;
}

std::vector<Patch> patches_of(const PatchFile& patches, const PatchLayer& layer, int64_t channel) {
  constexpr uint64_t no_photograph = 0;
  return patches.of(layer.name, channel, no_photograph);
}

void check_names(const PatchFile& patches, double least) {
  if (!(least > 0 && least <= 1)) {
    throw UserError(joined("--min-share ", least,
                           ": give a share of a channel's patches, above 0, "
                           "to 1"));
  }
  const size_t classes = patches.plan().classes.size();
  if (classes == 0 || classes >= RegionMap::none) {
    throw UserError(joined("--patches: names are the model's classes, 1 to ", RegionMap::none - 1,
                           "; it has ", classes));
  }
}

}  // namespace

bool are_labelled(const PatchFile& patches) {
  return std::ranges::all_of(patches.plan().labels, [](int32_t label) { return label >= 0; });
}

std::shared_ptr<const ChannelConcepts> names_by_patches(const PatchFile& patches, double least) {
  check_names(patches, least);
  const PatchPlan& plan = patches.plan();
  const std::vector<int32_t> classes = classes_of(patches);
  ChannelConcepts names;
  names.by_ = ConceptsBy::patches;
  names.least_iou_ = least;
  names.images_ = patches.measured();
  for (size_t i = 0; i < plan.classes.size(); ++i) {
    names.names_.push_back({static_cast<int>(i), plan.classes[i]});
  }
  for (const PatchLayer& layer : plan.layers) {
    LayerConcepts& to = names.layers_.emplace_back(LayerConcepts{layer.name, {}});
    for (int64_t c = 0; c < layer.channels; ++c) {
      const std::vector<Patch> own = patches_of(patches, layer, c);
      ChannelConcept& name =
          to.channels.emplace_back(name_of(photographs_of(own), classes, plan.keep));
      if (!own.empty()) name.threshold = own.back().value;
    }
  }
  return std::make_shared<const ChannelConcepts>(std::move(names));
}

std::vector<double> names_by_chance(const PatchFile& patches, double least, int orders,
                                    uint64_t seed) {
  check_names(patches, least);
  const PatchPlan& plan = patches.plan();
  std::vector<std::vector<std::vector<int32_t>>> photographs;  // by layer and channel
  for (const PatchLayer& layer : plan.layers) {
    auto& channels = photographs.emplace_back();
    for (int64_t c = 0; c < layer.channels; ++c) {
      channels.push_back(photographs_of(patches_of(patches, layer, c)));
    }
  }
  std::vector<int32_t> classes = classes_of(patches), shuffled;
  const std::vector<int32_t> measured = measured_of(patches);
  for (const int32_t i : measured) shuffled.push_back(classes[i]);
  std::vector<double> named(plan.layers.size());
  for (int order = 0; order < orders; ++order) {
    shuffle(std::span(shuffled), stream_of(seed, static_cast<uint64_t>(order)));
    for (size_t i = 0; i < measured.size(); ++i) classes[measured[i]] = shuffled[i];
    for (size_t l = 0; l < named.size(); ++l) {
      for (const std::vector<int32_t>& own : photographs[l]) {
        const ChannelConcept name = name_of(own, classes, plan.keep);
        named[l] += name.region >= 0 && name.iou >= least ? 1 : 0;
      }
    }
  }
  for (double& mean : named) mean /= orders;
  return named;
}

void save_names(const std::string& path, const PatchFile& patches, const ChannelConcepts& names) {
  write_concepts(path, {patches.plan().model, names.images(), 1, names.least_iou(), names.names(),
                        names.layers(), names.by()});
}

}  // namespace hdecomp
