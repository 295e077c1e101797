/// Patches as JSON, their pictures as data URLs.
#include "tools/page/page_patches.h"

#include "hdecomp/base64.h"

namespace hdecomp::tools {
namespace {

void put_patch(JsonWriter& json, const PatchFile& file, const Patch& patch) {
  const int32_t decision = file.image(patch.image).decision;
  const auto& classes = file.plan().classes;
  json.begin_object();
  json.field("image", file.plan().images.at(patch.image));
  if (decision >= 0 && decision < std::ssize(classes)) json.field("class", classes[decision]);
  json.field("value", patch.value);
  json.key("box");
  const int64_t box[] = {patch.box.y, patch.box.x, patch.box.height, patch.box.width};
  json.list<int64_t>(box);
  json.field("picture", "data:image/jpeg;base64," + base64(*patch.crop));
  json.end();
}

/// A member called "conv5_3:70", unless it is in `met` already.
void put_new_patches(JsonWriter& json, const PatchFiles& files, const LayerChannel& of,
                     uint64_t pixels, std::set<std::string>& met) {
  const std::string name = joined(of.layer, ":", of.channel);
  if (!met.insert(name).second) return;
  json.key(name);
  put_patches(json, files, of.layer, of.channel, pixels);
}

}  // namespace

void put_patches(JsonWriter& json, const PatchFiles& files, const std::string& layer,
                 int64_t channel, uint64_t pixels) {
  json.begin_array();
  for (const auto& file : files) {
    json.begin_object();
    json.field("by", patch_rankings[static_cast<size_t>(file->by())]);
    json.field("images", file->measured());
    json.key("patches");
    json.begin_array();
    for (const Patch& patch : file->of(layer, channel, pixels)) put_patch(json, *file, patch);
    json.end();
    json.end();
  }
  json.end();
}

void put_patches_below(JsonWriter& json, const PatchFiles& files, const TreeNode& root,
                       uint64_t pixels, std::set<std::string>& met) {
  for (const TreeStep& step : distinct_steps(root)) {
    for (const TreeNode& node : step.decision->children()) {
      put_new_patches(json, files, {node.layer, node.channel}, pixels, met);
    }
  }
}

void put_channel_patches(JsonWriter& json, const PatchFiles& files,
                         const std::vector<LayerChannel>& channels) {
  if (files.empty()) return;
  std::set<std::string> met;
  json.key("patches");
  json.begin_object();
  for (const LayerChannel& of : channels) put_new_patches(json, files, of, 0, met);
  json.end();
}

}  // namespace hdecomp::tools
