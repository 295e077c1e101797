/// A batch's patches on their way to be among the best.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/patches.h"
#include "kernels/core/context.h"
#include "runtime/network/receptive_fields.h"

namespace hdecomp {

struct PatchedLayer {
  int node;
  std::string name;
  ReceptiveFields fields;
  BestPatches best;  // of the images seen here, without crops: what can't be among them is left
};

/// Of one photograph.
struct PatchCandidates {
  /// Kept where it is among the channel's best so far, and larger than what this image had there.
  void add(std::vector<PatchedLayer>& layers, size_t layer, int64_t channel, float value, int64_t y,
           int64_t x);

  const Image* photo = nullptr;
  int32_t number = 0;                                      // the image's
  std::map<std::pair<size_t, int64_t>, Patch> found = {};  // by layer and channel
};

/// Adds what the candidates keep, with boxes and crops.
void put_patches(const Context& context, const std::vector<PatchedLayer>& layers,
                 const Preprocess& rule, int side, std::span<const PatchCandidates> candidates,
                 PatchNews& news);

}  // namespace hdecomp
