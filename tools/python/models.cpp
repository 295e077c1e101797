/// Model in Python.
#include <filesystem>

#include "hdecomp/error.h"
#include "tools/python/model_sources.h"

namespace hdecomp::python {
namespace {

constexpr const char* file_attribute = "_file";

std::array<float, 3> colours_from(const std::vector<float>& given, const char* name) {
  if (given.size() == 1) return {given[0], given[0], given[0]};
  if (given.size() == 3) return {given[0], given[1], given[2]};
  throw UserError(joined(name, " of ", given.size(), " numbers; give three, or one for all"));
}

/// What is not said stays the model's.
Model with_preprocess(const Model& model, const py::object& resize, const py::object& mean,
                      const py::object& std, const std::string& interpolation) {
  Preprocess rule = model.preprocess();
  if (!resize.is_none()) {
    rule.resize = py::isinstance<py::int_>(resize) ? Resize::cover : Resize::stretch;
    rule.size = size_from(resize);
  }
  if (!mean.is_none()) rule.mean = colours_from(py::cast<std::vector<float>>(mean), "mean");
  if (!std.is_none()) rule.std = colours_from(py::cast<std::vector<float>>(std), "std");
  if (!interpolation.empty()) rule.interpolation = interpolation_from(interpolation);
  return model.with_preprocess(rule);
}

py::tuple size_of(const PixelSize& size) { return py::make_tuple(size.height, size.width); }

std::array<int64_t, 4> receptive_field(const Model& model, const std::string& layer, int64_t y,
                                       int64_t x) {
  const PixelRectangle field = model.receptive_field(layer, y, x);
  return {field.y, field.x, field.height, field.width};
}

std::string description(const Model& model) {
  const PixelSize& size = model.preprocess().crop;
  return joined("<hdecomp.Model ", model.arch(), ", ", model.class_count(), " classes, input 3 x ",
                size, ">");
}

void add_layers(py::module_& module) {
  py::class_<LayerInfo>(module, "LayerInfo", "One layer as `hdecomp layers` lists it.")
      .def_readonly("name", &LayerInfo::name)
      .def_readonly("torchvision", &LayerInfo::torchvision, "torchvision's names of its output.")
      .def_readonly("keras", &LayerInfo::keras, "Keras's.")
      .def_readonly("channels", &LayerInfo::channels)
      .def_readonly("height", &LayerInfo::height)
      .def_readonly("width", &LayerInfo::width)
      .def_readonly("stage", &LayerInfo::stage, "The stage that it ends; '' if none.")
      .def("__repr__", [](const LayerInfo& layer) {
        return joined("<hdecomp.LayerInfo ", layer.name, " (", layer.channels, ", ", layer.height,
                      ", ", layer.width, ")>");
      });
}

/// What is made of one.
void add_changed(py::class_<Model>& binding) {
  binding
      .def(
          "save", [](const Model& model, const py::object& file) { model.save(path_from(file)); },
          py::arg("file"), "Writes a model file, whole or not at all.")
      .def(
          "with_preprocess", &with_preprocess, py::kw_only(), py::arg("resize") = py::none(),
          py::arg("mean") = py::none(), py::arg("std") = py::none(), py::arg("interpolation") = "",
          "The same network, which shares the weights, with another rule for photographs; what is\n"
          "not said stays. `resize`: the shorter side, or (height, width) to stretch to, before\n"
          "the centre of `input_size` is cropped; `mean`, `std`: three numbers or one each.")
      .def(
          "versus",
          [](const Model& model, const ClassText& one, const ClassText& other) {
            return model.versus(one.text, other.text);
          },
          py::arg("one"), py::arg("other"),
          "The same network with two classes: 0, the score of class `one` less that of `other`,\n"
          "and 1, the reverse.");
}

/// What one says of itself.
void add_facts(py::class_<Model>& binding) {
  binding.def_property_readonly("arch", &Model::arch)
      .def_property_readonly("source", &Model::source, "What it was made from.")
      .def_property_readonly(
          "input_size", [](const Model& model) { return size_of(model.preprocess().crop); },
          "(height, width) of the network's input.")
      .def_property_readonly(
          "mean", [](const Model& model) { return model.preprocess().mean; },
          "Of each colour of 0 to 1: the input is (colour - mean) / std.")
      .def_property_readonly("std", [](const Model& model) { return model.preprocess().std; })
      .def_property_readonly("class_count", &Model::class_count,
                             "0 where the network has features alone.")
      .def("class_name", &Model::class_name, py::arg("index"))
      .def(
          "find_class",
          [](const Model& model, const ClassText& text) { return model.find_class(text.text); },
          py::arg("text"), "The index of a class by index, WordNet id or name.")
      .def_property_readonly(
          "assumed", [](const Model& model) { return model.conversion().assumed; },
          "What convert() took for granted, a line each; [] of another model.");
}

}  // namespace

py::object model_of_file(Model model, const std::string& file) {
  py::object made = py::cast(std::move(model));
  made.attr(file_attribute) = text_of(std::filesystem::absolute(file).string());
  return made;
}

std::string file_of(const py::object& model) {
  return path_from(py::getattr(model, file_attribute, py::str()));
}

void add_models(py::module_& module) {
  add_layers(module);
  py::class_<Model> binding(module, "Model", "A trained network; copies share its weights.",
                            py::dynamic_attr());
  add_sources(binding);
  add_changed(binding);
  add_facts(binding);
  binding
      .def("receptive_field", &receptive_field, py::arg("layer"), py::arg("y"), py::arg("x"),
           "(y, x, height, width) of the input that the feature at (y, x) of a layer sees.")
      .def("stage_below", &Model::stage_below, py::arg("layer"),
           "What the decisions of a layer are decomposed into; '' where no stage is below.")
      .def("layers", &Model::layers, "All layers, the image first.")
      .def("stages", &Model::stages, "The stages' ends, from below the scores down to the image.")
      .def("__repr__", &description);
}

}  // namespace hdecomp::python
