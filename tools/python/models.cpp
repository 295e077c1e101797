/// Model in Python.
#include <filesystem>

#include "hdecomp/error.h"
#include "hdecomp/model_file.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

constexpr const char* file_attribute = "_file";

Model load_bytes(const py::object& file) {
  const std::string_view bytes = py::cast<std::string_view>(file);
  const std::span<const uint8_t> span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  const py::gil_scoped_release others_run;
  return Model::load(span);
}

Model load_path(const std::string& path) {
  const py::gil_scoped_release others_run;
  return Model::load(path);
}

py::object load(const py::object& file) {
  if (py::isinstance<py::bytes>(file)) return py::cast(load_bytes(file));
  const std::string path = path_from(file);
  return model_of_file(load_path(path), path);
}

py::object bundled(const std::string& name) {
  const std::string path = Model::bundled_path(name);
  return model_of_file(load_path(path), path);
}

Interpolation interpolation_from(const std::string& name) {
  return static_cast<Interpolation>(choice_of("interpolation", name, interpolations));
}

/// A side, or (height, width).
PixelSize size_from(const py::object& given) {
  if (py::isinstance<py::int_>(given)) return py::cast<int64_t>(given);
  const auto [height, width] = py::cast<std::pair<int64_t, int64_t>>(given);
  return {height, width};
}

/// Of a resize or crop what is not None, of words and numbers what is not "" or 0.
InputStatement statement_from(std::vector<float> mean, std::vector<float> std,
                              const py::object& resize, const py::object& crop,
                              const std::string& channel_order, const std::string& interpolation,
                              int pixel_range) {
  InputStatement said;
  said.mean = std::move(mean);
  said.std = std::move(std);
  if (!resize.is_none()) {  // a pair is stretched to, as --resize has it
    said.resize = py::isinstance<py::int_>(resize) ? Resize::cover : Resize::stretch;
    said.size = size_from(resize);
  }
  if (!crop.is_none()) said.crop = size_from(crop);
  if (!channel_order.empty()) {
    said.channel_order =
        static_cast<ChannelOrder>(choice_of("channel_order", channel_order, channel_orders));
  }
  if (!interpolation.empty()) said.interpolation = interpolation_from(interpolation);
  if (pixel_range != 0) said.pixel_range = pixel_range;
  return said;
}

Model convert(const py::object& file, const std::string& arch, const std::string& classes,
              const std::string& key, std::vector<float> mean, std::vector<float> std,
              const py::object& resize, const py::object& crop, const std::string& channel_order,
              const std::string& interpolation, int pixel_range, std::vector<std::string> stages,
              int bottleneck_strides, bool weights_16) {
  const std::string path = path_from(file);
  ConvertOptions options;
  options.arch = arch;
  options.classes_file = classes;
  options.key = key;
  options.stride_in_1x1 = stride_in_1x1_of(bottleneck_strides);
  options.input = statement_from(std::move(mean), std::move(std), resize, crop, channel_order,
                                 interpolation, pixel_range);
  options.stages = std::move(stages);
  options.weights_16 = weights_16;
  const py::gil_scoped_release others_run;
  return Model::convert(path, options);
}

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

/// Where models come from.
void add_sources(py::class_<Model>& binding) {
  const std::vector<float> no_numbers;
  const std::vector<std::string> no_names;
  binding
      .def_static("load", &load, py::arg("file"),
                  "A model file (weights/FORMAT.md): its path, or its bytes.")
      .def_static("bundled", &bundled, py::arg("name") = "",
                  "One that comes with hdecomp: 'squeezenet' or 'vgg16-slim'.")
      .def_static(
          "convert", &convert, py::arg("file"), py::kw_only(), py::arg("arch") = "",
          py::arg("classes") = "", py::arg("key") = "", py::arg("mean") = no_numbers,
          py::arg("std") = no_numbers, py::arg("resize") = py::none(), py::arg("crop") = py::none(),
          py::arg("channel_order") = "", py::arg("interpolation") = "", py::arg("pixel_range") = 0,
          py::arg("stages") = no_names, py::arg("bottleneck_strides") = 0,
          py::arg("weights_16") = false,
          "Another framework's weights, as `hdecomp convert` takes them and its flags.\n\n"
          "`resize` and `crop` are a side or (height, width), `mean` and `std` three\n"
          "numbers or one, `classes` a file of names; `bottleneck_strides`: where a ResNet's are,\n"
          "in its 1x1 (1: Caffe's) or 3x3 convolutions (3), 0 for the framework's own.")
      .def_static(
          "initialise",
          [](const std::string& arch, uint64_t seed, int64_t classes,
             const py::object& input_size) {
            const PixelSize size = input_size.is_none() ? PixelSize() : size_from(input_size);
            const py::gil_scoped_release others_run;
            return Model::initialise(arch, seed, classes, size);
          },
          py::arg("arch"), py::kw_only(), py::arg("seed") = 0, py::arg("classes") = 1000,
          py::arg("input_size") = py::none(),
          "An architecture ('vgg16', 'resnet50', ...) with He-initialised weights, the same bits\n"
          "for the same seed, as `hdecomp init`. `input_size`: a side or (height, width), None "
          "for\n"
          "the architecture's own.")
      .def_static("bundled_path", &Model::bundled_path, py::arg("name") = "",
                  "The file of a model that comes with hdecomp.");
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
  made.attr(file_attribute) = std::filesystem::absolute(file).string();
  return made;
}

py::object model_from(const py::object& given) {
  if (given.is_none()) return bundled({});
  if (py::isinstance<Model>(given)) return given;
  if (!is_path(given)) {
    throw py::type_error(
        joined("model: give a Model, a model file's path or a bundled model's name, "
               "not ",
               std::string(py::str(py::type::of(given).attr("__name__")))));
  }
  const std::string path = model_file(path_from(given));
  return model_of_file(load_path(path), path);
}

std::string file_of(const py::object& model) {
  return py::cast<std::string>(py::getattr(model, file_attribute, py::str()));
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
