/// Candidates: each place of a photograph is cut once, however many channels are at their best
/// there; the crops of a whole batch go together.
#include "runtime/patches/patch_candidates.h"

#include <optional>
#include <tuple>

#include "hdecomp/region.h"
#include "kernels/core/parallel.h"
#include "runtime/patches/patch_crops.h"

namespace hdecomp {
namespace {

using PlaceKey = std::tuple<size_t, int32_t, int32_t>;  // layer, y, x

struct CutPlace {
  PixelRectangle field = {}, box = {};
  std::shared_ptr<const std::vector<uint8_t>> crop = {};
};

/// A photograph and the places that are to be cut out of it.
struct CutPhoto {
  std::optional<PatchCrops> crops;
  std::map<PlaceKey, CutPlace> places;
};

PlaceKey key_of(size_t layer, const Patch& patch) { return {layer, patch.y, patch.x}; }

CutPhoto prepared(const PatchCandidates& one, const std::vector<PatchedLayer>& layers,
                  const Preprocess& rule, int side) {
  CutPhoto photo;
  for (const auto& [where, patch] : one.found) {
    const auto [place, is_new] = photo.places.try_emplace(key_of(where.first, patch));
    if (!is_new) continue;
    const PixelRectangle field = layers[where.first].fields.at(patch.y, patch.x);
    const PhotoBox box =
        box_of_input(*one.photo, rule, field.y, field.x, field.height, field.width);
    place->second.field = field;
    place->second.box = {box.y, box.x, box.height, box.width};
  }
  if (!photo.places.empty()) photo.crops.emplace(*one.photo, rule, side);
  return photo;
}

}  // namespace

void PatchCandidates::add(std::vector<PatchedLayer>& layers, size_t layer, int64_t channel,
                          float value, int64_t y, int64_t x) {
  Patch patch{number, value, static_cast<int32_t>(y), static_cast<int32_t>(x), {}, {}};
  if (layers[layer].best.add(channel, patch)) found[{layer, channel}] = std::move(patch);
}

void put_patches(const Context& context, const std::vector<PatchedLayer>& layers,
                 const Preprocess& rule, int side, std::span<const PatchCandidates> candidates,
                 PatchNews& news) {
  std::vector<CutPhoto> photos(candidates.size());
  parallel_tasks(context, std::ssize(candidates), 2,
                 [&](int64_t i) { photos[i] = prepared(candidates[i], layers, rule, side); });
  std::vector<std::pair<const PatchCrops*, CutPlace*>> cuts;
  for (CutPhoto& photo : photos) {
    for (auto& [key, place] : photo.places) cuts.emplace_back(&*photo.crops, &place);
  }
  parallel_tasks(context, std::ssize(cuts), 2, [&](int64_t i) {
    auto& [crops, place] = cuts[i];
    place->crop =
        std::make_shared<const std::vector<uint8_t>>(encode_jpeg(crops->cut(place->field)));
  });
  for (size_t i = 0; i < photos.size(); ++i) {
    for (const auto& [where, patch] : candidates[i].found) {
      const CutPlace& place = photos[i].places.at(key_of(where.first, patch));
      PatchNews::Found& found = news.found.emplace_back();
      found.layer = static_cast<int32_t>(where.first);
      found.channel = static_cast<int32_t>(where.second);
      found.patch = patch;
      found.patch.box = place.box;
      found.patch.crop = place.crop;
    }
  }
}

}  // namespace hdecomp
