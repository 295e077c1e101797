/// An experiment over files, from what is asked to what was measured: what its callers in Python
/// and C share, and the command where its flags say the same.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/class_graphs.h"
#include "hdecomp/experiment.h"
#include "hdecomp/results_file.h"

namespace hdecomp {

/// What an experiment of this kind is asked for where nothing is said.
HDECOMP_API ExperimentOptions usual_options(ExperimentKind kind);
/// The same of a verb's place in experiment_names; compare-models is randomise, so far without a
/// model to compare with.
HDECOMP_API ExperimentOptions usual_options(size_t verb);

/// Has randomise compare with the model of a file.
HDECOMP_API void compare_with(ExperimentOptions& options, const std::string& path);

/// The first two files that can be read and are not alike: ExperimentOptions::other_images, or
/// Experiment::take_other_images(). Fewer where there are none.
HDECOMP_API std::vector<Image> control_images(std::span<const std::string> paths);

/// Photographs, and what is known of each; `shown` is as folders list them ("a/b.jpg").
struct ExperimentFiles {
  std::vector<std::string> paths;
  std::vector<std::string> shown;  // as many; a results file names images so
  std::vector<int32_t> labels;     // as many class indexes, -1 where there is none
};

/// A folder's photographs, without labels and those in the folder `without`. Throws what
/// photos_in() throws.
HDECOMP_API ExperimentFiles files_in(const std::string& folder, const std::string& without = {});

/// Why a photograph was skipped, with its path, which errors of its file have already.
HDECOMP_API std::string skipped_line(const std::string& path, const std::string& why);

/// Throws UserError, before anything is done for it, where no file can be written, or none should:
/// an empty name, a folder, a place in a folder that is not there, or one of `inputs` itself.
HDECOMP_API void require_output(const std::string& output,
                                std::span<const std::string> inputs = {});

/// Classes that are called as the photographs' folders. Throws UserError where there is none.
HDECOMP_API std::vector<int32_t> folder_labels(std::span<const std::string> paths,
                                               const Model& model);

/// Of each photograph its segmentation's file, empty where one lacks. Throws UserError where not
/// one is there.
HDECOMP_API std::vector<std::string> segmentations_of(const RegionLabels& regions,
                                                      const ExperimentFiles& files);

/// The file `output` of a plan: with `resume` one that is there, to go on with, else a new one.
/// Throws what ResultsFile::resume() and create() throw.
HDECOMP_API ResultsFile open_results(const std::string& output, bool resume,
                                     const ResultsPlan& plan);

/// Where results go, and who is told of what.
struct FileRun {
  std::string output;        // the results file
  bool resume = false;       // what it does not have yet alone, if it is there
  std::string model_sha256;  // of the experiment's model's file
  std::function<void(int64_t done, int64_t all)> progress = {};  // as DatasetRun
  std::stop_token stop = {};
  Turning turning = Turning::as_stored;  // of photographs that were stored turned
};

/// What a results file has, which others may open again.
struct MeasuredFiles {
  /// Of a field's values: the images, then the field's extent.
  HDECOMP_API std::vector<int64_t> shape_of(const ResultField& field) const;

  std::string path;            // of the results file
  std::optional<Model> model;  // whose classes and layers it tells of
  ResultsPlan plan;
  std::vector<ImageState> states;
  std::map<std::string, std::shared_ptr<const std::vector<float>>> values;  // by field
  std::optional<std::vector<ClassGraph>> graphs;                            // of kind class_graph
  std::map<int64_t, std::string> skipped;  // by image: why this run did not measure it
};

/// Measures the files and writes the results, as `hdecomp EXPERIMENT` does. `options` are those
/// that the experiment was made with; randomise's other_images become control_images() of the
/// files. Throws what run_dataset() throws, and UserError where there are no images, or no labels
/// where the options need them.
HDECOMP_API MeasuredFiles measure_files(Experiment& experiment, const ExperimentOptions& options,
                                        const ExperimentFiles& files, const FileRun& run);

}  // namespace hdecomp
