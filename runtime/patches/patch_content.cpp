/// Content and plans, compared.
#include "runtime/patches/patch_content.h"

#include "hdecomp/error.h"

namespace hdecomp {

PatchContent::PatchContent(PatchPlan whole) : plan(std::move(whole)), images(plan.images.size()) {
  for (size_t i = 0; i < images.size(); ++i) images[i].image = static_cast<int32_t>(i);
  for (const PatchLayer& layer : plan.layers) best.emplace_back(layer.channels, plan.keep);
}

void PatchContent::add(const PatchNews& news) {
  const auto within = [](int64_t i, int64_t count) {
    if (i < 0 || i >= count) throw Error(joined("patches of number ", i, " of ", count));
  };
  for (const PatchImage& image : news.images) {
    within(image.image, std::ssize(images));
    images[image.image] = image;
    images[image.image].error.clear();
  }
  for (const auto& [layer, channel, patch] : news.found) {
    within(layer, std::ssize(best));
    within(channel, best[layer].channels());
    within(patch.image, std::ssize(images));
    best[layer].add(channel, patch);
  }
}

PatchNews PatchContent::as_news() const {
  PatchNews news;
  for (const PatchImage& image : images) {
    if (image.state != ImageState::pending) news.images.push_back(image);
  }
  for (size_t l = 0; l < best.size(); ++l) {
    for (int64_t c = 0; c < best[l].channels(); ++c) {
      for (const Patch& patch : best[l].of(c)) {
        news.found.push_back({static_cast<int32_t>(l), static_cast<int32_t>(c), patch});
      }
    }
  }
  return news;
}

PlanParts parts_of(const PatchPlan& plan) {
  PlanParts parts{{"the model's SHA-256", plan.model}};
  for (const auto& [name, value] : plan.options) parts.emplace_back("the option " + name, value);
  const auto put_count = [&](const char* what, size_t count) {
    parts.emplace_back(joined("the number of ", what), joined(count));
  };
  put_count("layers", plan.layers.size());
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    const PatchLayer& layer = plan.layers[i];
    parts.emplace_back(joined("layer ", i + 1), joined(layer.name, ", ", layer.channels));
  }
  put_count("images", plan.images.size());
  for (size_t i = 0; i < plan.images.size(); ++i) {
    parts.emplace_back(joined("image ", i + 1), plan.images[i]);
    parts.emplace_back(joined("the label of image ", i + 1), joined(plan.labels[i]));
  }
  return parts;
}

}  // namespace hdecomp
