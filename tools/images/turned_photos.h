/// Photographs that are stored turned, as phones do: told of where they are taken as they are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hdecomp/photo_batches.h"
#include "tools/images/image_list.h"
#include "tools/shared_options.h"

namespace hdecomp::tools {

/// What --exif says.
Turning turning(const CommonOptions& common);

/// Counts them and says so once, on stderr, when it ends.
class TurnedPhotos {
 public:
  TurnedPhotos() = default;
  ~TurnedPhotos();
  TurnedPhotos(const TurnedPhotos&) = delete;
  TurnedPhotos& operator=(const TurnedPhotos&) = delete;

  /// `name`: as the user gave it. Upright photographs do not count.
  void see(const Image& photo, const std::string& name);
  /// The same of a batch from this list.
  void see(const PhotoBatch& batch, const std::vector<ListedImage>& images);
  void count(const std::string& name);

 private:
  int64_t count_ = 0;
  std::string first_;
};

}  // namespace hdecomp::tools
