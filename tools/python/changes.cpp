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

AttackResult attack(SharedExplainer& it, const py::object& image, const std::string& target,
                    const std::string& aim, double eps, int steps, double step, int restarts,
                    bool random_start, uint64_t seed, const py::object& progress) {
  AttackOptions options{target, aim, eps, steps, step, restarts, random_start, seed};
  options.after_step = callback<int64_t, int64_t>(progress);
  const NamedImage photo = image_from(image, it.model().preprocess());
  return {it.run([&](Explainer& explainer) {
    return std::make_shared<const Attacked>(
        std::move(explainer.attack_batch({photo.image.get(), 1}, options).front()));
  })};
}

PhotoRegion region_from(const py::object& box) {
  const auto [x, y, width, height] = py::cast<std::array<int64_t, 4>>(box);
  return {{x, y, width, height}, {}};
}

WhatIfResult what_if(SharedExplainer& it, const py::object& image, const py::object& box,
                     const std::string& off, const py::object& fill, const std::string& target,
                     int controls, uint64_t seed, const py::object& progress) {
  if (box.is_none() == off.empty()) throw UserError("what_if: give either box or off");
  WhatIfOptions options{target, controls, seed};
  options.after_batch = callback<int64_t, int64_t>(progress);
  const NamedImage photo = image_from(image, it.model().preprocess());
  if (!box.is_none()) {
    const std::string name =
        fill.is_none() ? "grey" : text_from("fill", "'grey', 'blur' or 'mean'", fill);
    const auto with = static_cast<RegionFill>(choice_of("fill", name, region_fills));
    const PhotoRegion region = region_from(box);
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

void add_attacks(py::module_& module) {
  const auto planes = [](const AttackResult& it) {
    const Image& image = it.attacked->image;
    return array_on(std::span(image.planes), {3, image.height, image.width}, it.attacked);
  };
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
      .def_property_readonly("summary",
                             [](const WhatIfResult& it) { return summary_of(*it.result); });
}

}  // namespace

void add_changes(py::module_& module, py::class_<SharedExplainer>& explainer) {
  add_attacks(module);
  add_what_ifs(module);
  explainer.def(
      "attack", &attack, py::arg("image"), py::arg("target") = "", py::kw_only(),
      py::arg("aim") = "", py::arg("eps") = 4.0 / 255, py::arg("steps") = 20, py::arg("step") = 0.0,
      py::arg("restarts") = 1, py::arg("random_start") = true, py::arg("seed") = 0,
      py::arg("progress") = py::none(),
      "L-infinity PGD on the pixels, of 0 to 1: away from class `target`, the most probable one\n"
      "without it, or towards `aim`. `eps`: how far a pixel may go; `step`: of a pixel in one of\n"
      "the `steps`, 0 for 2.5 * eps / steps. `progress(done, of)` is called after each step.");
  explainer.def(
      "what_if", &what_if, py::arg("image"), py::kw_only(), py::arg("box") = py::none(),
      py::arg("off") = "", py::arg("fill") = py::none(), py::arg("target") = "",
      py::arg("controls") = 20, py::arg("seed") = 0, py::arg("progress") = py::none(),
      "What the network says with a part of the photograph filled, or with channels switched off,\n"
      "beside `controls` changes of chance of the same size. `box`: (x, y, width, height) in the\n"
      "photograph's pixels, filled 'grey', 'blur' or 'mean', 'grey' without `fill`; `off`:\n"
      "'conv4_3:330,12,conv5_3:7', filled 'zero', with their 'mean' or Means, 'zero' without\n"
      "`fill`. `progress(done, of)`: after each batch.");
}

}  // namespace hdecomp::python
