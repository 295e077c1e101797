/// Paths of images as paths inside the output folder.
#include "tools/images/image_places.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace {
namespace fs = std::filesystem;

/// The lowest folder that all images are in.
fs::path shared_folder(const std::vector<ListedImage>& images) {
  fs::path shared;
  for (const ListedImage& image : images) {
    const fs::path own = fs::absolute(image.path).lexically_normal().parent_path();
    if (shared.empty()) shared = own;
    const auto [end, ignored] = std::ranges::mismatch(shared, own);
    fs::path common;
    for (auto part = shared.begin(); part != end; ++part) common /= *part;
    shared = common;
  }
  return shared;
}

}  // namespace

std::vector<std::string> places_of(const ImageSource& source,
                                   const std::vector<ListedImage>& images) {
  const bool of_command_line = source.images.size() > 1;
  const fs::path root = of_command_line
                            ? shared_folder(images)
                            : (fs::current_path() / root_of(source) / "").lexically_normal();
  std::map<std::string, std::string> owners;
  std::vector<std::string> places;
  for (const ListedImage& image : images) {
    fs::path inside = of_command_line ? fs::absolute(image.path) : fs::path(image.shown);
    inside = inside.lexically_normal();
    if (inside.is_absolute()) {
      const fs::path near = inside.lexically_relative(root);
      inside = near.empty() || *near.begin() == ".." ? inside.relative_path() : near;
    }
    if (inside.empty() || *inside.begin() == "..") {
      throw UserError(joined("--output-dir: ", image.shown,
                             " leads out of the list's folder; give "
                             "--root DIR and paths that stay inside it"));
    }
    if (*inside.begin() == "index.html") {
      throw UserError(
          joined("--output-dir: ", image.shown, " would lie where index.html is to be; rename it"));
    }
    const std::string real = fs::absolute(image.path).lexically_normal().string();
    const auto [owner, is_new] = owners.emplace(inside.string(), real);
    if (!is_new && owner->second != real) {
      throw UserError(joined("--output-dir: ", owner->second, " and ", real,
                             " would share the folder ", inside.string()));
    }
    places.push_back(inside.string());
  }
  return places;
}

}  // namespace hdecomp::tools
