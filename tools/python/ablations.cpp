/// Ablations in Python.
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

py::cpp_function drops_array(std::vector<float> Ablation::*list) {
  return [list](const AblationResult& it) {
    const std::vector<float>& values = (*it.ablation).*list;
    return array_on(std::span(values), {std::ssize(values)}, it.ablation);
  };
}
template <class Value>
py::cpp_function ablation_value(Value Ablation::*value) {
  return [value](const AblationResult& it) { return (*it.ablation).*value; };
}

}  // namespace

void add_ablations(py::module_& module) {
  py::class_<GroupDrop>(module, "GroupDrop", "Channels that overlap, ablated together.")
      .def_readonly("channels", &GroupDrop::channels, "Two or more, by falling contribution.")
      .def_readonly("drop", &GroupDrop::drop, "With all of them filled.")
      .def_readonly("members_drop", &GroupDrop::members_drop, "Their own drops, added up.");
  py::class_<AblationResult>(module, "Ablation", "Exact drops beside the step that estimates them.")
      .def_property_readonly("decision",
                             [](const AblationResult& it) {
                               return Node{it.ablation, &it.ablation->gap.decision};
                             })
      .def_property_readonly("step",
                             [](const AblationResult& it) {
                               return step_of({it.ablation, &it.ablation->gap.decision});
                             })
      .def_property_readonly("fill",
                             [](const AblationResult& it) { return to_string(it.ablation->fill); })
      .def_property_readonly("drops", drops_array(&Ablation::drops),
                             "float32 (channels,), not copied: F - F with that channel filled.")
      .def_property_readonly("first_order", drops_array(&Ablation::first_order),
                             "float32 (channels,), not copied: the drops' first-order estimates.")
      .def_property_readonly("rounding", ablation_value(&Ablation::rounding),
                             "The largest drop that float32 rounding alone can make.")
      .def_property_readonly("unchanged", ablation_value(&Ablation::unchanged),
                             "Whether no drop is larger.")
      .def_property_readonly("with_contribution", ablation_value(&Ablation::with_contribution),
                             "Pearson's correlation of the drops with gAP's contributions.")
      .def_property_readonly("with_peak", ablation_value(&Ablation::with_peak))
      .def_property_readonly("with_mean_gradient", ablation_value(&Ablation::with_mean_gradient))
      .def_property_readonly("with_max_gradient", ablation_value(&Ablation::with_max_gradient))
      .def_property_readonly("with_first_order", ablation_value(&Ablation::with_first_order))
      .def_property_readonly("groups", ablation_value(&Ablation::groups),
                             "A GroupDrop for each group of overlapping channels, if asked for.")
      .def_property_readonly("timings_ms",
                             [](const AblationResult& it) { return it.ablation->gap.timings_ms; })
      .def(
          "json",
          [](const AblationResult& it, int indent) { return to_json(*it.ablation, indent); },
          py::arg("indent") = -1)
      .def("to_dict", [](const AblationResult& it) { return as_dict(to_json(*it.ablation, -1)); });
}

}  // namespace hdecomp::python
