/// The extension module hdecomp._hdecomp: its parts, its errors.
#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {

void add_errors(py::module_& module) {
  // The last that was registered is asked first: those that derive from others come after them.
  auto& error = py::register_exception<Error>(module, "Error", PyExc_RuntimeError);
  error.doc() = "The machine failed, or hdecomp itself.";
  const py::tuple bases =
      py::make_tuple(error, py::reinterpret_borrow<py::object>(PyExc_ValueError));
  auto& user = py::register_exception<UserError>(module, "UserError", bases);
  user.doc() = "What was given is wrong: a file, a name, a number, an image's shape.";
  auto& image = py::register_exception<ImageError>(module, "ImageError", user);
  image.doc() = "The image is wrong for this model; another may do.";
}

}  // namespace hdecomp::python

PYBIND11_MODULE(_hdecomp, module) {
  using namespace hdecomp::python;
  module.attr("__version__") = HDECOMP_VERSION;
  add_errors(module);
  add_models(module);
  add_results(module);
  add_trees(module);
  add_measures(module);
  add_files(module);
  add_explainers(module);
  add_experiments(module);
}
