/// Model's static functions: load, bundled, convert, initialise.
#include "tools/python/model_sources.h"

#include "hdecomp/error.h"
#include "hdecomp/model_file.h"

namespace hdecomp::python {
namespace {

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

}  // namespace

Interpolation interpolation_from(const std::string& name) {
  return static_cast<Interpolation>(choice_of("interpolation", name, interpolations));
}

PixelSize size_from(const py::object& given) {
  if (py::isinstance<py::int_>(given)) return py::cast<int64_t>(given);
  const auto [height, width] = py::cast<std::pair<int64_t, int64_t>>(given);
  return {height, width};
}

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

}  // namespace hdecomp::python
