/// Reads labels: by path, by order, by folder, or beside the paths of a list.
#include "tools/images/image_labels.h"

#include <algorithm>
#include <map>
#include <set>

#include "hdecomp/error.h"
#include "hdecomp/experiment_files.h"
#include "tools/console/text_lines.h"

namespace hdecomp::tools {
namespace {

/// Throws UserError if these labels are the numbers 1 to `classes`: a class index begins at 0.
void refuse_counting_from_one(const std::string& where, const Model& model,
                              const std::vector<std::string>& labels) {
  const std::string last = std::to_string(model.class_count());
  if (std::ranges::find(labels, last) == labels.end()) return;
  if (std::ranges::find(labels, "0") != labels.end()) return;
  throw UserError(joined(where, ": the numbers go up to ", last, "; class indices are 0 to ",
                         model.class_count() - 1,
                         ". ILSVRC's own validation labels count from 1 and in another order: give "
                         "WordNet ids or names"));
}

/// Whether the labels are what a network of one output is trained for: 1 for its class, 0 for not.
bool are_targets(const Model& model, const std::vector<std::string>& labels) {
  return model.output_count() == 1 && model.class_count() == 2 &&
         std::ranges::all_of(labels, [](const auto& each) { return each == "0" || each == "1"; });
}

/// Labels of the images, one each. Throws UserError for one that is no class.
void assign(const std::string& where, const Model& model, const std::vector<std::string>& labels,
            std::vector<ListedImage>& images) {
  if (are_targets(model, labels)) {
    for (size_t i = 0; i < images.size(); ++i) images[i].label = labels[i] == "1" ? 0 : 1;
    return;
  }
  refuse_counting_from_one(where, model, labels);
  for (size_t i = 0; i < images.size(); ++i) {
    try {
      images[i].label = model.find_class(labels[i]);
    } catch (const UserError& fault) {
      throw UserError(joined(where, ": ", images[i].shown, ": ", fault.what()));
    }
  }
}

/// "PATH LABEL" lines give the label by path, lines none of which has an image's path by order.
std::vector<std::string> labels_from_file(const std::string& path,
                                          const std::vector<ListedImage>& images) {
  const std::vector<std::string> lines = read_lines(path);
  std::set<std::string> shown;
  for (const ListedImage& image : images) shown.insert(image.shown);
  std::map<std::string, std::string> by_path;
  for (const std::string& line : lines) {
    const auto is_image = [&](const std::string& part) { return shown.contains(part); };
    if (auto parts = labelled_path(line, is_image)) by_path[parts->path] = parts->label;
  }
  if (by_path.empty()) {
    if (lines.size() == images.size()) return lines;
    throw UserError(
        joined("--labels ", path, ": ", lines.size(), " labels for ", images.size(), " images"));
  }
  std::vector<std::string> labels;
  for (const ListedImage& image : images) {
    const auto found = by_path.find(image.shown);
    if (found == by_path.end()) {
      throw UserError(joined("--labels ", path, ": no label for ", image.shown));
    }
    labels.push_back(found->second);
  }
  return labels;
}

/// Those of the list's own lines: of all or of none.
std::vector<std::string> labels_of_list(const std::vector<ListedImage>& images) {
  std::vector<std::string> labels;
  for (const ListedImage& image : images) {
    if (!image.label_given.empty()) labels.push_back(image.label_given);
  }
  if (labels.empty() || labels.size() == images.size()) return labels;
  const auto bare = std::ranges::find(images, "", &ListedImage::label_given);
  throw UserError(joined("--list: ", bare->shown, " has no label, but ", labels.size(), " of ",
                         images.size(), " lines have one"));
}

}  // namespace

void add_labels(const std::string& labels, const Model& model, std::vector<ListedImage>& images) {
  if (labels == "folder") {
    const std::vector<int32_t> found = folder_labels(paths_of(images), model);
    for (size_t i = 0; i < images.size(); ++i) images[i].label = found[i];
  } else if (!labels.empty()) {
    assign("--labels " + labels, model, labels_from_file(labels, images), images);
  } else if (const auto own = labels_of_list(images); !own.empty()) {
    assign("--list", model, own, images);
  }
}

void add_labels_if_known(const Model& model, std::vector<ListedImage>& images) {
  try {
    add_labels("", model, images);
  } catch (const UserError&) {
    for (ListedImage& image : images) image.label = -1;
  }
}

}  // namespace hdecomp::tools
