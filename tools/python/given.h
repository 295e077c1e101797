/// What is given in Python: images, files, models, names and words, as ours.
#pragma once

#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/channel_concepts.h"
#include "hdecomp/hdecomp.h"
#include "tools/python/arrays.h"
#include "tools/python/image_file.h"
#include "tools/python/shared_explainer.h"

namespace hdecomp::python {

/// A class as Python's callers name it: an index as a whole number, or what the command takes.
struct ClassText {
  std::string text;
};

/// A picture and how it is called.
struct NamedImage {
  std::shared_ptr<const Image> image;
  std::string name;
};
/// Of a path, the bytes of a file, a PIL image, an array of 8-bit pixels, or a tensor that is the
/// network's input. Throws UserError, and py::type_error for what is none.
NamedImage image_from(const py::object& given, const Preprocess& rule);
/// Of each of several. Throws py::type_error, too, for a path or bytes alone, whose letters would
/// be taken for images.
std::vector<NamedImage> images_from(const py::object& given, const Preprocess& rule);
/// Python's iterator over several images. Throws as images_from().
py::iterator iterator_over_images(const py::object& given);
/// Whether it is a path as Python has it.
bool is_path(const py::object& given);
/// What Python names by its path or gives as its bytes; none of anything else.
std::optional<ImageFile> file_from(const py::object& given);
/// "photo.jpg"; "image" of what is in memory.
std::string name_of(const std::optional<ImageFile>& file);
/// As (height, width, 3).
py::array pixels_of(Image image);

/// Of a path as Python has it: the bytes that os.fsencode() says, also of a name that is no UTF-8.
std::string path_from(const py::object& path);
/// What may hold a file's name, as Python has such: bytes that are no UTF-8 escaped as surrogates.
py::str text_of(const std::string& bytes);
/// Of a page that names files: U+FFFD in their place, which any page can hold.
py::str page_text_of(const std::string& bytes);

/// A Model object that remembers its file, and that file; empty where it does not.
py::object model_of_file(Model model, const std::string& file);
/// A Model, of a path or a bundled model's name the Model of it, of None the usual one. Throws
/// UserError, and py::type_error for another.
py::object model_from(const py::object& given);
std::string file_of(const py::object& model);

/// A means file.
struct Means {
  std::shared_ptr<const ChannelMeans> means;
};
/// A concepts file.
struct Concepts {
  std::shared_ptr<const ChannelConcepts> concepts;
};
/// A patches file.
struct Patches {
  std::shared_ptr<const PatchFile> file;
};
/// What `concepts=` and `patches=` give: None, what was loaded or, where the explainer's model is
/// of a file that is known, a path; of patches several, too. Throws py::type_error for another.
std::shared_ptr<const ChannelConcepts> concepts_from(const py::object& given,
                                                     const SharedExplainer& explainer);
PatchFiles patches_from(const py::object& given, const SharedExplainer& explainer);
/// A channel's Concept; None where it has no name, and of null.
py::object concept_object(const ChannelConcepts* concepts, const std::string& layer,
                          int64_t channel);
/// A list of a channel's Patch objects, file by file, without the photograph of this
/// pixel_number().
py::list patch_objects(const PatchFiles& files, const std::string& layer, int64_t channel,
                       uint64_t pixels);
/// A word. Throws py::type_error that names the argument and what is wanted for what is none.
std::string text_from(const char* what, const char* wanted, const py::object& given);
/// Of "zero", "mean" or a Means. Throws UserError, and py::type_error for what is none.
BaselineChoice baseline_from(const py::object& given);
/// What channels are filled with: of "mean", "zero" or a Means.
struct Fill {
  AblationFill fill;
  std::shared_ptr<const ChannelMeans> means;
};
/// Throws as baseline_from().
Fill fill_from(const py::object& given);
/// Which of `names` a text is. Throws UserError that lists them.
size_t choice_of(const char* what, const std::string& text, std::span<const char* const> names);

}  // namespace hdecomp::python

/// A str, None (which is ""), or anything with an index that is no bool: an int, numpy's or torch's
/// whole number.
template <>
struct pybind11::detail::type_caster<hdecomp::python::ClassText> {
  PYBIND11_TYPE_CASTER(hdecomp::python::ClassText, const_name("int | str | None"));

  bool load(handle given, bool) {
    if (given.is_none()) return true;
    if (isinstance<str>(given)) {
      value.text = pybind11::cast<std::string>(given);
      return true;
    }
    if (isinstance<bool_>(given) || PyIndex_Check(given.ptr()) == 0) return false;
    const object index = reinterpret_steal<object>(PyNumber_Index(given.ptr()));
    if (!index) PyErr_Clear();
    if (index) value.text = "index:" + std::string(str(index));
    return static_cast<bool>(index);
  }
};
