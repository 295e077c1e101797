/// Experiments over files, for callers that are no command line.
#include "hdecomp/experiment_files.h"

#include <algorithm>
#include <filesystem>

#include "hdecomp/error.h"
#include "hdecomp/photo_folder.h"

namespace hdecomp {
namespace {

/// Throws UserError where a label lacks that something is counted or chosen by.
void require_labels(const ExperimentOptions& options, const std::vector<int32_t>& labels) {
  if (std::ranges::find(labels, -1) == labels.end()) return;
  const char* what = options.kind == ExperimentKind::discriminate ? "discriminate counts by class"
                     : options.target == "label" ? "the class is each image's label"
                     : options.change.failures   ? "failures are told by their label"
                                                 : nullptr;
  if (what != nullptr) throw UserError(joined(what, ": give labels"));
}

/// While the file is open: it has a lock.
void take_results(const ResultsFile& file, const Model& model, MeasuredFiles& measured) {
  measured.model = model;
  measured.plan = file.plan();
  measured.states = file.states();
  for (const ResultField& field : measured.plan.fields) {
    measured.values[field.name] =
        std::make_shared<const std::vector<float>>(file.values(field.name));
  }
  const bool has_graphs = measured.plan.experiment ==
                          experiment_names[static_cast<size_t>(ExperimentKind::class_graph)];
  if (has_graphs) measured.graphs = class_graphs(file, model);
}

}  // namespace

ExperimentOptions usual_options(ExperimentKind kind) {
  ExperimentOptions options;
  options.kind = kind;
  const bool is_sparse = kind == ExperimentKind::sparse;
  if (is_sparse || kind == ExperimentKind::importance) options.top = is_sparse ? 32 : 16;
  const bool has_zeros = options.top > 3 || kind == ExperimentKind::what_ifs;
  if (has_zeros) options.fill = AblationFill::zero;
  if (kind == ExperimentKind::class_graph) options.depth = 0;
  return options;
}

ExperimentOptions usual_options(size_t verb) {
  const bool compares = verb == compare_models_verb;
  return usual_options(compares ? ExperimentKind::randomise : static_cast<ExperimentKind>(verb));
}

void compare_with(ExperimentOptions& options, const std::string& path) {
  options.other = Model::load(path);
  options.other_sha256 = file_sha256(path);
}

std::vector<Image> control_images(std::span<const std::string> paths) {
  std::vector<Image> found;
  for (size_t i = 0; i < paths.size() && found.size() < 2; ++i) {
    try {
      Image image = Image::load(paths[i]);
      if (found.empty() || found.front().rgb != image.rgb) found.push_back(std::move(image));
    } catch (const UserError&) {  // told of when its turn comes
    }
  }
  return found;
}

ExperimentFiles files_in(const std::string& folder, const std::string& without) {
  ExperimentFiles files;
  for (FolderPhoto& photo : photos_in(folder, without)) {
    files.paths.push_back(std::move(photo.path));
    files.shown.push_back(std::move(photo.shown));
  }
  files.labels.assign(files.paths.size(), -1);
  return files;
}

std::string skipped_line(const std::string& path, const std::string& why) {
  return why.find(path) == std::string::npos ? joined(path, ": ", why) : why;
}

void require_output(const std::string& output, std::span<const std::string> inputs) {
  namespace fs = std::filesystem;
  const fs::path path = output;
  std::error_code fault;
  if (output.empty()) throw UserError("--output: give a file's name");
  if (fs::is_directory(path, fault)) throw UserError(joined("--output ", output, ": is a folder"));
  if (path.has_parent_path() && !fs::is_directory(path.parent_path(), fault)) {
    throw UserError(
        joined("--output ", output, ": there is no folder ", path.parent_path().string()));
  }
  if (!fs::exists(path, fault)) return;
  for (const std::string& input : inputs) {
    if (!fs::equivalent(path, input, fault)) continue;
    throw UserError(joined("--output ", output, ": is one of the files that it is made from"));
  }
}

std::vector<int32_t> folder_labels(std::span<const std::string> paths, const Model& model) {
  std::vector<int32_t> labels;
  for (const std::string& path : paths) {
    const std::string folder = std::filesystem::path(path).parent_path().filename().string();
    try {
      labels.push_back(static_cast<int32_t>(model.find_class(folder)));
    } catch (const UserError& fault) {
      throw UserError(joined(path, ": its folder is to be its class: ", fault.what()));
    }
  }
  return labels;
}

std::vector<std::string> segmentations_of(const RegionLabels& regions,
                                          const ExperimentFiles& files) {
  std::vector<std::string> found;
  for (const std::string& shown : files.shown) found.push_back(regions.file_of(shown));
  if (std::ranges::any_of(found, [](const std::string& each) { return !each.empty(); })) {
    return found;
  }
  throw UserError(joined("no image has a segmentation; that of ", files.paths.front(), " would be ",
                         regions.places_of(files.shown.front())));
}

ResultsFile open_results(const std::string& output, bool resume, const ResultsPlan& plan) {
  std::error_code fault;
  if (resume && std::filesystem::exists(output, fault)) return ResultsFile::resume(output, plan);
  return ResultsFile::create(output, plan);
}

std::vector<int64_t> MeasuredFiles::shape_of(const ResultField& field) const {
  std::vector<int64_t> shape{std::ssize(states)};
  shape.insert(shape.end(), field.extent.begin(), field.extent.end());
  return shape;
}

MeasuredFiles measure_files(Experiment& experiment, const ExperimentOptions& options,
                            const ExperimentFiles& files, const FileRun& run) {
  if (files.paths.empty()) throw UserError("no images");
  require_labels(options, files.labels);
  if (options.kind == ExperimentKind::randomise) {
    experiment.take_other_images(control_images(files.paths));
  }
  MeasuredFiles measured;
  DatasetRun data;
  data.paths = files.paths;
  data.labels = files.labels;
  if (options.regions) data.regions = segmentations_of(*options.regions, files);
  data.progress = run.progress;
  data.stop = run.stop;
  data.turning = run.turning;
  data.skipped = [&](int64_t image, const std::string& why) { measured.skipped[image] = why; };
  ResultsPlan plan = experiment.plan();
  plan.model = run.model_sha256;
  if (run.turning == Turning::upright) plan.options["exif"] = "upright";
  plan.images = files.shown;
  plan.labels = files.labels;
  ResultsFile results = open_results(run.output, run.resume, plan);
  static const Ranks alone;
  run_dataset(experiment, &results, alone, data);
  measured.path = run.output;
  take_results(results, experiment.model(), measured);
  return measured;
}

}  // namespace hdecomp
