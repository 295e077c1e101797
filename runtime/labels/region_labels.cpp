/// A folder of segmentations: which file is whose, and what its labels are called.
#include "hdecomp/region_labels.h"

#include <algorithm>
#include <filesystem>
#include <ranges>

#include "hdecomp/error.h"
#include "nets/lower.h"
#include "runtime/image/image_formats.h"
#include "runtime/image/library_formats.h"
#include "runtime/image/orientation.h"
#include "runtime/labels/label_files.h"
#include "runtime/labels/label_names.h"
#include "weights/file/file_bytes.h"

namespace hdecomp {
namespace {
namespace fs = std::filesystem;

/// Caltech-101 calls four folders of its annotations otherwise than those of its photographs.
constexpr std::pair<const char*, const char*> other_folders[]{{"airplanes", "Airplanes_Side_2"},
                                                              {"faces", "Faces_2"},
                                                              {"faces_easy", "Faces_3"},
                                                              {"motorbikes", "Motorbikes_16"}};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), ascii_lower);
  return text;
}

/// What the photographs of an annotation's folder show, in lower case.
std::string category_of(const std::string& folder) {
  for (const auto& [category, other] : other_folders) {
    if (folder == other) return category;
  }
  return lower(folder);
}

/// A folder's folders by what the photographs of each show; those of one category as listed.
std::multimap<std::string, std::string> caltech_folders(const std::string& folder) {
  std::multimap<std::string, std::string> folders;
  std::error_code fault;
  for (auto it = fs::directory_iterator(folder, fault); !fault && it != fs::end(it);
       it.increment(fault)) {
    std::error_code unknown;
    if (!it->is_directory(unknown)) continue;
    const std::string name = it->path().filename().string();
    folders.emplace(category_of(name), name);
  }
  if (fault) throw UserError(joined(folder, ": cannot be read (", fault.message(), ")"));
  if (folders.empty()) {
    throw UserError(joined(folder, ": no folders of outlines, such as accordion/, in this folder"));
  }
  return folders;
}

std::vector<RegionName> caltech_names(const std::multimap<std::string, std::string>& folders) {
  std::vector<RegionName> names{{0, "background"}};
  for (const auto& [category, folder] : folders) {
    names.push_back({static_cast<int>(names.size()), category});
  }
  return names;
}

/// How many names each kind has.
void check_count(const std::string& file, RegionKind kind, const std::vector<RegionName>& names) {
  const size_t all = kind == RegionKind::context459  ? 459
                     : kind == RegionKind::context59 ? 59
                     : kind == RegionKind::voc       ? 20
                                                     : 0;
  const bool with_background = kind == RegionKind::context59 || kind == RegionKind::voc;
  if (all == 0 || names.size() == all || (with_background && names.size() == all + 1)) return;
  throw UserError(joined(file, ": ", names.size(), " names; ",
                         region_kinds[static_cast<size_t>(kind)], " has ", all,
                         with_background ? joined(", or ", all + 1, " with the background") : ""));
}

RawLabels read_raw(const ImageFile& file, const fs::path& path, RegionKind kind, int64_t height,
                   int64_t width) {
  if (kind == RegionKind::caltech101) return outline_labels(file, height, width);
  if (is_png(file)) return png_labels(file);
  if (is_tiff(file)) {
    GreyPicture picture = decode_tiff_samples(file);
    return {picture.height, picture.width, std::move(picture.samples)};
  }
  if (path.extension() != ".mat") file.fail("is no PNG, TIFF or MATLAB file of labels");
  return mat_labels(file);
}

}  // namespace

RegionLabels RegionLabels::open(const std::string& folder, const std::string& names_file,
                                RegionKind kind, std::optional<int> first) {
  if (std::error_code fault; !fs::is_directory(folder, fault)) {
    throw UserError(
        joined(folder.empty() ? "''" : folder, ": there is no such folder of segmentations"));
  }
  RegionLabels labels(folder, kind);
  const bool has_own = kind == RegionKind::caltech101;
  if (has_own != names_file.empty()) {
    throw UserError(
        has_own ? "caltech-101 has its names from its folders; give no --region-names"
                : "--region-names is missing: a text file of the labels' names, a line for each");
  }
  labels.names_file_ = has_own ? folder : names_file;
  if (has_own) labels.folders_ = caltech_folders(folder);
  labels.names_ = has_own ? caltech_names(labels.folders_) : read_region_names(names_file, first);
  check_count(names_file, kind, labels.names_);
  check_written_size(labels.names_file_, labels.names_);
  for (size_t i = 0; i < labels.names_.size(); ++i) {
    const auto number = static_cast<size_t>(labels.names_[i].number);
    if (labels.place_of_.size() <= number) labels.place_of_.resize(number + 1, RegionMap::none);
    labels.place_of_[number] = static_cast<uint16_t>(i);
  }
  return labels;
}

std::string RegionLabels::file_of(const std::string& shown) const {
  const fs::path listed = shown, folder = listed.parent_path();
  const std::string stem = listed.stem().string();
  const auto there = [](const fs::path& path) {
    std::error_code fault;
    return fs::is_regular_file(path, fault);
  };
  if (kind_ == RegionKind::caltech101) {
    constexpr std::string_view begin = "image_";
    if (!stem.starts_with(begin)) return {};
    const std::string name = "annotation_" + stem.substr(begin.size()) + ".mat";
    const auto [first, end] = folders_.equal_range(lower(folder.filename().string()));
    for (const auto& [category, each] : std::ranges::subrange(first, end)) {
      const fs::path path = fs::path(folder_) / each / name;
      if (there(path)) return path.string();
    }
    return {};
  }
  for (const fs::path& place : {fs::path(folder_) / folder.relative_path(), fs::path(folder_)}) {
    for (const char* ending : {".mat", ".png", ".tif", ".tiff"}) {
      const fs::path path = place / (stem + ending);
      if (there(path)) return path.string();
    }
  }
  return {};
}

std::string RegionLabels::places_of(const std::string& shown) const {
  const fs::path listed = shown;
  if (kind_ == RegionKind::caltech101) {
    return joined(folder_, "/", listed.parent_path().filename().string(), "/annotation_NNNN.mat");
  }
  const fs::path inner = listed.parent_path().relative_path() / listed.stem();
  std::string places = (fs::path(folder_) / inner).string();
  if (listed.has_parent_path()) places += " or " + (fs::path(folder_) / listed.stem()).string();
  return places + ", with .mat, .png, .tif or .tiff";
}

RegionMap RegionLabels::read(const std::string& file, int64_t height, int64_t width) const {
  const FileBytes content(file);
  // One of another size is told of by its size, unless that is far too large to be read for it.
  constexpr int64_t usual_pixels = int64_t{1} << 24;
  const ImageFile bytes(content.bytes(), file, std::max(height * width, usual_pixels));
  RawLabels raw = read_raw(bytes, file, kind_, height, width);
  if (raw.height != height || raw.width != width) {
    bytes.fail(joined("has ", raw.width, " x ", raw.height, " labels, but the photograph has ",
                      width, " x ", height, " pixels"));
  }
  uint16_t inside = RegionMap::none;
  if (kind_ == RegionKind::caltech101) {
    const std::string category = category_of(fs::path(file).parent_path().filename().string());
    const auto name = std::ranges::find(names_, category, &RegionName::name);
    inside = static_cast<uint16_t>(name == names_.end() ? RegionMap::none : name->number);
  }
  for (size_t i = 0; i < raw.numbers.size(); ++i) {
    uint16_t& number = raw.numbers[i];
    if (inside != RegionMap::none && number == 1) number = inside;
    const uint16_t place = number < place_of_.size() ? place_of_[number] : RegionMap::none;
    if (place == RegionMap::none && number != 0 && number != 255) {
      const auto at = static_cast<int64_t>(i);
      bytes.fail(joined("label ", number, " at row ", at / width, ", column ", at % width,
                        " has no name in ", names_file_, " (", names_.size(), " names, ",
                        names_.front().number, " to ", names_.back().number, ")"));
    }
    number = place;
  }
  return {height, width, std::move(raw.numbers)};
}

RegionMap RegionLabels::read(const std::string& file, const Image& photo) const {
  if (file.empty()) throw UserError("there is no segmentation of it");
  const bool exchanged = photo.turned_by >= 5;  // rows and columns
  RegionMap stored =
      exchanged ? read(file, photo.width, photo.height) : read(file, photo.height, photo.width);
  if (photo.turned_by == 1) return stored;
  const UprightPixels pixels(photo.turned_by, stored.height, stored.width);
  RegionMap map{photo.height, photo.width, {}};
  map.regions.reserve(stored.regions.size());
  for (int64_t y = 0; y < map.height; ++y) {
    for (int64_t x = 0; x < map.width; ++x) {
      map.regions.push_back(stored.regions[pixels.stored(y, x)]);
    }
  }
  return map;
}

}  // namespace hdecomp
