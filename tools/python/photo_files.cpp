/// A folder's photographs, or a list's, and their labels.
#include "tools/python/photo_files.h"

#include <filesystem>

#include "hdecomp/error.h"

namespace hdecomp::python {
namespace {

/// Class indexes; -1 where there is none.
std::vector<int32_t> labels_from(const py::object& given, const Model& model,
                                 const std::vector<std::string>& paths) {
  if (given.is_none()) return std::vector<int32_t>(paths.size(), -1);
  if (py::isinstance<py::str>(given)) {
    constexpr const char* words[] = {"folder"};
    choice_of("labels", py::cast<std::string>(given), words);
    return folder_labels(paths, model);
  }
  std::vector<int32_t> labels;
  for (const py::handle& one : given) {
    labels.push_back(one.is_none() ? -1 : static_cast<int32_t>(model.find_class(py::str(one))));
  }
  if (labels.size() == paths.size()) return labels;
  throw UserError(joined(labels.size(), " labels for ", paths.size(), " images"));
}

}  // namespace

ExperimentFiles files_from(const py::object& images, const py::object& labels, const Model& model,
                           const std::string& without) {
  ExperimentFiles files;
  if (is_path(images)) {
    const std::string folder = path_from(images);
    if (std::error_code fault; !std::filesystem::is_directory(folder, fault)) {
      throw UserError(joined(folder, ": is no folder; give a folder, or a list of images"));
    }
    files = files_in(folder, without);
  } else {
    for (const py::handle& one : images) {
      files.paths.push_back(path_from(py::reinterpret_borrow<py::object>(one)));
    }
    files.shown = files.paths;
  }
  files.labels = labels_from(labels, model, files.paths);
  return files;
}

}  // namespace hdecomp::python
