/// Saliency maps in Python: results, and the explainer's methods.
#include "hdecomp/error.h"
#include "tools/output/saliency_file.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

/// `work` with the keywords of saliency maps in place of the options.
template <class Result>
auto saliency_keywords(Result (*work)(SharedExplainer&, const py::object&, SaliencyOptions,
                                      const py::object&)) {
  return [work](SharedExplainer& it, const py::object& images, const std::string& method,
                const ClassText& target, int samples, double noise, uint64_t seed, bool relu,
                int top, const std::string& lrp_rule, double epsilon, const std::string& path_start,
                const std::string& gap_sum, const py::object& progress, const Stop* stop) {
    SaliencyOptions options;
    options.rule = static_cast<LrpRule>(choice_of("lrp_rule", lrp_rule, lrp_rules));
    options.start = static_cast<PathStart>(choice_of("path_start", path_start, path_starts));
    options.sum = static_cast<GapSum>(choice_of("gap_sum", gap_sum, gap_sums));
    options.epsilon = epsilon;
    options.method = saliency_method(method);
    options.target = target.text;
    options.samples = samples;
    options.noise = noise;
    options.seed = seed;
    options.relu = relu;
    options.top = top;
    options.stop = token_of(stop);
    check_used(options, {&options.method, 1});
    return work(it, images, std::move(options), progress);
  };
}

SaliencyResult saliency(SharedExplainer& it, const py::object& image, SaliencyOptions options,
                        const py::object& progress) {
  options.after_samples = callback<int64_t, int64_t>(progress);
  const NamedImage photo = image_from(image, it.model().preprocess());
  auto map = it.run([&](Explainer& explainer) {
    return std::make_shared<const SaliencyMap>(explainer.saliency(*photo.image, options));
  });
  return {std::move(map), photo, it.model()};
}

std::vector<SaliencyResult> saliency_batch(SharedExplainer& it, const py::object& images,
                                           SaliencyOptions options, const py::object& progress) {
  options.after_samples = callback<int64_t, int64_t>(py::none());
  const std::vector<NamedImage> photos = images_from(images, it.model().preprocess());
  std::vector<SaliencyMap> maps = in_batches<SaliencyMap>(
      it, photos, progress, [&](Explainer& explainer, const std::vector<Image>& batch) {
        return explainer.saliency_batch(batch, options);
      });
  std::vector<SaliencyResult> results;
  for (size_t i = 0; i < maps.size(); ++i) {
    results.push_back(
        {std::make_shared<const SaliencyMap>(std::move(maps[i])), photos[i], it.model()});
  }
  return results;
}

template <class Method>
void define_saliency(py::class_<SharedExplainer>& explainer, const char* name, const char* given,
                     const Method& method, const char* words) {
  explainer.def(name, method, py::arg(given), py::arg("method") = "gradient",
                py::arg("target") = "", py::kw_only(), py::arg("samples") = 50,
                py::arg("noise") = 0.15, py::arg("seed") = 0, py::arg("relu") = false,
                py::arg("top") = 3, py::arg("lrp_rule") = "epsilon-plus", py::arg("epsilon") = 1e-6,
                py::arg("path_start") = "zero", py::arg("gap_sum") = "leaf",
                py::arg("progress") = py::none(), py::arg("stop") = py::none(), words);
}

void save_maps(const std::vector<SaliencyResult>& given, const py::object& output, int64_t side) {
  if (given.empty()) throw UserError("no saliency maps");
  std::vector<SaliencyMap> maps;
  for (const SaliencyResult& each : given) maps.push_back(*each.map);
  const std::string path = path_from(output);
  const py::gil_scoped_release others_run;
  tools::write_maps_of(maps, *given.front().photo.image, given.front().model, side, path);
}

}  // namespace

void add_saliency_maps(py::module_& module) {
  const auto values = [](const SaliencyResult& it) {
    const SaliencyMap& map = *it.map;
    return array_on(std::span(map.values), {map.channels, map.height, map.width}, it.map);
  };
  const auto picture = [](const SaliencyResult& it, int64_t side) {
    return pixels_of(draw_saliency(*it.map, *it.photo.image, it.model, side));
  };
  const auto completeness = [](const SaliencyResult& it) {
    return std::make_pair(it.map->completeness.sum, it.map->completeness.difference);
  };
  py::class_<SaliencyResult>(module, "SaliencyMap", "What each pixel is to a class score.")
      .def_property_readonly("method",
                             [](const SaliencyResult& it) { return to_string(it.map->method); })
      .def_property_readonly("decision", [](const SaliencyResult& it) { return it.map->decision; })
      .def_property_readonly(
          "layer", [](const SaliencyResult& it) { return it.map->layer; },
          "'input', or the layer whose map it is.")
      .def_property_readonly("values", values,
                             "float32 (channels, height, width), signed, not copied: 3 channels of "
                             "the input, 1 of a layer.")
      .def_property_readonly("completeness", completeness,
                             "Of integrated-gradients (sum, difference): of the map, and of the "
                             "scores at the path's ends.")
      .def_property_readonly(
          "leaves", [](const SaliencyResult& it) { return it.map->leaves; },
          "Of gap: distinct neurons.")
      .def_property_readonly(
          "paths", [](const SaliencyResult& it) { return it.map->paths; },
          "Of gap: on which they are reached.")
      .def_property_readonly("ms", [](const SaliencyResult& it) { return it.map->ms; })
      .def("picture", picture, py::arg("side") = 224,
           "uint8 (height, width, 3), as `hdecomp saliency` draws it; `side` pixels of the longer "
           "side.")
      .def(
          "save",
          [](const SaliencyResult& it, const py::object& output, int64_t side) {
            save_maps({it}, output, side);
          },
          py::arg("output"), py::arg("side") = 224,
          "Writes the file of `hdecomp saliency -o`: that picture as .png, or the raw map as .npy\n"
          "or .h5.");
  module.def("save_saliency", &save_maps, py::arg("maps"), py::arg("output"), py::arg("side") = 224,
             "Writes several maps of one image into one file, as `hdecomp saliency --save-all`:\n"
             "side by side as .png, raw as .h5.");
}

void add_saliency(py::class_<SharedExplainer>& explainer) {
  define_saliency(
      explainer, "saliency", "image", saliency_keywords(&saliency),
      "What each pixel is to a class score: a map of (3, height, width), of grad-cam and\n"
      "gap-cam (1, h, w) of the last stage. Methods as `hdecomp saliency --method`;\n"
      "UserError for a keyword that the method has no use for, unless it is as without it.\n"
      "`progress(done, of)` is called after each batch of samples.");
  define_saliency(
      explainer, "saliency_batch", "images", saliency_keywords(&saliency_batch),
      "The same for several images, or arrays (n, ...) of them, `batch` at a time: a list of a\n"
      "SaliencyMap each, what each gets alone.\n"
      "`progress(done, of)` is called after each batch, with images.");
}

}  // namespace hdecomp::python
