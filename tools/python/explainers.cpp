/// Explainer in Python.
#include <variant>

#include "hdecomp/error.h"
#include "tools/page/page_data.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

AblationMethod method_from(const std::string& name) {
  if (name == "fast") return AblationMethod::fast;
  if (name == "naive") return AblationMethod::naive;
  throw UserError(joined("method='", name, "'; give 'fast' or 'naive'"));
}

SharedExplainer* make(const py::object& model, const std::string& device, int threads, int batch,
                      const std::string& precision, bool keep_last) {
  const Model its = model.is_none() ? Model::bundled() : py::cast<Model>(model);
  const py::gil_scoped_release others_run;
  return new SharedExplainer(its, {device, threads, batch, precision, keep_last});
}

std::vector<ClassScore> classify(SharedExplainer& it, const py::object& image, int count) {
  const NamedImage photo = image_from(image, it.model().preprocess());
  return it.run([&](Explainer& explainer) { return explainer.classify(*photo.image, count); });
}

/// A tree as Python has it, made while others run.
EvidenceTree evidence_tree(Tree made, const NamedImage& photo, const Model& model,
                           const ExplainOptions& options) {
  EvidenceTree tree{
      std::make_shared<const Tree>(std::move(made)), {nullptr, photo.name}, model, options.top};
  if (!options.keep_maps) return tree;
  const EvidencePainter painter(*photo.image, model, tools::page_side);
  tree.view.image = std::make_shared<const Image>(painter.view());
  return tree;
}

/// What explain() and explain_batch() are asked with; keywords of both.
ExplainOptions explain_options(const std::string& target, int top, int depth, bool keep_maps,
                               bool guided, double merge_overlaps, double mask_threshold, int peaks,
                               const py::object& baseline, const std::string& from, double cover,
                               bool surrogate, const Concepts* concepts) {
  ExplainOptions options{target, top, depth, keep_maps, guided};
  if (merge_overlaps != 0) options.overlaps = OverlapOptions{merge_overlaps, mask_threshold};
  options.peaks = peaks;
  options.baseline = baseline_from(baseline);
  options.from = from;
  options.cover = cover;
  options.surrogate = surrogate;
  if (concepts != nullptr) options.concepts = concepts->concepts;
  return options;
}

EvidenceTree explain(SharedExplainer& it, const py::object& image, const std::string& target,
                     int top, int depth, bool keep_maps, bool guided, double merge_overlaps,
                     double mask_threshold, int peaks, const py::object& baseline,
                     const std::string& from, double cover, bool surrogate,
                     const Concepts* concepts, const py::object& progress) {
  ExplainOptions options =
      explain_options(target, top, depth, keep_maps, guided, merge_overlaps, mask_threshold, peaks,
                      baseline, from, cover, surrogate, concepts);
  if (!progress.is_none()) {
    options.after_level = [report = callback<int>(progress)](const Tree&, int level) {
      report(level);
    };
  }
  const NamedImage photo = image_from(image, it.model().preprocess());
  return it.run([&](Explainer& explainer) {
    return evidence_tree(explainer.explain(*photo.image, options), photo, explainer.model(),
                         options);
  });
}

/// For an image without a tree the error stands in its place.
py::list explain_batch(SharedExplainer& it, const py::object& images, const std::string& target,
                       int top, int depth, bool keep_maps, bool guided, double merge_overlaps,
                       double mask_threshold, int peaks, const py::object& baseline,
                       const std::string& from, double cover, bool surrogate,
                       const Concepts* concepts) {
  const ExplainOptions options =
      explain_options(target, top, depth, keep_maps, guided, merge_overlaps, mask_threshold, peaks,
                      baseline, from, cover, surrogate, concepts);
  const std::vector<NamedImage> photos = images_from(images, it.model().preprocess());
  using Result = std::variant<EvidenceTree, std::string>;  // the tree, or why there is none
  const std::vector<Result> all = it.run([&](Explainer& explainer) {
    std::vector<Result> found;
    while (found.size() < photos.size()) {
      check_signals();
      std::vector<Image> batch;
      const size_t end = std::min(found.size() + explainer.batch(), photos.size());
      for (size_t i = found.size(); i < end; ++i) batch.push_back(*photos[i].image);
      for (Explained& one : explainer.explain_batch(batch, options)) {
        if (!one.tree) {
          found.emplace_back(std::move(one.error));
          continue;
        }
        found.emplace_back(
            evidence_tree(std::move(*one.tree), photos[found.size()], explainer.model(), options));
      }
    }
    return found;
  });
  py::list results;
  const py::object error = py::module_::import("hdecomp._hdecomp").attr("ImageError");
  for (const Result& one : all) {
    const auto* tree = std::get_if<EvidenceTree>(&one);
    results.append(tree != nullptr ? py::cast(*tree) : error(std::get<std::string>(one)));
  }
  return results;
}

SingleStep decompose(SharedExplainer& it, const py::object& image, const std::string& from,
                     const std::string& to, int top, const std::vector<int32_t>& channels,
                     bool keep_maps, bool guided, const py::object& baseline, double cover) {
  const StepOptions options{.top = top,
                            .keep_maps = keep_maps,
                            .guided = guided,
                            .channels = channels,
                            .baseline = baseline_from(baseline),
                            .cover = cover};
  const NamedImage photo = image_from(image, it.model().preprocess());
  return {it.run([&](Explainer& explainer) {
    return std::make_shared<const DecisionStep>(
        explainer.decompose(*photo.image, from, to, options));
  })};
}

AblationResult ablate(SharedExplainer& it, const py::object& image, const std::string& from,
                      const std::string& to, const py::object& fill, const std::string& method,
                      int top, const py::object& baseline, double merge_overlaps,
                      double mask_threshold) {
  AblationOptions options;
  const Fill filled = fill_from(fill);
  options.fill = filled.fill;
  options.means = filled.means;
  options.baseline = baseline_from(baseline);
  if (merge_overlaps != 0) options.overlaps = OverlapOptions{merge_overlaps, mask_threshold};
  options.method = method_from(method);
  options.top = top;
  const NamedImage photo = image_from(image, it.model().preprocess());
  return {it.run([&](Explainer& explainer) {
    return std::make_shared<const Ablation>(explainer.ablate(*photo.image, from, to, options));
  })};
}

SaliencyResult saliency(SharedExplainer& it, const py::object& image, const std::string& method,
                        const std::string& target, int samples, double noise, uint64_t seed,
                        bool relu, int top, const std::string& lrp_rule, double epsilon,
                        const std::string& path_start, const std::string& gap_sum,
                        const py::object& progress) {
  SaliencyOptions options;
  options.rule = static_cast<LrpRule>(choice_of("lrp_rule", lrp_rule, lrp_rules));
  options.start = static_cast<PathStart>(choice_of("path_start", path_start, path_starts));
  options.sum = static_cast<GapSum>(choice_of("gap_sum", gap_sum, gap_sums));
  options.epsilon = epsilon;
  options.method = saliency_method(method);
  options.target = target;
  options.samples = samples;
  options.noise = noise;
  options.seed = seed;
  options.relu = relu;
  options.top = top;
  options.after_samples = callback<int64_t, int64_t>(progress);
  const NamedImage photo = image_from(image, it.model().preprocess());
  auto map = it.run([&](Explainer& explainer) {
    return std::make_shared<const SaliencyMap>(explainer.saliency(*photo.image, options));
  });
  return {std::move(map), photo, it.model()};
}

py::array features(SharedExplainer& it, const py::object& image, const std::string& layer) {
  const NamedImage photo = image_from(image, it.model().preprocess());
  LayerFeatures found =
      it.run([&](Explainer& explainer) { return explainer.features(*photo.image, layer); });
  const std::vector<py::ssize_t> shape{found.channels, found.height, found.width};
  return array_of(std::move(found.values), shape);
}

constexpr const char* about =
    "Classifies images with a model and explains its decisions.\n\n"
    "An image is a path, the bytes of a file, a PIL image, pixels as uint8 (height, width),\n"
    "(height, width, 3) or (height, width, 4), or the network's input itself, normalised, as\n"
    "float32 (3, height, width) or (1, 3, height, width): a numpy array or a torch tensor.\n"
    "Threads take turns with one explainer, and others run while it works.";

}  // namespace

void add_explainers(py::module_& module) {
  py::class_<SharedExplainer> type(module, "Explainer", about);
  type.def(py::init(&make), py::arg("model") = py::none(), py::kw_only(), py::arg("device") = "",
           py::arg("threads") = 0, py::arg("batch") = 1, py::arg("precision") = "float32",
           py::arg("keep_last") = false,
           "`model`: without one the bundled 'squeezenet'. `device`: 'cpu', 'cuda', 'cuda:1'; ''\n"
           "takes a GPU where there is one. `batch`: most images that go together.");
  type.def_property_readonly("model", [](const SharedExplainer& it) { return it.model(); });
  type.def_property_readonly("device",
                             [](const SharedExplainer& it) { return it.itself().device(); });
  type.def_property_readonly("batch",
                             [](const SharedExplainer& it) { return it.itself().batch(); });
  type.def("classify", &classify, py::arg("image"), py::arg("count") = 5,
           "The `count` most probable classes, best first: a list of ClassScore.");
  type.def("explain", &explain, py::arg("image"), py::arg("target") = "", py::kw_only(),
           py::arg("top") = 3, py::arg("depth") = 0, py::arg("keep_maps") = true,
           py::arg("guided") = false, py::arg("merge_overlaps") = 0.0,
           py::arg("mask_threshold") = 0.5, py::arg("peaks") = 1, py::arg("baseline") = "zero",
           py::arg("from_") = "", py::arg("cover") = 0.0, py::arg("surrogate") = false,
           py::arg("concepts") = py::none(), py::arg("progress") = py::none(),
           "The tree of evidence of a class score, the most probable class's without `target` (an\n"
           "index, WordNet id or name), or of the feature `from_` ('conv5_3:70@3,3').\n"
           "`top`: N; `depth`: levels, 0 for all; `merge_overlaps`: IoU above which channels\n"
           "become one node, 0 for none; `cover`: as few channels a decision as reach this share\n"
           "of its positive evidence, `top` at most, 0 for `top`; `surrogate`: each of\n"
           "Tree.levels has what the network says of the chosen channels alone;\n"
           "`baseline`: 'zero', 'mean' or Means, what A = G * (F - b) counts from; `concepts`:\n"
           "names for channels, for page and JSON;\n"
           "`progress(level)` is called after each level. Without `keep_maps` nodes have no maps,\n"
           "and show() does not work.");
  type.def("explain_batch", &explain_batch, py::arg("images"), py::arg("target") = "",
           py::kw_only(), py::arg("top") = 3, py::arg("depth") = 0, py::arg("keep_maps") = true,
           py::arg("guided") = false, py::arg("merge_overlaps") = 0.0,
           py::arg("mask_threshold") = 0.5, py::arg("peaks") = 1, py::arg("baseline") = "zero",
           py::arg("from_") = "", py::arg("cover") = 0.0, py::arg("surrogate") = false,
           py::arg("concepts") = py::none(),
           "The same for several images, or arrays (n, ...) of them, `batch` at a time: a list of\n"
           "a Tree each, or of the ImageError that says why there is none.");
  type.def(
      "decompose", &decompose, py::arg("image"), py::arg("decision"), py::arg("to"), py::kw_only(),
      py::arg("top") = 3, py::arg("channels") = std::vector<int32_t>{}, py::arg("keep_maps") = true,
      py::arg("guided") = false, py::arg("baseline") = "zero", py::arg("cover") = 0.0,
      "One step. `decision`: 'conv5_3:70@3,3' or 'class:tabby'; `to`: any layer below, 'input'\n"
      "included; `channels`: these in place of the top N; `baseline` and `cover` as of\n"
      "explain(). Arrays are (channels,).");
  type.def("ablate", &ablate, py::arg("image"), py::arg("decision"), py::arg("to") = "",
           py::kw_only(), py::arg("fill") = "mean", py::arg("method") = "fast", py::arg("top") = 3,
           py::arg("baseline") = "zero", py::arg("merge_overlaps") = 0.0,
           py::arg("mask_threshold") = 0.5,
           "The drop of a decision for every channel of a lower layer (the stage below without\n"
           "`to`) when it is filled by its 'mean' on the image, 'zero', or Means over a data set:\n"
           "arrays (channels,). `baseline`: of the step beside it; `merge_overlaps`: IoU above\n"
           "which channels are filled together, too, the Ablation's `groups`; 0 for none.");
  type.def("saliency", &saliency, py::arg("image"), py::arg("method") = "gradient",
           py::arg("target") = "", py::kw_only(), py::arg("samples") = 50, py::arg("noise") = 0.15,
           py::arg("seed") = 0, py::arg("relu") = false, py::arg("top") = 3,
           py::arg("lrp_rule") = "epsilon-plus", py::arg("epsilon") = 1e-6,
           py::arg("path_start") = "zero", py::arg("gap_sum") = "leaf",
           py::arg("progress") = py::none(),
           "What each pixel is to a class score: a map of (3, height, width), of grad-cam and\n"
           "gap-cam (1, h, w) of the last stage. Methods as `hdecomp saliency --method`;\n"
           "`progress(done, of)` is called after each batch of samples.");
  type.def("features", &features, py::arg("image"), py::arg("layer"),
           "A layer's output after its activation: float32 (channels, height, width). 'input' is\n"
           "the network's input, 'scores' the class scores.");
  add_changes(module, type);
}

}  // namespace hdecomp::python
