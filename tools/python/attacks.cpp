/// Attacks in Python.
#include <array>

#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

struct AttackResult {
  std::shared_ptr<const Attacked> attacked;
};

/// `work` with the keywords of attacks in place of the options.
template <class Result>
auto attack_keywords(Result (*work)(SharedExplainer&, const py::object&, AttackOptions,
                                    const py::object&)) {
  return [work](SharedExplainer& it, const py::object& images, const ClassText& target,
                const ClassText& aim, double eps, int steps, double step, int restarts,
                bool random_start, uint64_t seed, int channels, const py::object& progress,
                const Stop* stop) {
    AttackOptions options{target.text, aim.text,     eps,  steps,   step,
                          restarts,    random_start, seed, channels};
    options.stop = token_of(stop);
    return work(it, images, std::move(options), progress);
  };
}

AttackResult attack(SharedExplainer& it, const py::object& image, AttackOptions options,
                    const py::object& progress) {
  options.after_step = callback<int64_t, int64_t>(progress);
  const NamedImage photo = image_from(image, it.model().preprocess());
  return {it.run([&](Explainer& explainer) {
    return std::make_shared<const Attacked>(
        std::move(explainer.attack_batch({photo.image.get(), 1}, options).front()));
  })};
}

std::vector<AttackResult> attack_batch(SharedExplainer& it, const py::object& images,
                                       AttackOptions options, const py::object& progress) {
  options.after_step = callback<int64_t, int64_t>(py::none());
  const std::vector<NamedImage> photos = images_from(images, it.model().preprocess());
  std::vector<Attacked> all = in_batches<Attacked>(
      it, photos, progress, [&](Explainer& explainer, const std::vector<Image>& batch) {
        return explainer.attack_batch(batch, options);
      });
  std::vector<AttackResult> results;
  for (Attacked& one : all) results.push_back({std::make_shared<const Attacked>(std::move(one))});
  return results;
}

template <class Value>
py::cpp_function attack_value(Value Attacked::*value) {
  return [value](const AttackResult& it) { return (*it.attacked).*value; };
}
void add_attack_results(py::module_& module) {
  const auto planes = [](const AttackResult& it) {
    const Image& image = it.attacked->image;
    return array_on(std::span(image.planes), {3, image.height, image.width}, it.attacked);
  };
  py::class_<AttackedChannel>(module, "AttackedChannel",
                              "A channel's peak, the maximum of its feature over the map.")
      .def_readonly("channel", &AttackedChannel::channel)
      .def_readonly("before", &AttackedChannel::before)
      .def_readonly("after", &AttackedChannel::after)
      .def_readonly("moved", &AttackedChannel::moved,
                    "The peak's way, in places of the map (Euclid).");
  py::class_<AttackResult>(module, "Attack", "A photograph changed so that its class changes.")
      .def_property_readonly("before", attack_value(&Attacked::before), "The attacked class.")
      .def_property_readonly("after", attack_value(&Attacked::after), "The same one afterwards.")
      .def_property_readonly("new_before", attack_value(&Attacked::new_before),
                             "The class that is most probable afterwards, as it was before.")
      .def_property_readonly("new_after", attack_value(&Attacked::new_after))
      .def_property_readonly("distance", attack_value(&Attacked::distance),
                             "Of the pixel that went furthest, of 0 to 1.")
      .def_property_readonly("loss_before", attack_value(&Attacked::loss_before))
      .def_property_readonly("loss", attack_value(&Attacked::loss),
                             "Cross entropy of the attacked class, or of the aim.")
      .def_property_readonly("fooled", attack_value(&Attacked::fooled),
                             "Whether the class is another one: the aim, if there is one.")
      .def_property_readonly("fooled_in_8_bits", attack_value(&Attacked::fooled_in_8_bits),
                             "Also where the pixels are rounded to 8 bits.")
      .def_property_readonly("layer", attack_value(&Attacked::layer),
                             "Of `channels`: the last stage's end; '' if none were asked for.")
      .def_property_readonly(
          "channels", [](const AttackResult& it) { return std::to_array(it.attacked->channels); },
          "Three lists of AttackedChannel, by falling alpha: of the attacked class on the image as "
          "it was, of the new class on it, of the new class on the attacked image.")
      .def_property_readonly("planes", planes,
                             "float32 (3, height, width) of 0 to 1, not copied: what the network "
                             "sees, before it is normalised.")
      .def_property_readonly(
          "pixels", [](const AttackResult& it) { return pixels_of(it.attacked->image); },
          "uint8 (height, width, 3): the same in 8 bits.");
}

template <class Method>
void define_attack(py::class_<SharedExplainer>& explainer, const char* name, const char* given,
                   const Method& method, const char* words) {
  explainer.def(name, method, py::arg(given), py::arg("target") = "", py::kw_only(),
                py::arg("aim") = "", py::arg("eps") = 4.0 / 255, py::arg("steps") = 20,
                py::arg("step") = 0.0, py::arg("restarts") = 1, py::arg("random_start") = true,
                py::arg("seed") = 0, py::arg("channels") = 0, py::arg("progress") = py::none(),
                py::arg("stop") = py::none(), words);
}

}  // namespace

void add_attacks(py::module_& module, py::class_<SharedExplainer>& explainer) {
  add_attack_results(module);
  define_attack(
      explainer, "attack", "image", attack_keywords(&attack),
      "L-infinity PGD on the pixels, of 0 to 1: away from class `target`, the most probable one\n"
      "without it, or towards `aim`. `eps`: how far a pixel may go; `step`: of a pixel in one of\n"
      "the `steps`, 0 for 2.5 * eps / steps; `channels`: how many of the last stage the Attack\n"
      "tells of. `progress(done, of)` is called after each step.");
  define_attack(
      explainer, "attack_batch", "images", attack_keywords(&attack_batch),
      "The same for several images, or arrays (n, ...) of them, `batch` at a time: a list of an\n"
      "Attack each, what each gets alone.\n"
      "`progress(done, of)` is called after each batch, with images.");
}

}  // namespace hdecomp::python
