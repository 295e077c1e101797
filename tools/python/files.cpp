/// What else a question is asked with in Python: files of means and of concepts, words, callbacks.
#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "hdecomp/model_file.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

/// A file that was made with a model, which it names by its file's SHA-256.
template <class File, class Loaded>
Loaded load_of_model(const py::object& file, const Model& model, const py::object& model_file) {
  const std::string path = path_from(file), of = path_from(model_file);
  const py::gil_scoped_release others_run;
  return {File::load(path, model, file_sha256(hdecomp::model_file(of)))};
}

/// What a channel looks for, with its words.
struct NamedConcept {
  std::string name;
  double part;
  float threshold;
  int64_t mask;
};

std::optional<NamedConcept> concept_at(const Concepts& it, const std::string& layer,
                                       int64_t channel) {
  const ChannelConcept* found = it.concepts->find(layer, channel);
  if (found == nullptr) return {};
  return NamedConcept{it.concepts->names().at(found->region).name, found->iou, found->threshold,
                      found->mask};
}

std::vector<std::string> layers_of(const ChannelConcepts& concepts) {
  std::vector<std::string> names;
  for (const LayerConcepts& each : concepts.layers()) names.push_back(each.layer);
  return names;
}

}  // namespace

std::string path_from(const py::object& path) {
  auto text = py::cast<std::string>(py::module_::import("os").attr("fspath")(path));
  if (text.find('\0') != std::string::npos) throw UserError("a path has a null byte in it");
  return text;
}

size_t choice_of(const char* what, const std::string& text, std::span<const char* const> names) {
  if (const auto found = choice_in(text, names)) return *found;
  throw UserError(joined(what, "='", text, "'; ", give_one_of(names, "'")));
}

std::string text_from(const char* what, const char* wanted, const py::object& given) {
  if (py::isinstance<py::str>(given)) return py::cast<std::string>(given);
  throw py::type_error(joined(what, ": give ", wanted, ", not ",
                              py::type::of(given).attr("__name__").cast<std::string>()));
}

BaselineChoice baseline_from(const py::object& given) {
  if (py::isinstance<Means>(given)) {
    return {Baseline::data_set, py::cast<const Means&>(given).means};
  }
  constexpr const char* names[] = {"zero", "mean"};
  const std::string name = text_from("baseline", "'zero', 'mean' or Means", given);
  return {static_cast<Baseline>(choice_of("baseline", name, names)), {}};
}

Fill fill_from(const py::object& given) {
  if (py::isinstance<Means>(given)) {
    return {AblationFill::data_set, py::cast<const Means&>(given).means};
  }
  constexpr const char* names[] = {"mean", "zero"};
  const std::string name = text_from("fill", "'mean', 'zero' or Means", given);
  return {static_cast<AblationFill>(choice_of("fill", name, names)), {}};
}

void check_signals() {
  const py::gil_scoped_acquire own_turn;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

void add_files(py::module_& module) {
  py::class_<Stop>(module, "Stop",
                   "For ending a call from another thread: once it is requested, the call that it\n"
                   "was given to as `stop` raises Stopped before its next level or batch, and so\n"
                   "does every later one.")
      .def(py::init<>())
      .def("request", [](Stop& it) { it.source.request_stop(); })
      .def_property_readonly("requested",
                             [](const Stop& it) { return it.source.stop_requested(); });
  py::class_<Means>(module, "Means",
                    "Every channel's mean over a data set, as `hdecomp means` makes a file of.")
      .def_static(
          "load", &load_of_model<ChannelMeans, Means>, py::arg("file"), py::arg("model"),
          py::arg("model_file"),
          "`model_file`: the model's file, by which it is known, or a bundled model's name.")
      .def_property_readonly("images", [](const Means& it) { return it.means->images(); });
  py::class_<NamedConcept>(module, "Concept", "What a channel looks for.")
      .def_readonly("name", &NamedConcept::name)
      .def_readonly("part", &NamedConcept::part,
                    "Intersection over union with it; of names by patches their share.")
      .def_readonly("threshold", &NamedConcept::threshold,
                    "Its mask is where its feature is at least this.")
      .def_readonly("mask", &NamedConcept::mask, "Pixels of that, or patches.");
  py::class_<Concepts>(module, "Concepts",
                       "Names for channels, as `hdecomp concepts` makes a file of.")
      .def_static(
          "load", &load_of_model<ChannelConcepts, Concepts>, py::arg("file"), py::arg("model"),
          py::arg("model_file"),
          "`model_file`: the model's file, by which it is known, or a bundled model's name.")
      .def_property_readonly("images", [](const Concepts& it) { return it.concepts->images(); })
      .def_property_readonly(
          "layers", [](const Concepts& it) { return layers_of(*it.concepts); },
          "Whose channels may have names.")
      .def("find", &concept_at, py::arg("layer"), py::arg("channel"),
           "The channel's Concept; None where it has no name.")
      .def(
          "words",
          [](const Concepts& it, const std::string& layer, int64_t channel) {
            return it.concepts->words(layer, channel);
          },
          py::arg("layer"), py::arg("channel"), "'face 0.31'; '' where it has no name.");
}

}  // namespace hdecomp::python
