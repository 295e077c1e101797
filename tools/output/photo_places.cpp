/// Paths of photographs as paths inside the output folder.
#include "tools/output/photo_places.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace {
namespace fs = std::filesystem;

/// The lowest folder that all files are in.
fs::path shared_folder(const std::vector<std::string>& paths) {
  fs::path shared;
  for (const std::string& path : paths) {
    const fs::path own = fs::absolute(path).lexically_normal().parent_path();
    if (shared.empty()) shared = own;
    const auto [end, ignored] = std::ranges::mismatch(shared, own);
    fs::path common;
    for (auto part = shared.begin(); part != end; ++part) common /= *part;
    shared = common;
  }
  return shared;
}

}  // namespace

std::vector<std::string> places_of(const ExperimentFiles& photos,
                                   const std::optional<fs::path>& given) {
  const fs::path root =
      given ? (fs::current_path() / *given / "").lexically_normal() : shared_folder(photos.paths);
  std::map<std::string, std::string> owners;
  std::vector<std::string> places;
  for (size_t i = 0; i < photos.paths.size(); ++i) {
    const std::string& shown = photos.shown[i];
    fs::path inside = given ? fs::path(shown) : fs::absolute(photos.paths[i]);
    inside = inside.lexically_normal();
    if (inside.is_absolute()) {
      const fs::path near = inside.lexically_relative(root);
      inside = near.empty() || *near.begin() == ".." ? inside.relative_path() : near;
    }
    if (inside.empty() || *inside.begin() == "..") {
      throw UserError(joined("--output-dir: ", shown,
                             " leads out of the list's folder; give "
                             "--root DIR and paths that stay inside it"));
    }
    if (*inside.begin() == "index.html") {
      throw UserError(
          joined("--output-dir: ", shown, " would lie where index.html is to be; rename it"));
    }
    const std::string real = fs::absolute(photos.paths[i]).lexically_normal().string();
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
