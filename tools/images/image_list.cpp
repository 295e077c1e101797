/// Reads folders and list files.
#include "tools/images/image_list.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "hdecomp/error.h"
#include "hdecomp/photo_folder.h"
#include "tools/console/text_lines.h"
#include "tools/images/photo_input.h"

namespace hdecomp::tools {
namespace {
namespace fs = std::filesystem;

std::vector<ListedImage> from_folder(const std::string& folder, const std::string& without) {
  std::vector<ListedImage> images;
  for (FolderPhoto& photo : photos_in(folder, without)) {
    images.push_back({std::move(photo.path), std::move(photo.shown), -1});
  }
  return images;
}

bool is_there(const std::string& path) {
  std::error_code fault;
  return fs::exists(path, fault);
}

/// A list's file "-" is no standard input.
std::string in_folder(const fs::path& root, const std::string& name) {
  const std::string path = (root / name).string();
  return is_standard_input(path) ? "./" + path : path;
}

bool is_file(const std::string& path) {
  std::error_code fault;
  return is_there(path) && !fs::is_directory(path, fault);
}

/// A line of a list: a path, or a path and a label.
std::optional<ListedImage> listed(const fs::path& root, const std::string& line) {
  const std::string whole = in_folder(root, line);
  if (is_there(whole)) return ListedImage{whole, line, -1};
  const std::optional<LabelledPath> parts = labelled_path(
      line, [&](const std::string& shown) { return is_file(in_folder(root, shown)); });
  if (!parts) return {};
  return ListedImage{in_folder(root, parts->path), parts->path, -1, parts->label};
}

std::vector<ListedImage> from_list(const ImageSource& source) {
  const fs::path root = root_of(source);
  std::vector<ListedImage> images;
  for (const std::string& line : read_lines(source.list)) {
    std::optional<ListedImage> image = listed(root, line);
    // Before the first image is worked on, not after an hour.
    if (!image) {
      constexpr size_t longest = 400;
      const std::string path = (root / line).string();
      throw UserError(joined("--list ", source.list, ": there is no image ",
                             path.substr(0, longest), path.size() > longest ? "..." : ""));
    }
    images.push_back(std::move(*image));
  }
  return images;
}

/// Files of the command line.
std::vector<ListedImage> from_files(const std::vector<std::string>& paths) {
  std::vector<ListedImage> images;
  for (const std::string& path : paths) {
    if (is_standard_input(path)) throw UserError("-: standard input is one image; give it alone");
    std::error_code fault;
    if (fs::is_directory(path, fault)) {
      throw UserError(joined(path, ": is a folder; give one folder, or images"));
    }
    if (!is_there(path)) throw UserError(joined(path, ": there is no such image"));
    images.push_back({path, path, -1});
  }
  return images;
}

/// A VOC set: "2008_000002" lines, or "2008_000002 1" ones of a class, of which 1 means that it is
/// there.
std::vector<ListedImage> from_image_set(const std::string& folder, const std::string& set) {
  const fs::path below = set.find('/') == std::string::npos ? "Main/" + set : set;
  const std::string list = (fs::path(folder) / "ImageSets" / (below.string() + ".txt")).string();
  std::vector<ListedImage> images;
  for (const std::string& line : read_lines(list)) {
    const size_t gap = line.find_first_of(" \t");
    const size_t flag = line.find_first_not_of(" \t", gap);
    if (flag != std::string::npos && line.substr(flag) != "1") continue;
    const fs::path shown = fs::path("JPEGImages") / (line.substr(0, gap) + ".jpg");
    images.push_back({(fs::path(folder) / shown).string(), shown.string(), -1});
    if (!is_there(images.back().path)) {
      throw UserError(joined("--image-set ", set, ": there is no image ", images.back().path));
    }
  }
  if (images.empty()) throw UserError(joined("--image-set ", set, ": has no image of its class"));
  return images;
}

}  // namespace

std::vector<std::string> paths_of(const std::vector<ListedImage>& images) {
  std::vector<std::string> paths;
  for (const ListedImage& image : images) paths.push_back(image.path);
  return paths;
}

void keep_some(const ImageSource& source, int limit, std::vector<ListedImage>& images) {
  const auto every = static_cast<size_t>(source.every);
  size_t kept = 0;
  for (size_t i = 0; i < images.size(); i += every, ++kept) {
    if (kept != i) images[kept] = std::move(images[i]);
  }
  images.resize(kept);
  if (limit > 0 && std::cmp_less(limit, images.size())) images.resize(static_cast<size_t>(limit));
}

std::string root_of(const ImageSource& source) {
  return source.root.empty() ? fs::path(source.list).parent_path().string() : source.root;
}

bool names_several(const ImageSource& source) {
  if (source.images.empty() == source.list.empty()) {
    throw UserError("give images, one folder, or --list FILE");
  }
  std::error_code fault;
  return source.images.size() != 1 || !source.set.empty() ||
         fs::is_directory(source.images.front(), fault);
}

std::vector<ListedImage> list_images(const ImageSource& source, const std::string& without) {
  if (!source.set.empty()) {
    if (source.images.size() != 1) throw UserError("--image-set: give one PASCAL VOC folder");
    return from_image_set(source.images.front(), source.set);
  }
  const bool several = names_several(source);
  if (!source.list.empty()) return from_list(source);
  if (source.images.size() > 1) return from_files(source.images);
  const std::string& one = source.images.front();
  if (is_standard_input(one) && !source.takes_standard_input) {
    throw UserError(
        "-: standard input is for classify, explain, decompose, ablate, what-if and saliency");
  }
  return several ? from_folder(one, without) : std::vector<ListedImage>{{one, photo_name(one), -1}};
}

}  // namespace hdecomp::tools
