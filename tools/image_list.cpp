/// Reads folders, list files and label files.
#include "tools/image_list.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace {
namespace fs = std::filesystem;

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream in(path);
  if (!in || fs::is_directory(path)) throw UserError(text(path, ": the list cannot be read"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  if (lines.empty()) throw UserError(text(path, ": the list is empty"));
  return lines;
}

bool is_image_name(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::vector<std::string> known{".jpg", ".jpeg", ".png", ".bmp",
                                       ".tga", ".pnm",  ".ppm", ".pgm"};
  return std::ranges::find(known, ending) != known.end();
}

std::vector<ListedImage> from_folder(const std::string& folder) {
  std::vector<ListedImage> images;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || !is_image_name(entry.path())) continue;
    images.push_back({entry.path().string(), fs::relative(entry.path(), folder).string(), -1});
  }
  if (images.empty()) throw UserError(text(folder, ": no images in this folder"));
  std::ranges::sort(images, {}, &ListedImage::path);
  return images;
}

std::vector<ListedImage> from_list(const ClassifyOptions& options) {
  const fs::path root =
      options.root.empty() ? fs::path(options.list).parent_path() : fs::path(options.root);
  std::vector<ListedImage> images;
  for (const std::string& line : read_lines(options.list)) {
    images.push_back({(root / line).string(), line, -1});
    // Before the first image is classified, not after an hour.
    if (std::error_code fault; !fs::exists(images.back().path, fault)) {
      throw UserError(text("--list ", options.list, ": there is no image ", images.back().path));
    }
  }
  return images;
}

/// "PATH LABEL" lines give the label by path, other lines by order.
void add_labels_from_file(const std::string& path, const Model& model,
                          std::vector<ListedImage>& images) {
  const std::vector<std::string> lines = read_lines(path);
  std::map<std::string, std::string> by_path;
  for (const std::string& line : lines) {
    const size_t gap = line.find_first_of(" \t");
    if (gap != std::string::npos) by_path[line.substr(0, gap)] = line.substr(gap + 1);
  }
  const bool paired = images.size() > 0 && by_path.contains(images[0].shown);
  if (!paired && lines.size() != images.size()) {
    throw UserError(
        text("--labels ", path, ": ", lines.size(), " labels for ", images.size(), " images"));
  }
  for (size_t i = 0; i < images.size(); ++i) {
    if (!paired) {
      images[i].label = model.find_class(lines[i]);
      continue;
    }
    const auto found = by_path.find(images[i].shown);
    if (found == by_path.end()) {
      throw UserError(text("--labels ", path, ": no label for ", images[i].shown));
    }
    images[i].label = model.find_class(found->second);
  }
}

void add_labels(const std::string& labels, const Model& model, std::vector<ListedImage>& images) {
  if (labels.empty()) return;
  if (labels != "folder") return add_labels_from_file(labels, model, images);
  for (ListedImage& image : images) {
    image.label = model.find_class(fs::path(image.path).parent_path().filename().string());
  }
}

}  // namespace

std::vector<ListedImage> list_images(const ClassifyOptions& options, const Model& model) {
  if (options.image.empty() == options.list.empty()) {
    throw UserError("classify: give one image, one folder, or --list FILE");
  }
  std::vector<ListedImage> images;
  if (!options.list.empty()) {
    images = from_list(options);
  } else if (fs::is_directory(options.image)) {
    images = from_folder(options.image);
  } else {
    images.push_back({options.image, options.image, -1});
  }
  add_labels(options.labels, model, images);
  return images;
}

}  // namespace hdecomp::tools
