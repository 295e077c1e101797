/// What is known of a model's channels in Python: files of means, of names and of patches.
#include "hdecomp/error.h"
#include "hdecomp/model_file.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

/// A file that was made with a model, which it names by its file's SHA-256.
template <class File, class Loaded>
Loaded load_of_model(const py::object& file, const Model& model, const py::object& model_file) {
  const std::string path = path_from(file), of = path_from(model_file);
  const py::gil_scoped_release others_run;
  return {File::load(path, model, file_sha256(hdecomp::model_file(of)))};
}

/// What a channel looks for, with its words.
struct NamedConcept {
  std::string name;
  double part;
  float threshold;
  int64_t mask;
};

/// A patch, in the words of its file.
struct FoundPatch {
  std::shared_ptr<const PatchFile> file;
  Patch patch;
};

std::string class_of(const FoundPatch& it) {
  const auto& classes = it.file->plan().classes;
  const int32_t decision = it.file->image(it.patch.image).decision;
  return decision >= 0 && decision < std::ssize(classes) ? classes[decision] : "";
}

/// A model's file, by which files of its channels are known.
std::string known_file(const SharedExplainer& explainer, const char* what) {
  if (!explainer.model_file().empty()) return explainer.model_file();
  throw UserError(joined(what, ": this model's file is not known, and so no path; give what ",
                         what[0] == 'c' ? "Concepts" : "Patches", ".load() returns"));
}

template <class File>
std::shared_ptr<const File> load_beside(const py::object& path, const SharedExplainer& explainer,
                                        const char* what) {
  const std::string from = path_from(path), of = known_file(explainer, what);
  const py::gil_scoped_release others_run;
  return File::load(from, explainer.model(), file_sha256(of));
}

std::vector<std::string> layers_of(const ChannelConcepts& concepts) {
  std::vector<std::string> names;
  for (const LayerConcepts& each : concepts.layers()) names.push_back(each.layer);
  return names;
}

void add_concepts(py::module_& module) {
  py::class_<NamedConcept>(module, "Concept", "What a channel looks for.")
      .def_readonly("name", &NamedConcept::name)
      .def_readonly("part", &NamedConcept::part,
                    "Intersection over union with it; of names by patches their share.")
      .def_readonly("threshold", &NamedConcept::threshold,
                    "Its mask is where its feature is at least this.")
      .def_readonly("mask", &NamedConcept::mask, "Pixels of that, or patches.");
  py::class_<Concepts>(module, "Concepts",
                       "Names for channels, as `hdecomp concepts` makes a file of.")
      .def_static(
          "load", &load_of_model<ChannelConcepts, Concepts>, py::arg("file"), py::arg("model"),
          py::arg("model_file"),
          "`model_file`: the model's file, by which it is known, or a bundled model's name.")
      .def_property_readonly("images", [](const Concepts& it) { return it.concepts->images(); })
      .def_property_readonly(
          "layers", [](const Concepts& it) { return layers_of(*it.concepts); },
          "Whose channels may have names.")
      .def(
          "find",
          [](const Concepts& it, const std::string& layer, int64_t channel) {
            return concept_object(it.concepts.get(), layer, channel);
          },
          py::arg("layer"), py::arg("channel"), "The channel's Concept; None where it has no name.")
      .def(
          "words",
          [](const Concepts& it, const std::string& layer, int64_t channel) {
            return it.concepts->words(layer, channel);
          },
          py::arg("layer"), py::arg("channel"), "'face 0.31'; '' where it has no name.");
}

void add_patches(py::module_& module) {
  py::class_<FoundPatch>(module, "Patch", "A place of a photograph where a channel is large.")
      .def_property_readonly(
          "by",
          [](const FoundPatch& it) { return patch_rankings[static_cast<size_t>(it.file->by())]; },
          "What the file ranks by: 'activation' or 'contribution'.")
      .def_property_readonly(
          "image",
          [](const FoundPatch& it) { return text_of(it.file->plan().images.at(it.patch.image)); },
          "The photograph, as the run listed it.")
      .def_property_readonly("class_name", &class_of,
                             "Its most probable class; '' without classes.")
      .def_property_readonly("value", [](const FoundPatch& it) { return it.patch.value; })
      .def_property_readonly(
          "y", [](const FoundPatch& it) { return it.patch.y; },
          "The neuron's row in its layer's map.")
      .def_property_readonly("x", [](const FoundPatch& it) { return it.patch.x; })
      .def_property_readonly(
          "box",
          [](const FoundPatch& it) {
            const PixelRectangle& box = it.patch.box;
            return py::make_tuple(box.y, box.x, box.height, box.width);
          },
          "(y, x, height, width) of what it sees, in the photograph's pixels.")
      .def_property_readonly(
          "jpeg",
          [](const FoundPatch& it) {
            const auto& crop = *it.patch.crop;
            return py::bytes(reinterpret_cast<const char*>(crop.data()), crop.size());
          },
          "What is in it: the bytes of a JPEG file.")
      .def("__repr__", [](const FoundPatch& it) {
        return text_of(joined("<hdecomp.Patch of ", it.file->plan().images.at(it.patch.image), ", ",
                              it.patch.value, ">"));
      });
  py::class_<Patches>(module, "Patches",
                      "What channels look for, as `hdecomp patches` makes a file of.")
      .def_static(
          "load", &load_of_model<PatchFile, Patches>, py::arg("file"), py::arg("model"),
          py::arg("model_file"),
          "`model_file`: the model's file, by which it is known, or a bundled model's name.")
      .def_property_readonly(
          "by",
          [](const Patches& it) { return patch_rankings[static_cast<size_t>(it.file->by())]; })
      .def_property_readonly(
          "images", [](const Patches& it) { return it.file->measured(); }, "That were measured.")
      .def_property_readonly(
          "top", [](const Patches& it) { return it.file->plan().keep; },
          "Patches of a channel at most.")
      .def(
          "find",
          [](const Patches& it, const std::string& layer, int64_t channel) {
            return patch_objects({it.file}, layer, channel, 0);
          },
          py::arg("layer"), py::arg("channel"),
          "A list of the channel's Patch, the largest first.");
}

}  // namespace

std::shared_ptr<const ChannelConcepts> concepts_from(const py::object& given,
                                                     const SharedExplainer& explainer) {
  if (given.is_none()) return {};
  if (py::isinstance<Concepts>(given)) return py::cast<const Concepts&>(given).concepts;
  if (is_path(given)) return load_beside<ChannelConcepts>(given, explainer, "concepts");
  throw py::type_error("concepts: give Concepts, or the path of their file");
}

PatchFiles patches_from(const py::object& given, const SharedExplainer& explainer) {
  if (given.is_none()) return {};
  if (py::isinstance<Patches>(given)) return {py::cast<const Patches&>(given).file};
  if (is_path(given)) return {load_beside<PatchFile>(given, explainer, "patches")};
  if (!py::isinstance<py::list>(given) && !py::isinstance<py::tuple>(given)) {
    throw py::type_error("patches: give Patches, the path of their file, or a list of these");
  }
  PatchFiles files;
  for (const py::handle& each : given) {
    const auto one = patches_from(py::reinterpret_borrow<py::object>(each), explainer);
    files.insert(files.end(), one.begin(), one.end());
  }
  return files;
}

py::object concept_object(const ChannelConcepts* concepts, const std::string& layer,
                          int64_t channel) {
  const ChannelConcept* found = concepts == nullptr ? nullptr : concepts->find(layer, channel);
  if (found == nullptr) return py::none();
  return py::cast(NamedConcept{concepts->names().at(found->region).name, found->iou,
                               found->threshold, found->mask});
}

py::list patch_objects(const PatchFiles& files, const std::string& layer, int64_t channel,
                       uint64_t pixels) {
  py::list all;
  for (const auto& file : files) {
    for (Patch& patch : file->of(layer, channel, pixels)) {
      all.append(FoundPatch{file, std::move(patch)});
    }
  }
  return all;
}

void add_known(py::module_& module) {
  py::class_<Means>(module, "Means",
                    "Every channel's mean over a data set, as `hdecomp means` makes a file of.")
      .def_static(
          "load", &load_of_model<ChannelMeans, Means>, py::arg("file"), py::arg("model"),
          py::arg("model_file"),
          "`model_file`: the model's file, by which it is known, or a bundled model's name.")
      .def_property_readonly("images", [](const Means& it) { return it.means->images(); });
  add_concepts(module);
  add_patches(module);
}

}  // namespace hdecomp::python
