/// PatchFile: a patches file for a model, and what is asked of it.
#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/patches.h"
#include "runtime/image/orientation.h"
#include "runtime/image/pixel_hash.h"
#include "runtime/patches/patch_content.h"
#include "weights/hdf5/hdf5_attributes.h"

namespace hdecomp {

uint64_t pixel_number(const Image& photo) {
  return photo.turned_by == 1 ? pixel_hash(photo) : fnv1a(stored_pixels(photo));
}

struct PatchFile::Impl {
  PatchContent content;
};

PatchFile::PatchFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PatchFile::~PatchFile() = default;

std::shared_ptr<const PatchFile> PatchFile::load(const std::string& path, const Model& model,
                                                 const std::string& model_sha256) {
  PatchContent content = read_patches(path);
  require_model(path, "patches", content.plan.model, model_sha256);
  for (const std::string& stage : model.stages()) {
    if (std::ranges::find(content.plan.layers, stage, &PatchLayer::name) !=
        content.plan.layers.end()) {
      continue;
    }
    throw UserError(joined(path, ": has no patches of ", stage,
                           ", a level of the tree; make it with --layers stage-ends"));
  }
  return std::shared_ptr<const PatchFile>(
      new PatchFile(std::make_unique<Impl>(Impl{std::move(content)})));
}

const PatchPlan& PatchFile::plan() const { return impl_->content.plan; }

PatchRanking PatchFile::by() const {
  const auto found = std::ranges::find(patch_rankings, plan().options.at("by"));
  return static_cast<PatchRanking>(found - std::begin(patch_rankings));
}

int64_t PatchFile::measured() const {
  return std::ranges::count(impl_->content.images, ImageState::measured, &PatchImage::state);
}

const PatchImage& PatchFile::image(int32_t image) const { return impl_->content.images.at(image); }

std::vector<Patch> PatchFile::of(const std::string& layer, int64_t channel, uint64_t pixels) const {
  const auto& layers = plan().layers;
  const auto found = std::ranges::find(layers, layer, &PatchLayer::name);
  if (found == layers.end() || channel < 0 || channel >= found->channels) return {};
  std::vector<Patch> patches = impl_->content.best[found - layers.begin()].of(channel);
  std::erase_if(patches, [&](const Patch& patch) { return image(patch.image).pixels == pixels; });
  return patches;
}

}  // namespace hdecomp
