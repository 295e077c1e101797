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

/// A link that leads nowhere is one that cannot be read, and is to be told of.
bool is_photo(const fs::directory_entry& entry) {
  if (!is_image_name(entry.path())) return false;
  std::error_code fault;
  return entry.is_regular_file(fault) || (entry.is_symlink(fault) && !entry.exists(fault));
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
      if (!is_photo(*it)) continue;
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
