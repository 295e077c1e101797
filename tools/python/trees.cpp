/// Trees in Python: their levels, whole ones, single steps.
#include "hdecomp/error.h"
#include "tools/page/against.h"
#include "tools/page/report.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

std::string page_of(const EvidenceTree& it, const std::string& name) {
  const py::gil_scoped_release others_run;
  tools::PageSubject subject = *it.page;
  if (!name.empty()) subject.image_name = name;
  std::string page;
  tools::write_report(
      *it.tree, it.model, subject, [&](std::string_view piece) { page += piece; },
      tools::as_added(it.beside->against));
  return page;
}

py::str html_of(const EvidenceTree& it, const std::string& name) {
  if (!it.page) throw UserError("a page needs the nodes' maps; explain with keep_maps=True");
  return page_text_of(page_of(it, name));
}

void add_levels(py::module_& module) {
  py::class_<StageSurrogate>(
      module, "StageSurrogate",
      "The network with the channels that a tree chose in one stage alone, all others 0.")
      .def_readonly("decision", &StageSurrogate::decision, "Its most probable class.")
      .def_readonly("same", &StageSurrogate::same, "That is the class that the tree explains.")
      .def_readonly("probability", &StageSurrogate::probability, "It gives that class.");
  py::class_<TreeLevel>(module, "TreeLevel", "What a level of a tree holds of its decision.")
      .def_readonly("layer", &TreeLevel::layer)
      .def_readonly("channels", &TreeLevel::channels,
                    "Distinct ones of its nodes, with those that merged ones stand for.")
      .def_readonly("reach", &TreeLevel::reach,
                    "The share of the decision's positive evidence that reaches it through chosen "
                    "neurons, 0 to 1.")
      .def_readonly("surrogate", &TreeLevel::surrogate, "A StageSurrogate; None if not asked for.")
      .def("__repr__", [](const TreeLevel& it) {
        return joined("<hdecomp.TreeLevel ", it.layer, ", ", it.channels, " channels, reach ",
                      it.reach, ">");
      });
}

template <class Value>
py::cpp_function tree_value(Value Tree::*value) {
  return [value](const EvidenceTree& it) { return (*it.tree).*value; };
}

void add_whole_trees(py::module_& module) {
  py::class_<EvidenceTree> type(module, "Tree",
                                "The explanation of a class score, or of a feature.");
  add_tree_pictures(type);
  type.def_property_readonly("decision", tree_value(&Tree::decision),
                             "The class explained; of a feature index -1, its place as name, F as "
                             "score and no probability.")
      .def_property_readonly("top", tree_value(&Tree::top), "The five most probable classes.")
      .def_property_readonly("layers", tree_value(&Tree::layers), "The levels below the root.")
      .def_property_readonly("levels", tree_value(&Tree::levels),
                             "Of each of `layers` that has a node, a TreeLevel.")
      .def_property_readonly("decompositions", tree_value(&Tree::decompositions))
      .def_property_readonly("timings_ms", tree_value(&Tree::timings_ms))
      .def_property_readonly(
          "root",
          [](const EvidenceTree& it) {
            return Node{it.tree, &it.tree->root, it.beside};
          },
          "The decision: layer 'scores', channel the class index.")
      .def_property_readonly(
          "has_maps", [](const EvidenceTree& it) { return it.page != nullptr; },
          "Whether maps were kept: pages need them.")
      .def(
          "json", [](const EvidenceTree& it, int indent) { return to_json(*it.tree, indent); },
          py::arg("indent") = -1, "tree.json's text (tools/TREE_JSON.md).")
      .def(
          "to_dict", [](const EvidenceTree& it) { return as_dict(to_json(*it.tree, -1)); },
          "The same as dictionaries and lists.")
      .def("html", &html_of, py::arg("name") = "",
           "The report's page, which needs no network; `name` stands over it.")
      .def("__repr__", [](const EvidenceTree& it) {
        return joined("<hdecomp.Tree of ", it.tree->decision.name, ", ", it.tree->decompositions,
                      " steps>");
      });
}

void add_single_steps(py::module_& module) {
  py::class_<SingleStep> type(module, "DecisionStep", "One decision, one step.");
  add_step_files(type);
  type.def_property_readonly(
          "decision",
          [](const SingleStep& it) {
            return Node{it.step, &it.step->decision};
          },
          "The decision with its step and, as children, the chosen channels.")
      .def_property_readonly("step",
                             [](const SingleStep& it) {
                               return step_of({it.step, &it.step->decision});
                             })
      .def_property_readonly("class_name", [](const SingleStep& it) { return it.step->class_name; })
      .def_property_readonly("timings_ms", [](const SingleStep& it) { return it.step->timings_ms; })
      .def(
          "json", [](const SingleStep& it, int indent) { return to_json(*it.step, indent); },
          py::arg("indent") = -1)
      .def("to_dict", [](const SingleStep& it) { return as_dict(to_json(*it.step, -1)); });
}

}  // namespace

void add_trees(py::module_& module) {
  add_levels(module);
  add_whole_trees(module);
  add_single_steps(module);
}

}  // namespace hdecomp::python
