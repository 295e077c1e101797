/// Photographs kept in order of their last use; the longest unused goes first.
#include "tools/serve/image_store.h"

#include <algorithm>
#include <random>

namespace hdecomp::tools {
namespace {

size_t bytes_of(const Image& image) {
  return image.rgb.size() + image.planes.size() * sizeof(float);
}

/// 128 random bits: an id that no other client can guess.
std::string random_id() {
  std::random_device source;
  std::string id;
  for (int i = 0; i < 4; ++i) {
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(source()));
    id += digits;
  }
  return id;
}

}  // namespace

std::shared_ptr<const StoredImage> ImageStore::add(StoredImage image) {
  if (image.id.empty()) image.id = random_id();
  auto stored = std::make_shared<const StoredImage>(std::move(image));
  const std::lock_guard lock(mutex_);
  images_.remove_if([&](const auto& other) { return other->id == stored->id; });
  images_.push_front(stored);
  size_t bytes = 0;
  for (auto at = images_.begin(); at != images_.end();) {
    bytes += bytes_of((*at)->photo) + bytes_of((*at)->view);
    at = bytes > most_bytes_ && at != images_.begin() ? images_.erase(at) : std::next(at);
  }
  return stored;
}

std::shared_ptr<const StoredImage> ImageStore::find(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find_if(images_, [&](const auto& image) { return image->id == id; });
  if (found == images_.end()) return nullptr;
  images_.splice(images_.begin(), images_, found);
  return images_.front();
}

}  // namespace hdecomp::tools
