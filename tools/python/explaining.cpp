/// Explainer's trees in Python: of one image, of several, of many.
#include "hdecomp/error.h"
#include "tools/page/against.h"
#include "tools/python/explain_keywords.h"

namespace hdecomp::python {
namespace {

/// What speaks against the decisions of a tree. Throws Stopped, and what Ctrl-C raises.
std::vector<EvidenceAgainst> against_of(Explainer& explainer, const Image& photo, const Tree& tree,
                                        const ExplainOptions& asked) {
  return evidence_against(explainer, photo, tree.root,
                          tools::against_of(true, asked.cover, asked.top), tree.baseline, [&] {
                            check_signals();
                            end_if_stopped(asked.stop);
                          });
}

EvidenceTree explain(SharedExplainer& it, const py::object& image, TreeQuestion question,
                     const py::object& progress, bool is_signed) {
  if (!progress.is_none()) {
    question.options.after_level = [report = callback<int>(progress)](const Tree&, int level) {
      report(level);
    };
  }
  const NamedImage photo = image_from(image, it.model().preprocess());
  return it.run([&](Explainer& explainer) {
    Tree made = explainer.explain(*photo.image, question.options);
    std::vector<EvidenceAgainst> against;
    if (is_signed) against = against_of(explainer, *photo.image, made, question.options);
    EvidenceTree tree =
        evidence_tree(std::move(made), photo, explainer.model(), question, std::move(against));
    if (question.options.keep_maps) tree.photo = photo;
    return tree;
  });
}

/// For an image without a tree the error stands in its place.
py::list explain_batch(SharedExplainer& it, const py::object& images, TreeQuestion question,
                       const py::object& progress) {
  const std::vector<NamedImage> photos = images_from(images, it.model().preprocess());
  size_t next = 0;
  const auto look = [&](Explainer& explainer, const std::vector<Image>& batch) {
    std::vector<TreeOrNot> found;
    for (Explained& one : explainer.explain_batch(batch, question.options)) {
      found.push_back(tree_or_not(std::move(one), photos[next++], explainer.model(), question));
    }
    return found;
  };
  py::list results;
  for (const TreeOrNot& one : in_batches<TreeOrNot>(it, photos, progress, look)) {
    results.append(object_of(one));
  }
  return results;
}

std::unique_ptr<TreeStream> explain_many(py::object it, const py::object& images,
                                         TreeQuestion question) {
  return std::make_unique<TreeStream>(std::move(it), images, std::move(question));
}

constexpr const char* one_words =
    "The tree of evidence of a class score, the most probable class's without `target` (an\n"
    "index, WordNet id or name), or of the feature `from_` ('conv5_3:70@3,3').\n"
    "`top`: N; `depth`: levels, 0 for all; `merge_overlaps`: IoU above which channels\n"
    "become one node, 0 for none; `cover`: as few channels a decision as reach this share\n"
    "of its positive evidence, `top` at most, 0 for `top`; `surrogate`: each of\n"
    "Tree.levels has what the network says of the chosen channels alone;\n"
    "`baseline`: 'zero', 'mean' or Means, what A = G * (F - b) counts from; `concepts`:\n"
    "names for channels, for nodes, page and JSON, and `patches`, what they look for, one or\n"
    "several: what Concepts.load() and Patches.load() return or, where the model's file is\n"
    "known (load(), bundled()), paths of such files. `progress(level)` is called after each\n"
    "level. `signed`: Node.against, and the page, have what speaks against each decision, too, as\n"
    "many channels as `top` says (with `cover` as many as are chosen for it). Without `keep_maps`\n"
    "nodes have no maps, and show() does not work.";
constexpr const char* batch_words =
    "The same for several images, or arrays (n, ...) of them, `batch` at a time: a list of\n"
    "a Tree each, or of the ImageError that says why there is none.\n"
    "`progress(done, of)` is called after each batch, with images.";
constexpr const char* many_words =
    "The same for any number of images, of which few are in memory: an iterator over a Tree\n"
    "each, in their order, or the UserError that says why there is none; an ImageError where\n"
    "the file can be read. `images` may be a generator; it is asked for up to two batches more\n"
    "than are handed out: a GPU works on one while the caller looks at a tree, and the other is\n"
    "decoded. The explainer may be asked anything else in between.";

}  // namespace

void add_explaining(py::module_& module, py::class_<SharedExplainer>& explainer) {
  py::class_<TreeStream>(module, "TreeStream", "Trees, one after the other.")
      .def("__iter__", [](const py::object& it) { return it; })
      .def("__next__", &TreeStream::next);
  define_explaining(explainer, "explain", "image", explain_keywords(&explain), true, one_words,
                    py::arg("progress") = py::none(), py::arg("signed") = false);
  define_explaining(explainer, "explain_batch", "images", explain_keywords(&explain_batch), true,
                    batch_words, py::arg("progress") = py::none());
  define_explaining(explainer, "explain_many", "images", explain_keywords(&explain_many), true,
                    many_words);
}

}  // namespace hdecomp::python
