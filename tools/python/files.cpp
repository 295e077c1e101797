/// What else a question is asked with in Python: paths, words, callbacks.
#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

py::str decoded(const std::string& bytes, const char* what_is_none) {
  PyObject* text =
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<py::ssize_t>(bytes.size()), what_is_none);
  if (text == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(text);
}

}  // namespace

std::string path_from(const py::object& path) {
  auto text = py::cast<std::string>(py::module_::import("os").attr("fsencode")(path));
  if (text.find('\0') != std::string::npos) throw UserError("a path has a null byte in it");
  return text;
}

py::str text_of(const std::string& bytes) { return decoded(bytes, "surrogateescape"); }

py::str page_text_of(const std::string& bytes) { return decoded(bytes, "replace"); }

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
  add_known(module);
}

}  // namespace hdecomp::python
