/// Runs over many images in Python, and what they measured.
#include <algorithm>
#include <map>
#include <optional>

#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

/// What Python has, by name.
constexpr const char* kinds[] = {"pcc",        "masking",      "distribution", "sparse",
                                 "importance", "discriminate", "attack",       "class-graph"};
constexpr ExperimentKind kinds_by_name[] = {
    ExperimentKind::pcc,    ExperimentKind::masking,    ExperimentKind::distribution,
    ExperimentKind::sparse, ExperimentKind::importance, ExperimentKind::discriminate,
    ExperimentKind::attack, ExperimentKind::class_graph};
constexpr const char* commands_alone[] = {"context", "randomise", "what-ifs", "compare-models"};
constexpr const char* ablation_methods[] = {"fast", "naive"};
constexpr const char* states[] = {"pending", "measured", "unreadable", "undecided"};

/// What was measured, out of its file, which others may open again.
struct Results {
  ResultsPlan plan;
  std::vector<ImageState> states;
  std::map<std::string, std::shared_ptr<const std::vector<float>>> values;  // by field
  std::optional<std::vector<ClassGraph>> graphs;                            // of kind class-graph
  std::vector<std::pair<std::string, std::string>> skipped;                 // the file, and why
};

/// An experiment and the model's file that it is of.
struct ImageExperiment {
  ExperimentKind kind;
  Experiment experiment;
  std::string model_sha256;
  Turns turns;
};

/// What an experiment is asked with: words as the command's flags have them.
struct Asked {
  std::string target;
  py::object top;
  bool all_decisions;
  py::object fill;
  std::string method;
  int peaks;
  py::object merge_overlaps;
  double mask_threshold;
  uint64_t seed;
  py::object steps;
  std::string ranking, count;
  int depth;
  double eps;
  int restarts;
  std::string aim;
};

ExperimentOptions experiment_options(ExperimentKind kind, const Asked& asked) {
  const bool sparse = kind == ExperimentKind::sparse;
  const bool zeros = sparse || kind == ExperimentKind::importance;  // what the command fills with
  ExperimentOptions options;
  options.kind = kind;
  options.target = asked.target;
  options.top = asked.top.is_none() ? (sparse ? 32 : zeros ? 16 : 3) : py::cast<int>(asked.top);
  options.all_decisions = asked.all_decisions;
  const Fill fill = asked.fill.is_none() ? Fill{zeros ? AblationFill::zero : AblationFill::mean, {}}
                                         : fill_from(asked.fill);
  options.fill = fill.fill;
  options.means = fill.means;
  options.method = static_cast<AblationMethod>(choice_of("method", asked.method, ablation_methods));
  options.peaks = asked.peaks;
  options.merge = kind == ExperimentKind::class_graph && !asked.merge_overlaps.is_none();
  if (!asked.merge_overlaps.is_none()) {
    options.overlaps.iou = py::cast<double>(asked.merge_overlaps);
  }
  options.overlaps.mask_threshold = asked.mask_threshold;
  options.seed = asked.seed;
  options.ranking =
      static_cast<SparseRanking>(choice_of("ranking", asked.ranking, sparse_rankings));
  options.count =
      static_cast<DiscriminateCount>(choice_of("count", asked.count, discriminate_counts));
  options.depth = asked.depth;
  options.attack.eps = asked.eps;
  options.attack.restarts = asked.restarts;
  options.attack.aim = asked.aim;
  options.attack.seed = asked.seed;
  if (!asked.steps.is_none()) options.steps = options.attack.steps = py::cast<int>(asked.steps);
  return options;
}

/// A model file's path, or the name of a bundled model.
std::string model_file(const std::string& given) {
  const std::vector<std::string> bundled = Model::bundled_names();
  const bool named = given.empty() || std::ranges::find(bundled, given) != bundled.end();
  return named ? Model::bundled_path(given) : given;
}

std::unique_ptr<ImageExperiment> make_experiment(
    const std::string& name, const py::object& model, const std::string& device, int threads,
    int batch, const std::string& precision, const std::string& target, const py::object& top,
    bool all_decisions, const py::object& fill, const std::string& method, int peaks,
    const py::object& merge_overlaps, double mask_threshold, uint64_t seed, const py::object& steps,
    const std::string& ranking, const std::string& count, int depth, double eps, int restarts,
    const std::string& aim) {
  if (std::ranges::find(commands_alone, name) != std::end(commands_alone)) {
    throw UserError(joined("kind='", name, "' is of the command alone: hdecomp ", name));
  }
  const ExperimentKind kind = kinds_by_name[choice_of("kind", name, kinds)];
  const ExperimentOptions options = experiment_options(
      kind, {target, top, all_decisions, fill, method, peaks, merge_overlaps, mask_threshold, seed,
             steps, ranking, count, depth, eps, restarts, aim});
  const std::string path = model_file(path_from(model));
  const py::gil_scoped_release others_run;
  return std::unique_ptr<ImageExperiment>(new ImageExperiment{
      kind,
      Experiment(Model::load(path), {device, threads, batch, precision}, options),
      file_sha256(path),
      {}});
}

/// Class indexes; -1 where there is none.
std::vector<int32_t> labels_from(const py::object& given, const Model& model, size_t images) {
  if (given.is_none()) return std::vector<int32_t>(images, -1);
  std::vector<int32_t> labels;
  for (const py::handle& one : given) {
    labels.push_back(one.is_none() ? -1 : static_cast<int32_t>(model.find_class(py::str(one))));
  }
  if (labels.size() == images) return labels;
  throw UserError(joined(labels.size(), " labels for ", images, " images"));
}

DatasetRun run_of(const py::object& images, const py::object& labels, const Model& model) {
  if (py::isinstance<py::str>(images)) throw py::type_error("images: give a list of paths");
  DatasetRun run;
  for (const py::handle& one : images) {
    run.paths.push_back(path_from(py::reinterpret_borrow<py::object>(one)));
  }
  if (run.paths.empty()) throw UserError("no images");
  run.labels = labels_from(labels, model, run.paths.size());
  return run;
}

/// While the file is open: it has a lock.
void take_results(const ResultsFile& file, const ImageExperiment& it, Results& results) {
  results.plan = file.plan();
  results.states = file.states();
  for (const ResultField& field : results.plan.fields) {
    results.values[field.name] =
        std::make_shared<const std::vector<float>>(file.values(field.name));
  }
  if (it.kind == ExperimentKind::class_graph) {
    results.graphs = class_graphs(file, it.experiment.model());
  }
}

Results run(ImageExperiment& it, const py::object& images, const py::object& output,
            const py::object& labels, bool resume, const py::object& progress) {
  const Model& model = it.experiment.model();
  DatasetRun run = run_of(images, labels, model);
  const bool labelled = std::ranges::find(run.labels, -1) == run.labels.end();
  if (!labelled && it.kind == ExperimentKind::discriminate) {
    throw UserError("discriminate counts by class: give labels");
  }
  run.progress = callback<int64_t, int64_t>(progress);
  Results results;
  run.skipped = [&](int64_t image, const std::string& why) {
    results.skipped.emplace_back(run.paths[image], why);
  };
  const std::string path = path_from(output);
  it.turns.take("the experiment", [&] {
    ResultsPlan plan = it.experiment.plan();
    plan.model = it.model_sha256;
    plan.images = run.paths;
    plan.labels = run.labels;
    ResultsFile file = resume ? ResultsFile::resume(path, plan) : ResultsFile::create(path, plan);
    static const Ranks alone;
    run_dataset(it.experiment, &file, alone, run);
    take_results(file, it, results);
  });
  return results;
}

py::array values(const Results& it, const std::string& name) {
  for (const ResultField& field : it.plan.fields) {
    if (field.name != name) continue;
    std::vector<py::ssize_t> shape{std::ssize(it.states)};
    shape.insert(shape.end(), field.extent.begin(), field.extent.end());
    const auto& kept = it.values.at(name);
    return array_on(std::span<const float>(*kept), std::move(shape), kept);
  }
  throw UserError(joined("no field '", name, "'"));
}

std::map<std::string, std::vector<int64_t>> fields(const Results& it) {
  std::map<std::string, std::vector<int64_t>> all;
  for (const ResultField& field : it.plan.fields) all[field.name] = field.extent;
  return all;
}

std::vector<std::string> states_of(const Results& it) {
  std::vector<std::string> all;
  for (const ImageState state : it.states) all.emplace_back(states[static_cast<size_t>(state)]);
  return all;
}

std::vector<ClassGraph> graphs(const Results& it, double share) {
  if (!it.graphs) {
    throw UserError(
        joined("class_graphs: of kind 'class-graph'; this is of '", it.plan.experiment, "'"));
  }
  std::vector<ClassGraph> all = *it.graphs;
  for (ClassGraph& graph : all) graph = pruned(graph, share);
  return all;
}

void add_graphs(py::module_& module) {
  py::class_<GraphNode>(module, "GraphNode", "A channel of a class's graph.")
      .def_readonly("channel", &GraphNode::channel)
      .def_readonly("trees", &GraphNode::trees, "That have it on this level.")
      .def_readonly("weight", &GraphNode::weight,
                    "The mean over all trees of its edges' from above.");
  py::class_<GraphEdge>(module, "GraphEdge", "From a channel of the level above, or the class.")
      .def_readonly("above", &GraphEdge::above)
      .def_readonly("below", &GraphEdge::below)
      .def_readonly("trees", &GraphEdge::trees)
      .def_readonly("weight", &GraphEdge::weight);
  py::class_<GraphLevel>(module, "GraphLevel", "A stage of a class's graph.")
      .def_readonly("layer", &GraphLevel::layer)
      .def_readonly("reach", &GraphLevel::reach, "The mean of the trees' TreeLevel.reach.")
      .def_readonly("held", &GraphLevel::held, "The share of it that the edges here hold.")
      .def_readonly("nodes", &GraphLevel::nodes, "By falling weight.")
      .def_readonly("edges", &GraphLevel::edges, "By falling weight.");
  py::class_<ClassGraph>(module, "ClassGraph", "The trees of a class, added up.")
      .def_readonly("class_index", &ClassGraph::of)
      .def_readonly("trees", &ClassGraph::trees)
      .def_readonly("levels", &ClassGraph::levels);
}

void add_results_type(py::module_& module) {
  py::class_<Results>(module, "Results",
                      "What an experiment measured, a row per image (tools/RESULTS_FORMAT.md).")
      .def_property_readonly("experiment", [](const Results& it) { return it.plan.experiment; })
      .def_property_readonly("options", [](const Results& it) { return it.plan.options; })
      .def_property_readonly(
          "steps", [](const Results& it) { return it.plan.steps; },
          "The decompositions: 'scores->conv5_3'.")
      .def_property_readonly("images", [](const Results& it) { return it.plan.images; })
      .def_property_readonly("states", &states_of,
                             "Of each image 'measured', 'unreadable' or 'undecided'.")
      .def_readonly("skipped", &Results::skipped, "(file, why) of those not measured in this run.")
      .def_property_readonly("fields", &fields, "What values() takes, with an image's shape.")
      .def("values", &values, py::arg("field"),
           "float32 (images, ...) of a field; NaN where an image has none.")
      .def("class_graphs", &graphs, py::arg("share") = 1.0,
           "Of kind 'class-graph': a ClassGraph for each class that has a tree, the one of most\n"
           "trees first, with the strongest edges that hold `share` of each level's weight.");
}

}  // namespace

void add_experiments(py::module_& module) {
  add_graphs(module);
  add_results_type(module);
  py::class_<ImageExperiment>(
      module, "Experiment",
      "A measurement over many images, as the command's verb of that name makes it: 'pcc',\n"
      "'masking', 'distribution', 'sparse', 'importance', 'discriminate', 'attack',\n"
      "'class-graph'. `model`: a model file, or the name of a bundled model. `fill`: 'mean',\n"
      "'zero' or Means. What is None is as the verb has it, and every kind reads only what its\n"
      "verb has a flag for. `merge_overlaps`: of class-graph the IoU above which channels become\n"
      "one, None for none; of distribution None is 0.9.")
      .def(py::init(&make_experiment), py::arg("kind"), py::arg("model") = "", py::kw_only(),
           py::arg("device") = "", py::arg("threads") = 0, py::arg("batch") = 4,
           py::arg("precision") = "float32", py::arg("target") = "", py::arg("top") = py::none(),
           py::arg("all_decisions") = false, py::arg("fill") = py::none(),
           py::arg("method") = "fast", py::arg("peaks") = 2, py::arg("merge_overlaps") = py::none(),
           py::arg("mask_threshold") = 0.5, py::arg("seed") = 0, py::arg("steps") = py::none(),
           py::arg("ranking") = "contribution", py::arg("count") = "decision", py::arg("depth") = 0,
           py::arg("eps") = 4.0 / 255, py::arg("restarts") = 1, py::arg("aim") = "")
      .def(
          "run", &run, py::arg("images"), py::arg("output"), py::kw_only(),
          py::arg("labels") = py::none(), py::arg("resume") = false,
          py::arg("progress") = py::none(),
          "Measures files and writes the results file `output` (.h5), with `resume` what it does\n"
          "not have yet. `labels`: of each image a class by index, WordNet id or name, or None.\n"
          "`progress(done, of)` is called after each batch; what it raises ends the run, and what\n"
          "was measured is kept.");
}

}  // namespace hdecomp::python
