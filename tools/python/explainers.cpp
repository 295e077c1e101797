/// Explainer in Python.
#include "hdecomp/error.h"
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
  const py::object given = model_from(model);
  const Model its = py::cast<Model>(given);
  const std::string file = file_of(given);
  const py::gil_scoped_release others_run;
  return new SharedExplainer(its, {device, threads, batch, precision, keep_last}, file);
}

std::vector<ClassScore> classify(SharedExplainer& it, const py::object& image, int count) {
  const NamedImage photo = image_from(image, it.model().preprocess());
  return it.run([&](Explainer& explainer) { return explainer.classify(*photo.image, count); });
}

SingleStep decompose(SharedExplainer& it, const py::object& image, const std::string& from,
                     const std::string& to, int top, const std::vector<int32_t>& channels,
                     bool keep_maps, bool guided, const py::object& baseline, double cover,
                     bool against, const Stop* stop) {
  const StepOptions options{.top = top,
                            .keep_maps = keep_maps,
                            .guided = guided,
                            .channels = channels,
                            .against = against,
                            .baseline = baseline_from(baseline),
                            .cover = cover,
                            .stop = token_of(stop)};
  const NamedImage photo = image_from(image, it.model().preprocess());
  auto step = it.run([&](Explainer& explainer) {
    return std::make_shared<const DecisionStep>(
        explainer.decompose(*photo.image, from, to, options));
  });
  return {std::move(step), photo, it.model()};
}

AblationResult ablate(SharedExplainer& it, const py::object& image, const std::string& from,
                      const std::string& to, const py::object& fill, const std::string& method,
                      int top, const py::object& baseline, double merge_overlaps,
                      double mask_threshold, const py::object& progress, const Stop* stop) {
  AblationOptions options;
  options.after_batch = callback<int64_t, int64_t>(progress);
  options.stop = token_of(stop);
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

void add_engine(py::class_<SharedExplainer>& type) {
  type.def(
      py::init(&make), py::arg("model") = py::none(), py::kw_only(), py::arg("device") = "",
      py::arg("threads") = 0, py::arg("batch") = 1, py::arg("precision") = "float32",
      py::arg("keep_last") = false,
      "`model`: a Model, a model file's path or a bundled model's name; without one the bundled\n"
      "'squeezenet'. `device`: 'cpu', 'cuda', 'cuda:1'; '' takes a GPU where there is one.\n"
      "`batch`: most images that go together.");
  type.def_property_readonly("model", [](const SharedExplainer& it) { return it.model(); });
  type.def_property_readonly("device",
                             [](const SharedExplainer& it) { return it.itself().device(); });
  type.def_property_readonly("batch",
                             [](const SharedExplainer& it) { return it.itself().batch(); });
}

}  // namespace

void add_explainers(py::module_& module) {
  py::class_<SharedExplainer> type(module, "Explainer", about);
  add_engine(type);
  module.def("gpu_devices", &gpu_devices, "Every usable GPU: 'cuda:0', 'cuda:1', ...");
  type.def("classify", &classify, py::arg("image"), py::arg("count") = 5,
           "The `count` most probable classes, best first: a list of ClassScore.");
  type.def(
      "decompose", &decompose, py::arg("image"), py::arg("decision"), py::arg("to"), py::kw_only(),
      py::arg("top") = 3, py::arg("channels") = std::vector<int32_t>{}, py::arg("keep_maps") = true,
      py::arg("guided") = false, py::arg("baseline") = "zero", py::arg("cover") = 0.0,
      py::arg("against") = false, py::arg("stop") = py::none(),
      "One step. `decision`: 'conv5_3:70@3,3' or 'class:tabby'; `to`: any layer below, 'input'\n"
      "included; `channels`: these in place of the top N; `against`: they are shown as evidence\n"
      "against the decision, where A is lowest; `baseline` and `cover` as of explain(). Arrays\n"
      "are (channels,).");
  type.def("ablate", &ablate, py::arg("image"), py::arg("decision"), py::arg("to") = "",
           py::kw_only(), py::arg("fill") = "mean", py::arg("method") = "fast", py::arg("top") = 3,
           py::arg("baseline") = "zero", py::arg("merge_overlaps") = 0.0,
           py::arg("mask_threshold") = 0.5, py::arg("progress") = py::none(),
           py::arg("stop") = py::none(),
           "The drop of a decision for every channel of a lower layer (the stage below without\n"
           "`to`) when it is filled by its 'mean' on the image, 'zero', or Means over a data set:\n"
           "arrays (channels,). `baseline`: of the step beside it; `merge_overlaps`: IoU above\n"
           "which channels are filled together, too, the Ablation's `groups`; 0 for none.\n"
           "`progress(done, of)` is called after each batch of channels, then of groups.");
  type.def("features", &features, py::arg("image"), py::arg("layer"),
           "A layer's output after its activation: float32 (channels, height, width). 'input' is\n"
           "the network's input, 'scores' the class scores.");
  add_explaining(module, type);
  add_folders(module, type);
  add_saliency(type);
  add_attacks(module, type);
  add_what_ifs(module, type);
}

}  // namespace hdecomp::python
