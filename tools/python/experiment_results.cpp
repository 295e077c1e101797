/// What experiments measured in Python: arrays by field, graphs of classes.
#include "hdecomp/error.h"
#include "hdecomp/result_files.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

constexpr const char* states[] = {"pending", "measured", "unreadable", "undecided"};

py::array values(const MeasuredFiles& it, const std::string& name) {
  for (const ResultField& field : it.plan.fields) {
    if (field.name != name) continue;
    const std::vector<int64_t> shape = it.shape_of(field);
    const auto& kept = it.values.at(name);
    return array_on(std::span<const float>(*kept), {shape.begin(), shape.end()}, kept);
  }
  throw UserError(joined("no field '", name, "'"));
}

std::map<std::string, std::vector<int64_t>> fields(const MeasuredFiles& it) {
  std::map<std::string, std::vector<int64_t>> all;
  for (const ResultField& field : it.plan.fields) all[field.name] = field.extent;
  return all;
}

std::vector<std::string> states_of(const MeasuredFiles& it) {
  std::vector<std::string> all;
  for (const ImageState state : it.states) all.emplace_back(states[static_cast<size_t>(state)]);
  return all;
}

std::vector<py::str> images_of(const MeasuredFiles& it) {
  std::vector<py::str> all;
  for (const std::string& image : it.plan.images) all.push_back(text_of(image));
  return all;
}

std::vector<std::pair<py::str, py::str>> skipped(const MeasuredFiles& it) {
  std::vector<std::pair<py::str, py::str>> all;
  for (const auto& [image, why] : it.skipped) {
    all.emplace_back(text_of(it.plan.images[image]), text_of(why));
  }
  return all;
}

std::shared_ptr<const ChannelConcepts> names_of(const Concepts* concepts) {
  return concepts == nullptr ? nullptr : concepts->concepts;
}

/// `work(results, look)` with the keywords of all that show results.
template <class Result>
auto shown(Result (*work)(const MeasuredFiles&, const ResultLook&)) {
  return [work](const MeasuredFiles& it, double share, const Concepts* concepts) {
    const ResultLook look{share, names_of(concepts)};
    const py::gil_scoped_release others_run;
    return work(it, look);
  };
}

std::map<std::string, py::str> tables(const MeasuredFiles& it, double share,
                                      const Concepts* concepts) {
  std::map<std::string, py::str> texts;
  const auto files = shown(&result_tables)(it, share, concepts);
  for (const TableFile& file : files) texts.emplace(file.extension, text_of(file.text));
  return texts;
}

PatchFiles patches_of(const py::object& given) {
  PatchFiles files;
  if (given.is_none()) return files;
  if (py::isinstance<Patches>(given)) return {py::cast<const Patches&>(given).file};
  for (const py::handle each : given) {
    if (!py::isinstance<Patches>(each)) {
      throw py::type_error("patches: give what Patches.load() returns, one or several");
    }
    files.push_back(py::cast<const Patches&>(each).file);
  }
  return files;
}

/// The same of pages, which have what channels look for, too.
ResultLook page_look(double share, const Concepts* concepts, const py::object& patches) {
  return {share, names_of(concepts), patches_of(patches)};
}

std::string page(const MeasuredFiles& it, double share, const Concepts* concepts,
                 const py::object& patches) {
  const ResultLook look = page_look(share, concepts, patches);
  const py::gil_scoped_release others_run;
  return result_page(it, look);
}

void write_page(const MeasuredFiles& it, double share, const Concepts* concepts,
                const py::object& patches) {
  const ResultLook look = page_look(share, concepts, patches);
  const py::gil_scoped_release others_run;
  save_page(it, look);
}

void write_graphs(const MeasuredFiles& it, const py::object& output_dir, double share,
                  const Concepts* concepts, const py::object& patches) {
  const ResultLook look = page_look(share, concepts, patches);
  const std::string folder = path_from(output_dir);
  const py::gil_scoped_release others_run;
  save_class_graphs(it, folder, look);
}

py::array graph_picture(const MeasuredFiles& it, const py::object& of, double share,
                        const Concepts* concepts) {
  const int64_t index = it.model->find_class(py::str(of));
  const ResultLook look{share, names_of(concepts)};
  const auto drawn = [&] {
    const py::gil_scoped_release others_run;
    return class_graph_picture(it, index, look);
  };
  return pixels_of(drawn());
}

std::vector<ClassGraph> graphs(const MeasuredFiles& it, double share) {
  if (!it.graphs) {
    throw UserError(
        joined("class_graphs: of kind 'class-graph'; this is of '", it.plan.experiment, "'"));
  }
  return all_pruned(*it.graphs, share);
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

}  // namespace

void add_experiment_results(py::module_& module) {
  add_graphs(module);
  py::class_<MeasuredFiles, std::shared_ptr<MeasuredFiles>>(
      module, "Results", "What an experiment measured, a row per image (tools/RESULTS_FORMAT.md).")
      .def_property_readonly("experiment",
                             [](const MeasuredFiles& it) { return it.plan.experiment; })
      .def_property_readonly("options", [](const MeasuredFiles& it) { return it.plan.options; })
      .def_property_readonly(
          "steps", [](const MeasuredFiles& it) { return it.plan.steps; },
          "The decompositions: 'scores->conv5_3'.")
      .def_property_readonly("images", &images_of, "As the file names them: of a folder below it.")
      .def_property_readonly("states", &states_of,
                             "Of each image 'measured', 'unreadable' or 'undecided'.")
      .def_property_readonly("skipped", &skipped, "(image, why) of those not measured in this run.")
      .def_property_readonly("fields", &fields, "What values() takes, with an image's shape.")
      .def("values", &values, py::arg("field"),
           "float32 (images, ...) of a field; NaN where an image has none.")
      .def("tables", &tables, py::kw_only(), py::arg("share") = usual_share,
           py::arg("concepts") = py::none(),
           "The tables that the command writes beside its results file, by what stands in place\n"
           "of '.h5': '.csv' and '.md', of some kinds '.channels.csv', '.labels.csv',\n"
           "'.edges.csv'. They are made of the results file. Of class-graph `share` of each\n"
           "level's weight is shown, with `concepts`' names.")
      .def("save_tables", shown(&hdecomp::save_tables), py::kw_only(),
           py::arg("share") = usual_share, py::arg("concepts") = py::none(),
           "Writes them beside the results file.")
      .def("page", &page, py::kw_only(), py::arg("share") = usual_share,
           py::arg("concepts") = py::none(), py::arg("patches") = py::none(),
           "Of kinds 'discriminate', 'context' and 'class-graph' the command's page, one HTML\n"
           "file's text: with `concepts`' names and what channels look for, the `patches` (what\n"
           "Patches.load() returns, one or several).")
      .def("save_page", &write_page, py::kw_only(), py::arg("share") = usual_share,
           py::arg("concepts") = py::none(), py::arg("patches") = py::none(),
           "Writes it beside the results file, in place of '.h5' '.html'.")
      .def("save_graphs", &write_graphs, py::arg("output_dir"), py::kw_only(),
           py::arg("share") = usual_share, py::arg("concepts") = py::none(),
           py::arg("patches") = py::none(),
           "Of kind 'class-graph' writes the folder of `hdecomp class-graph --output-dir`:\n"
           "graphs.html and a picture for each class, '36.png'.")
      .def("graph_picture", &graph_picture, py::arg("of"), py::kw_only(),
           py::arg("share") = usual_share, py::arg("concepts") = py::none(),
           "One of these pictures, of a class (index, WordNet id or name): uint8 (height, width,\n"
           "3).")
      .def("class_graphs", &graphs, py::arg("share") = 1.0,
           "Of kind 'class-graph': a ClassGraph for each class that has a tree, the one of most\n"
           "trees first, with the strongest edges that hold `share` of each level's weight.");
}

}  // namespace hdecomp::python
