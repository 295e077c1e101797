/// What channels look for, on the page: their patches on other photographs.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "hdecomp/error.h"
#include "hdecomp/json_writer.h"
#include "hdecomp/patches.h"
#include "hdecomp/tree.h"

namespace hdecomp::tools {

/// Those of a channel, without the photograph itself, whose pixel_number() is `pixels`: an array
/// with an object per file.
void put_patches(JsonWriter& json, const PatchFiles& files, const std::string& layer,
                 int64_t channel, uint64_t pixels);

/// A channel of a layer.
struct LayerChannel {
  std::string layer;
  int64_t channel = 0;
};

/// The member "patches" of the object that is begun: those of each of the channels, once, without
/// any photograph of ours. Nothing without files.
void put_channel_patches(JsonWriter& json, const PatchFiles& files,
                         const std::vector<LayerChannel>& channels);

/// Those of every channel below `root` that is not in `met` yet, as members of an object.
void put_patches_below(JsonWriter& json, const PatchFiles& files, const TreeNode& root,
                       uint64_t pixels, std::set<std::string>& met);

}  // namespace hdecomp::tools
