/// The photographs, and their segmentations, that the C interface's runs over many are given.
#pragma once

#include "hdecomp/error.h"
#include "hdecomp/experiment_files.h"
#include "hdecomp/region_labels.h"
#include "runtime/c_api/handles.h"

namespace hdecomp::c_api {

/// `given`: options with paths, path_count, labels and label_by_folder; of a folder without those
/// in the folder `without`. Throws UserError for both or neither of folder and paths, and labels
/// that are no class of the model.
template <class Given>
ExperimentFiles files_of(const char* folder, const Given& given, const Model& model,
                         const std::string& without = {}) {
  ExperimentFiles files;
  if ((folder != nullptr) == (given.path_count > 0)) {
    throw UserError("give images: either a folder or paths");
  }
  if (folder == nullptr) {
    files.paths = files.shown = texts_of(given.paths, given.path_count, "paths");
    files.labels.assign(files.paths.size(), -1);
  } else {
    if (given.labels != nullptr) throw UserError("labels: are of paths, not of a folder");
    files = files_in(folder, without);
  }
  if (given.label_by_folder != 0 && given.labels != nullptr) {
    throw UserError("give either labels or label_by_folder");
  }
  if (given.label_by_folder != 0) files.labels = folder_labels(files.paths, model);
  if (given.labels != nullptr) files.labels.assign(given.labels, given.labels + given.path_count);
  for (const int32_t label : files.labels) {
    if (label >= -1 && label < model.class_count()) continue;
    throw UserError(joined("label ", label, "; the model has ", model.class_count(),
                           " classes, and -1 is none"));
  }
  return files;
}

/// `given`: options of the engine; four images together where they do not say.
template <class Given>
EngineOptions run_engine(const Given& given) {
  EngineOptions engine;
  engine.batch = 4;
  take_engine(given, engine);
  return engine;
}

/// `given`: options with resume, after_batch, data, stop and exif; `model`: the model's file.
template <class Given>
FileRun run_into(const char* output, const Given& given, const std::string& model) {
  return {&required(output, "output"), given.resume != 0,
          file_sha256(model),          callback(given.after_batch, given.data),
          token_of(given.stop),        given.exif != 0 ? Turning::upright : Turning::as_stored};
}

/// `given`: options with regions, region_names, region_kind and first_label; `what` wants them.
/// Throws what RegionLabels::open() throws, and UserError without a folder.
template <class Given>
RegionLabels regions_of(const Given& given, const char* what) {
  auto kind = RegionKind::any;
  choose(kind, "region_kind", given.region_kind, region_kinds);
  std::optional<int> first;
  if (given.first_label != nullptr) first = *given.first_label;
  return RegionLabels::open(&required(given.regions, joined(what, ": regions").c_str()),
                            text_of(given.region_names), kind, first);
}

}  // namespace hdecomp::c_api
