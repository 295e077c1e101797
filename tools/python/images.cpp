/// Images out of what Python programs have them in.
#include <filesystem>

#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

std::string shape_text(const py::array& array) { return py::str(array.attr("shape")); }

Image image_of_pixels(const py::array& pixels) {
  const py::ssize_t rank = pixels.ndim();
  if (rank != 2 && rank != 3) {
    throw UserError(joined("pixels of shape ", shape_text(pixels),
                           "; give (height, width), (height, width, 3) or (height, width, 4)"));
  }
  // Before they are copied: a view may be of far more pixels than there are bytes.
  constexpr py::ssize_t most = py::ssize_t{4} << 28;  // image_of's pixels, of four channels
  if (pixels.size() > most) {
    throw UserError(joined("pixels of shape ", shape_text(pixels), "; give at most 2^28 pixels"));
  }
  const py::array_t<uint8_t, py::array::c_style> packed(pixels);  // throws where memory lacks
  PixelView view{{packed.data(), static_cast<size_t>(packed.size())}};
  view.height = packed.shape(0);
  view.width = packed.shape(1);
  view.channels = rank == 2 ? 1 : packed.shape(2);
  return image_of(view);
}

Image image_of_tensor(const py::array& tensor, const Preprocess& rule) {
  const py::array_t<float, py::array::c_style | py::array::forcecast> packed(tensor);
  const std::vector<int64_t> shape(packed.shape(), packed.shape() + packed.ndim());
  if (shape.size() == 4 && shape[0] != 1) {
    throw UserError(joined("a tensor of shape ", shape_text(tensor),
                           " is of several images; give one here, or all to a ..._batch method"));
  }
  return std::move(
      input_images({{packed.data(), static_cast<size_t>(packed.size())}, shape}, rule).front());
}

Image image_of_array(const py::array& array, const Preprocess& rule) {
  const char kind = array.dtype().kind();
  if (kind == 'f') return image_of_tensor(array, rule);
  if (kind == 'u' && array.itemsize() == 1) return image_of_pixels(array);
  throw py::type_error(joined("an array of ", std::string(py::str(array.dtype())), " and shape ",
                              shape_text(array),
                              "; give 8-bit pixels (uint8) or the network's input (float32)"));
}

py::array as_array(const py::object& given) {
  return py::module_::import("numpy").attr("asarray")(given);
}

/// PIL's convert("RGB") cuts samples of more than 8 bits off at 255, which leaves white: of 16-bit
/// ones the upper byte is taken, as of files; the range of others is not known.
py::array array_of_picture(const py::object& picture) {
  const auto mode = py::cast<std::string>(picture.attr("mode"));
  const std::string format = py::str(py::getattr(picture, "format", py::none()));
  const bool has_16_bits =
      mode.starts_with("I;16") || (mode == "I" && (format == "PNG" || format == "PPM"));
  if (has_16_bits) {
    return as_array(picture).attr("__floordiv__")(256).attr("astype")("uint8");
  }
  if (mode == "I" || mode == "F") {
    throw py::type_error(joined("a PIL image of mode ", mode,
                                ", whose range is not known; give its "
                                "file's path, or 8-bit pixels (uint8)"));
  }
  return as_array(picture.attr("convert")("RGB"));
}

/// Torch's tensors, wherever they lie, and PIL's pictures as arrays; anything else as numpy has it.
py::array array_from(py::object given) {
  if (py::hasattr(given, "detach")) given = given.attr("detach")().attr("cpu")().attr("numpy")();
  return py::hasattr(given, "getbands") ? array_of_picture(given) : as_array(given);
}

}  // namespace

bool is_path(const py::object& given) {
  return py::isinstance<py::str>(given) || py::hasattr(given, "__fspath__");
}

std::optional<ImageFile> file_from(const py::object& given) {
  if (py::isinstance<py::bytes>(given)) return ImageFile{"", py::cast<std::string>(given)};
  if (is_path(given)) return ImageFile{path_from(given)};
  return {};
}

std::string name_of(const std::optional<ImageFile>& file) {
  return file && !file->bytes ? std::filesystem::path(file->path).filename().string() : "image";
}

NamedImage image_from(const py::object& given, const Preprocess& rule) {
  const std::optional<ImageFile> file = file_from(given);
  const auto read = [&] {
    const py::gil_scoped_release others_run;
    return file->read();
  };
  Image image = file ? read() : image_of_array(array_from(given), rule);
  return {std::make_shared<const Image>(std::move(image)), name_of(file)};
}

py::iterator iterator_over_images(const py::object& given) {
  if (is_path(given) || py::isinstance<py::bytes>(given)) {
    throw py::type_error(joined("images is one ",
                                std::string(py::str(py::type::of(given).attr("__name__"))),
                                "; give a list of images, or one to explain()"));
  }
  return py::iter(given);
}

std::vector<NamedImage> images_from(const py::object& given, const Preprocess& rule) {
  std::vector<NamedImage> images;
  for (const py::handle each : iterator_over_images(given)) {
    images.push_back(image_from(py::reinterpret_borrow<py::object>(each), rule));
  }
  return images;
}

py::array pixels_of(Image image) {
  const std::vector<py::ssize_t> shape{image.height, image.width, Image::channels};
  return array_of(std::move(image.rgb), shape);
}

}  // namespace hdecomp::python
