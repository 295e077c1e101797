/// The extension module hdecomp._hdecomp: its parts, its errors.
#include <exception>
#include <string>
#include <utility>

#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

/// "--merge-overlaps 2: ..." with the argument's name in place of the flag's. A line that names a
/// command stays.
std::string in_python_words(const std::string& line) {
  if (line.find("hdecomp ") != std::string::npos) return line;
  std::string words;
  for (size_t i = 0; i < line.size();) {
    const bool begins = i == 0 || line[i - 1] == ' ';
    if (!begins || line.compare(i, 2, "--") != 0) {
      words += line[i++];
      continue;
    }
    for (i += 2; i < line.size() && (line[i] == '-' || (line[i] >= 'a' && line[i] <= 'z')); ++i) {
      words += line[i] == '-' ? '_' : line[i];
    }
  }
  return words;
}

/// Throws on what those that were registered before translate.
void rename_flags(std::exception_ptr fault) {
  try {
    std::rethrow_exception(std::move(fault));
  } catch (const ImageError& error) {
    throw ImageError(in_python_words(error.what()));
  } catch (const UserError& error) {
    throw UserError(in_python_words(error.what()));
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
  add_results(module);
  add_trees(module);
  add_ablations(module);
  add_files(module);
  add_explainers(module);
  add_experiments(module);
  add_channel_files(module);
}
