/// The extension module hdecomp._hdecomp: its parts, its errors.
#include <exception>
#include <utility>

#include "hdecomp/argument_words.h"
#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

/// Python's own of our errors, which are never freed.
struct ErrorTypes {
  PyObject *error = nullptr, *stopped = nullptr, *user = nullptr, *image = nullptr;
} types;

/// A line may name a file whose name is no UTF-8.
void raise(PyObject* type, const std::string& line) { PyErr_SetObject(type, text_of(line).ptr()); }

/// Those that derive from others come before them.
void translate(std::exception_ptr fault) {
  try {
    std::rethrow_exception(std::move(fault));
  } catch (const ImageError& error) {
    raise(types.image, in_argument_words(error.what()));
  } catch (const UserError& error) {
    raise(types.user, in_argument_words(error.what()));
  } catch (const Stopped& error) {
    raise(types.stopped, error.what());
  } catch (const Error& error) {
    raise(types.error, error.what());
  }
}

/// Of a type that `module` has from now on.
PyObject* made(py::module_& module, const char* name, const py::object& bases, const char* words) {
  py::object type = py::reinterpret_steal<py::object>(PyErr_NewExceptionWithDoc(
      joined("hdecomp._hdecomp.", name).c_str(), words, bases.ptr(), nullptr));
  if (!type) throw py::error_already_set();
  module.add_object(name, type);
  return type.release().ptr();
}

}  // namespace

void add_errors(py::module_& module) {
  const auto borrowed = [](PyObject* type) { return py::reinterpret_borrow<py::object>(type); };
  types.error =
      made(module, "Error", borrowed(PyExc_RuntimeError), "The machine failed, or hdecomp itself.");
  types.stopped =
      made(module, "Stopped", borrowed(types.error),
           "A Stop that a call was given asked for it. What was at work can be used on.");
  types.user =
      made(module, "UserError", py::make_tuple(borrowed(types.error), borrowed(PyExc_ValueError)),
           "What was given is wrong: a file, a name, a number, an image's shape.");
  types.image = made(module, "ImageError", borrowed(types.user),
                     "The image is wrong for this model; another may do.");
  py::register_exception_translator(&translate);
}

}  // namespace hdecomp::python

PYBIND11_MODULE(_hdecomp, module) {
  using namespace hdecomp::python;
  module.attr("__version__") = HDECOMP_VERSION;
  add_errors(module);
  add_models(module);
  add_files(module);
  add_results(module);
  add_saliency_maps(module);
  add_trees(module);
  add_ablations(module);
  add_explainers(module);
  add_experiments(module);
  add_channel_files(module);
  add_upright(module);
}
