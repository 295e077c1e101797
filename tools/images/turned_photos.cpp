/// Telling of photographs that are not upright.
#include "tools/images/turned_photos.h"

#include "hdecomp/error.h"
#include "tools/console/complaint.h"

namespace hdecomp::tools {

Turning turning(const CommonOptions& common) {
  return common.exif ? Turning::upright : Turning::as_stored;
}

TurnedPhotos::~TurnedPhotos() {
  if (count_ == 0) return;
  const std::string others = count_ == 1 ? "" : joined(" (and ", count_ - 1, " more)");
  complain(joined(first_, others,
                  ": is stored turned, as its EXIF tag says, and was taken so; --exif turns it "
                  "upright"));
}

void TurnedPhotos::see(const Image& photo, const std::string& name) {
  if (photo.orientation != 1) count(name);
}

void TurnedPhotos::see(const PhotoBatch& batch, const std::vector<ListedImage>& images) {
  for (size_t i = 0; i < batch.photos.size(); ++i) {
    see(batch.photos[i], images[batch.indexes[i]].path);
  }
}

void TurnedPhotos::count(const std::string& name) {
  if (count_++ == 0) first_ = name;
}

}  // namespace hdecomp::tools
