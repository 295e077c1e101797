/// Explainer's trees in Python: of one image, of several, of many.
#include "hdecomp/error.h"
#include "tools/python/tree_stream.h"

namespace hdecomp::python {
namespace {

const SharedExplainer& explainer_of(const SharedExplainer& it) { return it; }
const SharedExplainer& explainer_of(const py::object& it) {
  return py::cast<const SharedExplainer&>(it);
}

/// `work` with the keywords of all that explain in place of the options.
template <class Result, class Given, class... More>
auto explain_keywords(Result (*work)(Given, const py::object&, TreeQuestion, More...)) {
  return [work](Given it, const py::object& images, const std::string& target, int top, int depth,
                bool keep_maps, bool guided, double merge_overlaps, double mask_threshold,
                int peaks, const py::object& baseline, const std::string& from, double cover,
                bool surrogate, const py::object& concepts, const py::object& patches,
                const Stop* stop, More... more) {
    ExplainOptions options{target, top, depth, keep_maps, guided};
    if (merge_overlaps != 0) options.overlaps = OverlapOptions{merge_overlaps, mask_threshold};
    options.peaks = peaks;
    options.baseline = baseline_from(baseline);
    options.from = from;
    options.cover = cover;
    options.surrogate = surrogate;
    const SharedExplainer& asked = explainer_of(it);
    options.concepts = concepts_from(concepts, asked);
    options.stop = token_of(stop);
    return work(it, images, TreeQuestion{std::move(options), patches_from(patches, asked)},
                more...);
  };
}

EvidenceTree explain(SharedExplainer& it, const py::object& image, TreeQuestion question,
                     const py::object& progress) {
  if (!progress.is_none()) {
    question.options.after_level = [report = callback<int>(progress)](const Tree&, int level) {
      report(level);
    };
  }
  const NamedImage photo = image_from(image, it.model().preprocess());
  return it.run([&](Explainer& explainer) {
    EvidenceTree tree = evidence_tree(explainer.explain(*photo.image, question.options), photo,
                                      explainer.model(), question);
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

/// A method of an explainer that takes `given` and the keywords of all that explain.
template <class Method, class... More>
void define_explaining(py::class_<SharedExplainer>& explainer, const char* name, const char* given,
                       const Method& method, const char* words, const More&... more) {
  explainer.def(name, method, py::arg(given), py::arg("target") = "", py::kw_only(),
                py::arg("top") = 3, py::arg("depth") = 0, py::arg("keep_maps") = true,
                py::arg("guided") = false, py::arg("merge_overlaps") = 0.0,
                py::arg("mask_threshold") = 0.5, py::arg("peaks") = 1, py::arg("baseline") = "zero",
                py::arg("from_") = "", py::arg("cover") = 0.0, py::arg("surrogate") = false,
                py::arg("concepts") = py::none(), py::arg("patches") = py::none(),
                py::arg("stop") = py::none(), more..., words);
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
    "level. Without `keep_maps` nodes have no maps, and show() does not work.";
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
  define_explaining(explainer, "explain", "image", explain_keywords(&explain), one_words,
                    py::arg("progress") = py::none());
  define_explaining(explainer, "explain_batch", "images", explain_keywords(&explain_batch),
                    batch_words, py::arg("progress") = py::none());
  define_explaining(explainer, "explain_many", "images", explain_keywords(&explain_many),
                    many_words);
}

}  // namespace hdecomp::python
