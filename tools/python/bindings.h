/// What the parts of the Python module share: images in, arrays out, results that keep what they
/// point into.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/channel_concepts.h"
#include "hdecomp/hdecomp.h"
#include "tools/page/page_data.h"
#include "tools/python/image_file.h"
#include "tools/python/shared_explainer.h"

namespace hdecomp::python {

namespace py = pybind11;

using Owner = std::shared_ptr<const void>;

/// A numpy array on values that `owner` keeps: not copied, and read only.
template <class T>
py::array array_on(std::span<const T> values, std::vector<py::ssize_t> shape, const Owner& owner) {
  if (values.empty()) return py::array(py::dtype::of<T>(), std::move(shape));
  const py::capsule base(new Owner(owner), [](void* kept) { delete static_cast<Owner*>(kept); });
  py::array array(py::dtype::of<T>(), std::move(shape), values.data(), base);
  array.attr("flags").attr("writeable") = false;
  return array;
}
/// The same on values of its own.
template <class T>
py::array array_of(std::vector<T> values, std::vector<py::ssize_t> shape) {
  const auto kept = std::make_shared<const std::vector<T>>(std::move(values));
  return array_on(std::span<const T>(*kept), std::move(shape), kept);
}

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

/// Of a path as Python has it.
std::string path_from(const py::object& path);

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

/// For work that goes on without Python's lock: Ctrl-C ends it here.
void check_signals();
/// A callback of Python's for such work.
template <class... Numbers>
std::function<void(Numbers...)> callback(const py::object& given) {
  return [given = given.is_none() ? nullptr : given.ptr()](Numbers... numbers) {
    check_signals();
    const py::gil_scoped_acquire own_turn;
    if (given != nullptr) py::reinterpret_borrow<py::object>(given)(numbers...);
  };
}

/// For ending work from another thread.
struct Stop {
  std::stop_source source = {};
};
/// A token that nobody requests where there is none.
inline std::stop_token token_of(const Stop* stop) {
  return stop == nullptr ? std::stop_token() : stop->source.get_token();
}

/// What `look(explainer, batch)` returns of every image, with as many in a batch as go together;
/// `progress` is told after each batch how many images are done.
template <class Result, class Look>
std::vector<Result> in_batches(SharedExplainer& it, const std::vector<NamedImage>& photos,
                               const py::object& progress, const Look& look) {
  const auto report = callback<int64_t, int64_t>(progress);
  return it.run([&](Explainer& explainer) {
    std::vector<Result> found;
    while (found.size() < photos.size()) {
      check_signals();
      std::vector<Image> batch;
      const size_t end = std::min(found.size() + explainer.batch(), photos.size());
      for (size_t i = found.size(); i < end; ++i) batch.push_back(*photos[i].image);
      for (Result& one : look(explainer, batch)) found.push_back(std::move(one));
      report(std::ssize(found), std::ssize(photos));
    }
    return found;
  });
}

/// What is known of a tree's channels.
struct Beside {
  std::shared_ptr<const ChannelConcepts> concepts;  // null without
  PatchFiles patches;
  uint64_t pixels = 0;  // pixel_number() of the tree's photograph, where there are patches
  std::vector<EvidenceAgainst> against = {};
};
/// A node of a tree that its owner keeps.
struct Node {
  Owner owner;
  const TreeNode* node;
  std::shared_ptr<const Beside> beside = {};  // null without
};
/// A decomposition of a node.
struct Step {
  Owner owner;
  const Decomposition* step;
};
struct Map {
  std::shared_ptr<const ActivationMap> map;
};
/// A tree and what its page needs besides: of the photograph what the network sees alone, for many
/// trees may be kept.
struct EvidenceTree {
  std::shared_ptr<const Tree> tree;
  std::shared_ptr<const tools::PageSubject> page;  // null where the tree has no maps
  Model model;
  std::shared_ptr<const Beside> beside;
  NamedImage photo;  // for its files; no image where it is one of many
};
struct SingleStep {
  std::shared_ptr<const DecisionStep> step;
  NamedImage photo;
  Model model;
};
struct AblationResult {
  std::shared_ptr<const Ablation> ablation;
};
struct SaliencyResult {
  std::shared_ptr<const SaliencyMap> map;
  NamedImage photo;
  Model model;
};

/// What is drawn and written of trees and steps: their methods.
void add_tree_pictures(py::class_<EvidenceTree>& tree);
void add_upright(py::module_& module);
void add_step_files(py::class_<SingleStep>& step);

/// A node's Step; None at the last level.
py::object step_of(const Node& node);
/// JSON as Python's dictionaries and lists.
py::object as_dict(const std::string& json);

void add_errors(py::module_& module);
void add_models(py::module_& module);
void add_results(py::module_& module);
void add_trees(py::module_& module);
void add_ablations(py::module_& module);
void add_files(py::module_& module);
/// Files of means, names and patches, which add_files() adds too.
void add_known(py::module_& module);
void add_explainers(py::module_& module);
/// Trees of one image and of many: the explainer's methods.
void add_explaining(py::module_& module, py::class_<SharedExplainer>& explainer);
/// Of a folder's photographs.
void add_folders(py::module_& module, py::class_<SharedExplainer>& explainer);
/// Saliency maps: results, and apart from them the explainer's methods.
void add_saliency_maps(py::module_& module);
void add_saliency(py::class_<SharedExplainer>& explainer);
/// Attacks and what-ifs: results, and the explainer's methods.
void add_attacks(py::module_& module, py::class_<SharedExplainer>& explainer);
void add_what_ifs(py::module_& module, py::class_<SharedExplainer>& explainer);
/// What experiments measured, which add_experiments() adds too.
void add_experiment_results(py::module_& module);
void add_experiments(py::module_& module);
/// Functions that make files of means, patches and concepts.
void add_channel_files(py::module_& module);

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
