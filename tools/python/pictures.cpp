/// What is drawn and written of trees and steps in Python, the command's files to the byte.
#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

Colours colours_from(const std::string& name) {
  return static_cast<Colours>(choice_of("colours", name, colour_names));
}

std::string map_form(const std::string& maps) {
  return maps.empty() ? maps : map_forms[choice_of("maps", maps, map_forms)];
}

/// The photograph: the one given, or that which was kept.
NamedImage photo_of(const NamedImage& kept, const Model& model, const py::object& given) {
  if (!given.is_none()) return {image_from(given, model.preprocess()).image, kept.name};
  if (kept.image) return kept;
  throw UserError(
      "image: this tree keeps no photograph (those of one image with their maps do); give it");
}

PictureProgress progress_of(const py::object& progress, const Stop* stop) {
  return [report = callback<int64_t, int64_t>(progress), token = token_of(stop)](int64_t done,
                                                                                 int64_t all) {
    report(done, all);
    end_if_stopped(token);
  };
}

void save_tree(const EvidenceTree& it, const py::object& output_dir, const std::string& pictures,
               const std::string& colours, bool svg, bool pdf, bool html, const std::string& maps,
               const std::vector<SaliencyResult>& saliency, const std::string& name,
               const py::object& image, int threads, const py::object& progress, const Stop* stop) {
  TreeFiles files;
  files.pictures = static_cast<Pictures>(choice_of("pictures", pictures, picture_choices));
  files.look = {colours_from(colours), svg, pdf};
  files.maps = map_form(maps);
  files.html = html;
  files.threads = threads;
  files.progress = progress_of(progress, stop);
  ReportParts parts;
  for (const SaliencyResult& each : saliency) parts.maps.push_back(*each.map);
  parts.patches = it.beside->patches;
  parts.against = it.beside->against;
  NamedImage photo = it.photo;
  if (files.pictures != Pictures::none || html) photo = photo_of(it.photo, it.model, image);
  if (it.page) files.top = it.page->top;
  const std::string shown = name.empty() ? photo.name : name;
  const std::string folder = path_from(output_dir);
  const py::gil_scoped_release others_run;
  const Image none;
  hdecomp::save_tree(*it.tree, photo.image ? *photo.image : none, it.model, folder, files, shown,
                     std::move(parts));
}

void save_step(const SingleStep& it, const py::object& output_dir, const std::string& maps,
               int threads, const py::object& progress, const Stop* stop) {
  TreeFiles files;
  files.maps = map_form(maps);
  files.threads = threads;
  files.progress = progress_of(progress, stop);
  const std::string folder = path_from(output_dir);
  const py::gil_scoped_release others_run;
  hdecomp::save_step(*it.step, *it.photo.image, it.model, folder, files);
}

/// What `draw(tree, photo, model, colours)` makes.
template <class Draw>
auto drawn(const EvidenceTree& it, const std::string& colours, const py::object& image,
           const Draw& draw) {
  if (!it.page) throw UserError("pictures need the nodes' maps; explain with keep_maps=True");
  const Colours look = colours_from(colours);
  const NamedImage photo = photo_of(it.photo, it.model, image);
  const py::gil_scoped_release others_run;
  return draw(*it.tree, *photo.image, it.model, look);
}

py::array pyramid(const EvidenceTree& it, const std::string& colours, const py::object& image) {
  return pixels_of(drawn(it, colours, image, draw_pyramid));
}

py::array sheet(const EvidenceTree& it, int64_t level, const std::string& colours,
                const py::object& image) {
  if (level < 0 || level >= std::ssize(it.tree->levels)) {
    throw UserError(joined("level ", level, "; the tree has ", it.tree->levels.size()));
  }
  return pixels_of(drawn(it, colours, image, [&](const Tree& tree, const auto&... how) {
    return draw_level(tree, static_cast<size_t>(level), how...);
  }));
}

py::array overlay(const EvidenceTree& it, const Node& node, int64_t side,
                  const std::string& colours, const py::object& image) {
  const Decomposition* parent = nullptr;
  for (const TreeStep& step : distinct_steps(it.tree->root)) {
    const std::vector<TreeNode>& children = step.decision->children();
    for (const TreeNode& child : children) {
      if (&child == node.node) parent = step.decision->step.get();
    }
  }
  if (parent == nullptr) throw UserError("the node is not below this tree's root");
  const auto draw = [&](const Tree&, const Image& photo, const Model& model, Colours look) {
    return EvidencePainter(photo, model, side, look).draw(*node.node, *parent);
  };
  return pixels_of(drawn(it, colours, image, draw));
}

constexpr const char* save_words =
    "Writes the tree into a folder, whole or not at all, as `hdecomp explain --output-dir`:\n"
    "tree.json, pyramid.png and a sheet per level in levels/ (`pictures`: 'none' of them, or\n"
    "'all', a picture per node in maps/, too), with `svg` and `pdf` the pyramid as vectors,\n"
    "with `html` report.html, `maps` raw ones ('npy', 'h5'). What an earlier call, or the\n"
    "command, wrote there goes. `colours`: 'jet', 'ember', 'dusk', 'signed'; `saliency`: maps\n"
    "of the same image for the report, as are `name` over it and the tree's `patches`.\n"
    "`image`: the photograph, which trees of explain_batch() and explain_many() do not keep.\n"
    "`progress(done, of)` is called as pictures become ready, and ends the call by raising.";

}  // namespace

void add_tree_pictures(py::class_<EvidenceTree>& tree) {
  tree.def("save", &save_tree, py::arg("output_dir"), py::kw_only(), py::arg("pictures") = "sheets",
           py::arg("colours") = "jet", py::arg("svg") = false, py::arg("pdf") = false,
           py::arg("html") = false, py::arg("maps") = "",
           py::arg("saliency") = std::vector<SaliencyResult>(), py::arg("name") = "",
           py::arg("image") = py::none(), py::arg("threads") = 0, py::arg("progress") = py::none(),
           py::arg("stop") = py::none(), save_words);
  tree.def("pyramid", &pyramid, py::kw_only(), py::arg("colours") = "jet",
           py::arg("image") = py::none(),
           "pyramid.png's pixels: uint8 (height, width, 3). `colours` and `image` as of save().");
  tree.def(
      "pyramid_svg",
      [](const EvidenceTree& it, const std::string& colours, const py::object& image) {
        return drawn(it, colours, image, pyramid_svg);
      },
      py::kw_only(), py::arg("colours") = "jet", py::arg("image") = py::none(),
      "pyramid.svg's text.");
  tree.def(
      "pyramid_pdf",
      [](const EvidenceTree& it, const std::string& colours, const py::object& image) {
        return py::bytes(drawn(it, colours, image, pyramid_pdf));
      },
      py::kw_only(), py::arg("colours") = "jet", py::arg("image") = py::none(),
      "pyramid.pdf's bytes.");
  tree.def("sheet", &sheet, py::arg("level"), py::kw_only(), py::arg("colours") = "jet",
           py::arg("image") = py::none(),
           "The pixels of a level's sheet, 0 for the first: uint8 (height, width, 3).");
  tree.def("overlay", &overlay, py::arg("node"), py::arg("side") = 224, py::kw_only(),
           py::arg("colours") = "jet", py::arg("image") = py::none(),
           "A node's map over the photograph, `side` pixels on the longer side: uint8 (height,\n"
           "width, 3).");
}

void add_upright(py::module_& module) {
  module.def(
      "upright",
      [](const py::object& image) {
        const std::optional<ImageFile> file = file_from(image);
        if (!file) throw py::type_error("upright: give a path, or the bytes of a file");
        const auto read = [&] {
          const py::gil_scoped_release others_run;
          return upright(file->read());
        };
        return pixels_of(read());
      },
      py::arg("image"),
      "A file's photograph, turned upright by its EXIF tag as the command's --exif does: uint8\n"
      "(height, width, 3), which every method takes.");
}

void add_step_files(py::class_<SingleStep>& step) {
  step.def("save", &save_step, py::arg("output_dir"), py::kw_only(), py::arg("maps") = "",
           py::arg("threads") = 0, py::arg("progress") = py::none(), py::arg("stop") = py::none(),
           "Writes the step into a folder, as `hdecomp decompose --output-dir`: step.json, a\n"
           "picture per node in maps/ and, with `maps` 'npy' or 'h5', raw maps.");
}

}  // namespace hdecomp::python
