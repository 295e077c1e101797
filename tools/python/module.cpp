/// The extension module hdecomp._hdecomp: its parts, its errors.
#include <exception>
#include <utility>

#include "hdecomp/argument_words.h"
#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

/// Throws on what those that were registered before translate.
void rename_flags(std::exception_ptr fault) {
  try {
    std::rethrow_exception(std::move(fault));
  } catch (const ImageError& error) {
    throw ImageError(in_argument_words(error.what()));
  } catch (const UserError& error) {
    throw UserError(in_argument_words(error.what()));
  }
}

}  // namespace

void add_errors(py::module_& module) {
  // The last that was registered is asked first: those that derive from others come after them.
  auto& error = py::register_exception<Error>(module, "Error", PyExc_RuntimeError);
  error.doc() = "The machine failed, or hdecomp itself.";
  py::register_exception<Stopped>(module, "Stopped", error).doc() =
      "A Stop that a call was given asked for it. What was at work can be used on.";
  const py::tuple bases =
      py::make_tuple(error, py::reinterpret_borrow<py::object>(PyExc_ValueError));
  auto& user = py::register_exception<UserError>(module, "UserError", bases);
  user.doc() = "What was given is wrong: a file, a name, a number, an image's shape.";
  auto& image = py::register_exception<ImageError>(module, "ImageError", user);
  image.doc() = "The image is wrong for this model; another may do.";
  py::register_exception_translator(&rename_flags);
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
