/// The photographs that clients have given, decoded; the ones not used for longest make room.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "hdecomp/hdecomp.h"

namespace hdecomp::tools {

struct StoredImage {
  std::string id;    // what requests call it: random, or a bundled photograph's name
  std::string name;  // what the client calls it
  Image photo;
  Image view;           // as the page shows it
  uint64_t pixels = 0;  // pixel_number(), where patches are shown
};

class ImageStore {
 public:
  /// Keeps at most `bytes` of pixels, but always the last image.
  explicit ImageStore(size_t bytes) : most_bytes_(bytes) {}

  /// Gives `image` an id, unless it has one.
  std::shared_ptr<const StoredImage> add(StoredImage image);
  /// Null if it is not there, or no more.
  std::shared_ptr<const StoredImage> find(const std::string& id);

 private:
  std::mutex mutex_;
  size_t most_bytes_;
  std::list<std::shared_ptr<const StoredImage>> images_;  // the last used one first
};

}  // namespace hdecomp::tools
