/// Attacks and what-ifs in Python.
#include <array>

#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

struct AttackResult {
  std::shared_ptr<const Attacked> attacked;
};
struct WhatIfResult {
  std::shared_ptr<const WhatIf> result;
};

/// `work` with the keywords of attacks in place of the options.
template <class Result>
auto attack_keywords(Result (*work)(SharedExplainer&, const py::object&, AttackOptions,
                                    const py::object&)) {
  return [work](SharedExplainer& it, const py::object& images, const std::string& target,
                const std::string& aim, double eps, int steps, double step, int restarts,
                bool random_start, uint64_t seed, int channels, const py::object& progress,
                const Stop* stop) {
    AttackOptions options{target, aim, eps, steps, step, restarts, random_start, seed, channels};
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

PhotoRegion region_from(const py::object& box) {
  const auto [x, y, width, height] = py::cast<std::array<int64_t, 4>>(box);
  return {{x, y, width, height}, {}};
}

/// Of marks as numpy has them, (height, width).
PhotoRegion region_of_marks(const Image& photo, const py::object& given) {
  const py::array marks = py::module_::import("numpy").attr("asarray")(given);
  const char kind = marks.dtype().kind();
  if (marks.ndim() != 2 || (kind != 'b' && !(kind == 'u' && marks.itemsize() == 1))) {
    throw py::type_error(joined("mask: give bool (height, width), not ",
                                std::string(py::str(marks.dtype())), " ",
                                std::string(py::str(marks.attr("shape")))));
  }
  const auto packed =
      py::array_t<uint8_t, py::array::c_style | py::array::forcecast>::ensure(marks);
  if (!packed) throw py::error_already_set();
  return region_of_mask(photo, {packed.data(), static_cast<size_t>(packed.size())}, packed.shape(0),
                        packed.shape(1));
}

WhatIfResult what_if(SharedExplainer& it, const py::object& image, const py::object& box,
                     const std::string& off, const py::object& fill, const std::string& target,
                     int controls, uint64_t seed, const py::object& mask,
                     const py::object& progress, const Stop* stop) {
  const int given = (box.is_none() ? 0 : 1) + (mask.is_none() ? 0 : 1) + (off.empty() ? 0 : 1);
  if (given != 1) {
    throw UserError("what_if: give one of box, mask and off");
  }
  WhatIfOptions options{target, controls, seed};
  options.stop = token_of(stop);
  options.after_batch = callback<int64_t, int64_t>(progress);
  const NamedImage photo = image_from(image, it.model().preprocess());
  if (off.empty()) {
    const std::string name =
        fill.is_none() ? "grey" : text_from("fill", "'grey', 'blur' or 'mean'", fill);
    const auto with = static_cast<RegionFill>(choice_of("fill", name, region_fills));
    const PhotoRegion region =
        box.is_none() ? region_of_marks(*photo.image, mask) : region_from(box);
    return {it.run([&](Explainer& explainer) {
      return std::make_shared<const WhatIf>(explainer.what_if(*photo.image, region, with, options));
    })};
  }
  const Fill with = fill.is_none() ? Fill{AblationFill::zero, {}} : fill_from(fill);
  const std::vector<FilledLayer> channels = channels_off(off);
  return {it.run([&](Explainer& explainer) {
    return std::make_shared<const WhatIf>(
        explainer.what_if(*photo.image, channels, with.fill, with.means, options));
  })};
}

template <class Value>
py::cpp_function attack_value(Value Attacked::*value) {
  return [value](const AttackResult& it) { return (*it.attacked).*value; };
}
template <class Value>
py::cpp_function what_if_value(Value WhatIf::*value) {
  return [value](const WhatIfResult& it) { return (*it.result).*value; };
}

std::vector<std::array<int64_t, 4>> control_boxes(const WhatIfResult& it) {
  std::vector<std::array<int64_t, 4>> boxes;
  for (const auto& [x, y, width, height] : it.result->control_boxes) {
    boxes.push_back({x, y, width, height});
  }
  return boxes;
}

void add_attacks(py::module_& module) {
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

void add_what_ifs(py::module_& module) {
  py::class_<Verdict>(module, "Verdict", "What the network says of a class and of the others.")
      .def_readonly("decision", &Verdict::decision, "The class in question.")
      .def_readonly("top", &Verdict::top, "Best first: all; of a change of chance one alone.")
      .def_property_readonly("predicted", [](const Verdict& it) { return it.predicted(); });
  py::class_<ControlSummary>(module, "ControlSummary", "How changes of chance did, in numbers.")
      .def_readonly("controls", &ControlSummary::controls)
      .def_readonly("class_changes", &ControlSummary::class_changes)
      .def_readonly("mean_change", &ControlSummary::mean_change,
                    "Of the decision's probability, with least and most.")
      .def_readonly("least_change", &ControlSummary::least_change)
      .def_readonly("most_change", &ControlSummary::most_change)
      .def_readonly("mean_score_change", &ControlSummary::mean_score_change)
      .def_readonly("as_low", &ControlSummary::as_low,
                    "After which the score is as low as after the change, or lower.")
      .def_readonly("as_high", &ControlSummary::as_high);
  py::class_<WhatIfResult>(module, "WhatIf",
                           "What is said with a change, and with those of chance.")
      .def_property_readonly("before", what_if_value(&WhatIf::before))
      .def_property_readonly("after", what_if_value(&WhatIf::after))
      .def_property_readonly("controls", what_if_value(&WhatIf::controls),
                             "A Verdict for each change of chance.")
      .def_property_readonly("control_boxes", &control_boxes,
                             "Of a box or mask: where those were, (x, y, width, height).")
      .def_property_readonly("summary",
                             [](const WhatIfResult& it) { return summary_of(*it.result); });
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

void add_changes(py::module_& module, py::class_<SharedExplainer>& explainer) {
  add_attacks(module);
  add_what_ifs(module);
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
  explainer.def(
      "what_if", &what_if, py::arg("image"), py::kw_only(), py::arg("box") = py::none(),
      py::arg("off") = "", py::arg("fill") = py::none(), py::arg("target") = "",
      py::arg("controls") = 20, py::arg("seed") = 0, py::arg("mask") = py::none(),
      py::arg("progress") = py::none(), py::arg("stop") = py::none(),
      "What the network says with a part of the photograph filled, or with channels switched off,\n"
      "beside `controls` changes of chance of the same size. `box`: (x, y, width, height) in the\n"
      "photograph's pixels, or `mask`, bool (height, width) of it, filled 'grey', 'blur' or "
      "'mean',\n"
      "'grey' without `fill`; `off`:\n"
      "'conv4_3:330,12,conv5_3:7', filled 'zero', with their 'mean' or Means, 'zero' without\n"
      "`fill`. `progress(done, of)`: after each batch.");
}

}  // namespace hdecomp::python
