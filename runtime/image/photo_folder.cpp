/// Lists folders of photographs.
#include "hdecomp/photo_folder.h"

#include <algorithm>
#include <filesystem>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {
namespace fs = std::filesystem;

bool is_image_name(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::vector<std::string> known{".jpg",  ".jpeg", ".png", ".webp", ".gif", ".tif",
                                       ".tiff", ".bmp",  ".tga", ".pnm",  ".ppm", ".pgm"};
  return std::ranges::find(known, ending) != known.end();
}

/// A folder that is met inside another; `without` may be empty or missing.
bool is_same_folder(const fs::directory_entry& entry, const std::string& without) {
  std::error_code fault;
  return entry.is_directory(fault) && fs::equivalent(entry.path(), without, fault);
}

}  // namespace

std::vector<FolderPhoto> photos_in(const std::string& folder, const std::string& without) {
  std::vector<FolderPhoto> photos;
  try {
    for (auto it = fs::recursive_directory_iterator(folder); it != fs::end(it); ++it) {
      if (is_same_folder(*it, without)) it.disable_recursion_pending();
      if (!it->is_regular_file() || !is_image_name(it->path())) continue;
      photos.push_back({it->path().string(), it->path().lexically_relative(folder).string()});
    }
  } catch (const fs::filesystem_error& fault) {
    throw UserError(
        joined(fault.path1().string(), ": cannot be read (", fault.code().message(), ")"));
  }
  if (photos.empty()) throw UserError(joined(folder, ": no images in this folder"));
  std::ranges::sort(photos, {}, &FolderPhoto::path);
  return photos;
}

}  // namespace hdecomp
