/// Trees of a folder's photographs in Python, and the command's folder of them.
#include "hdecomp/photo_trees.h"
#include "tools/python/explain_keywords.h"
#include "tools/python/photo_files.h"

namespace hdecomp::python {
namespace {

/// What became of one.
struct PhotoOfMany {
  std::string path, name;
  std::optional<int32_t> label;
  std::optional<ClassScore> decision;
  std::optional<EvidenceTree> tree;
  std::string error;
  bool is_wrong = false;
};

/// Takes the tree out of `one` where it is wanted.
PhotoOfMany photo_of(PhotoTree& one, const Image& image, const Model& model,
                     const TreeQuestion& question, bool has_tree) {
  PhotoOfMany photo{one.path, one.shown, {}, {}, {}, one.error};
  if (one.label >= 0) photo.label = one.label;
  if (!one.tree) return photo;
  photo.decision = one.tree->decision;
  photo.is_wrong = is_wrong(*one.tree, one.label);
  // It is looked at here alone.
  const NamedImage named{std::shared_ptr<const Image>(std::shared_ptr<void>(), &image), one.shown};
  if (has_tree) photo.tree = evidence_tree(std::move(*one.tree), named, model, question);
  one.tree.reset();
  return photo;
}

std::vector<std::shared_ptr<PhotoOfMany>> explain_folder(
    SharedExplainer& it, const py::object& images, TreeQuestion question, const py::object& labels,
    bool exif, const py::object& output_dir, const std::string& pictures,
    const std::string& colours, bool svg, bool pdf, bool html, const std::string& maps,
    std::optional<bool> keep_trees, const py::object& each, const py::object& progress) {
  PhotoTreesOptions run;
  run.trees = question.options;
  if (!output_dir.is_none()) run.output_dir = path_from(output_dir);
  run.files.pictures = static_cast<Pictures>(choice_of("pictures", pictures, picture_choices));
  run.files.look = {static_cast<Colours>(choice_of("colours", colours, colour_names)), svg, pdf};
  if (!maps.empty()) run.files.maps = map_forms[choice_of("maps", maps, map_forms)];
  run.files.html = html;
  run.files.threads = it.itself().threads();
  run.patches = question.patches;
  run.turning = turning(exif);
  run.progress = callback<int64_t, int64_t>(progress);
  const bool keeps = keep_trees.value_or(run.output_dir.empty());
  const ExperimentFiles files = files_from(images, labels, it.model(), run.output_dir);
  std::vector<std::shared_ptr<PhotoOfMany>> found;
  run.each = [&](PhotoTree& one, const Image& image) {
    check_signals();
    const bool has_tree = keeps || !each.is_none();
    found.push_back(
        std::make_shared<PhotoOfMany>(photo_of(one, image, it.model(), question, has_tree)));
    if (each.is_none()) return;
    const py::gil_scoped_acquire own_turn;
    each(found.back());
    if (!keeps) found.back()->tree.reset();
  };
  it.run([&](Explainer& explainer) { explain_photos(explainer, files, run); });
  return found;
}

constexpr const char* folder_words =
    "The same of all photographs in a folder, or a list of files, in one call: a list of a\n"
    "PhotoTree each, in their order; one that cannot be read or explained has its `error` and\n"
    "ends nothing. `labels`: of each a class by index, WordNet id or name, or None; or 'folder',\n"
    "the name of each one's folder. `exif`: those that were stored turned are turned upright.\n"
    "With `output_dir` writes the folder of `hdecomp explain FOLDER --output-dir`: a folder for\n"
    "each photograph, called as it is listed, with what Tree.save() says of `pictures`,\n"
    "`colours`, `svg`, `pdf`, `html` and `maps`, and index.html, which links them all and filters\n"
    "by class and, with `labels`, by wrong predictions. `each(photo)` is called with each\n"
    "PhotoTree as they become ready, `progress(done, of)` after it; both end the call by raising.\n"
    "`keep_trees`: PhotoTrees keep their trees after that; None: without `output_dir` alone.";

}  // namespace

void add_folders(py::module_& module, py::class_<SharedExplainer>& explainer) {
  py::class_<PhotoOfMany, std::shared_ptr<PhotoOfMany>>(
      module, "PhotoTree", "What became of one of a folder's photographs.")
      .def_property_readonly("path", [](const PhotoOfMany& it) { return text_of(it.path); })
      .def_property_readonly(
          "name", [](const PhotoOfMany& it) { return text_of(it.name); },
          "The path; of a folder below it.")
      .def_readonly("label", &PhotoOfMany::label, "The class that it is said to show, or None.")
      .def_readonly("decision", &PhotoOfMany::decision, "What was explained; None without a tree.")
      .def_readonly("tree", &PhotoOfMany::tree, "None where it has none, or it was not kept.")
      .def_property_readonly(
          "error", [](const PhotoOfMany& it) { return text_of(it.error); },
          "Why it has none, one line; else ''.")
      .def_readonly("is_wrong", &PhotoOfMany::is_wrong,
                    "Whether the most probable class is another one than the label.")
      .def("__repr__", [](const PhotoOfMany& it) {
        return text_of(joined("<hdecomp.PhotoTree ", it.name, ": ",
                              it.decision ? it.decision->name : it.error, ">"));
      });
  define_explaining(explainer, "explain_folder", "images", explain_keywords(&explain_folder), false,
                    folder_words, py::arg("labels") = py::none(), py::arg("exif") = false,
                    py::arg("output_dir") = py::none(), py::arg("pictures") = "sheets",
                    py::arg("colours") = "jet", py::arg("svg") = false, py::arg("pdf") = false,
                    py::arg("html") = false, py::arg("maps") = "",
                    py::arg("keep_trees") = py::none(), py::arg("each") = py::none(),
                    py::arg("progress") = py::none());
}

}  // namespace hdecomp::python
