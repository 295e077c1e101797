/// Runs over many images in Python.
#include "hdecomp/model_file.h"
#include "tools/python/bindings.h"
#include "tools/python/experiment_settings.h"
#include "tools/python/photo_files.h"

namespace hdecomp::python {
namespace {

/// An experiment and the model's file that it is of.
struct ImageExperiment {
  std::string model_sha256;
  ExperimentOptions options;
  Experiment experiment;
  Turns turns = {};
};

std::unique_ptr<ImageExperiment> make_experiment(const std::string& kind, const py::object& model,
                                                 const std::string& device, int threads, int batch,
                                                 const std::string& precision,
                                                 const py::kwargs& settings) {
  const ExperimentOptions options = options_from(experiment_named(kind), settings);
  const std::string path = model_file(path_from(model));
  const EngineOptions engine{device, threads, batch, precision};
  const py::gil_scoped_release others_run;
  return std::unique_ptr<ImageExperiment>(new ImageExperiment{
      file_sha256(path), options, Experiment(Model::load(path), engine, options)});
}

std::shared_ptr<MeasuredFiles> run(ImageExperiment& it, const py::object& images,
                                   const py::object& output, const py::object& labels, bool resume,
                                   bool exif, const py::object& progress, const Stop* stop) {
  const ExperimentFiles files = files_from(images, labels, it.experiment.model());
  const FileRun asked{path_from(output), resume,
                      it.model_sha256,   callback<int64_t, int64_t>(progress),
                      token_of(stop),    turning(exif)};
  return it.turns.take("the experiment", [&] {
    return std::make_shared<MeasuredFiles>(measure_files(it.experiment, it.options, files, asked));
  });
}

}  // namespace

void add_experiments(py::module_& module) {
  add_experiment_results(module);
  py::class_<ImageExperiment>(
      module, "Experiment",
      "A measurement over many images, as the command's verb of that name makes it: 'pcc',\n"
      "'masking', 'distribution', 'sparse', 'importance', 'randomise', 'discriminate', 'attack',\n"
      "'context', 'class-graph', 'what-ifs', 'compare-models'. `model`: a model file, or the name\n"
      "of a bundled model. Other keywords are the verb's flags; settings(kind) lists them, and\n"
      "what is None is as the verb has it. `merge_overlaps`: of class-graph the IoU above which\n"
      "channels become one, None for none; `regions`, `region_names`: of context a folder of\n"
      "segmentations and a file of their labels' names; `at`, `off`: of what-ifs 'top' or\n"
      "'LAYER:CHANNEL', whose pixels are filled or that are switched off; `other`: of\n"
      "compare-models a model file.")
      .def(py::init(&make_experiment), py::arg("kind"), py::arg("model") = "", py::kw_only(),
           py::arg("device") = "", py::arg("threads") = 0, py::arg("batch") = 4,
           py::arg("precision") = "float32")
      .def_static(
          "settings", [](const std::string& kind) { return settings_of(experiment_named(kind)); },
          py::arg("kind"), "Of each keyword that a kind has: what it is given.")
      .def(
          "run", &run, py::arg("images"), py::arg("output"), py::kw_only(),
          py::arg("labels") = py::none(), py::arg("resume") = false, py::arg("exif") = false,
          py::arg("progress") = py::none(), py::arg("stop") = py::none(),
          "Measures a folder's images, or a list of files, and writes the results file `output`\n"
          "(.h5), with `resume` what it does not have yet. `labels`: of each image a class by\n"
          "index, WordNet id or name, or None; or 'folder', the name of each image's.\n"
          "`exif`: photographs that were stored turned are turned upright.\n"
          "`progress(done, of)` is called after each batch; what it raises ends the run, and what\n"
          "was measured is kept.");
}

}  // namespace hdecomp::python
