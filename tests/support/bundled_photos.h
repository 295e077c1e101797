/// The photographs of tools/photos.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/image.h"
#include "tests/support/places.h"

namespace hdecomp::testing_models {

/// By its file's name, "chelsea.jpg".
inline Image bundled_photo(const std::string& name) { return Image::load(photo_path(name)); }

inline std::vector<Image> bundled_photos(const std::vector<std::string>& names) {
  std::vector<Image> photos;
  for (const std::string& name : names) photos.push_back(bundled_photo(name));
  return photos;
}

}  // namespace hdecomp::testing_models
