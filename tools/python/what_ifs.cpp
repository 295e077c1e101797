/// What-ifs in Python.
#include <array>

#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

struct WhatIfResult {
  std::shared_ptr<const WhatIf> result;
};

PhotoRegion region_from(const py::object& box) {
  try {
    const auto [x, y, width, height] = py::cast<std::array<int64_t, 4>>(box);
    return {{x, y, width, height}, {}};
  } catch (const py::cast_error&) {
    throw py::type_error(joined("box: give four whole numbers, (x, y, width, height), not ",
                                std::string(py::repr(box))));
  }
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
  const py::array_t<uint8_t, py::array::c_style | py::array::forcecast> packed(marks);
  return region_of_mask(photo, {packed.data(), static_cast<size_t>(packed.size())}, packed.shape(0),
                        packed.shape(1));
}

WhatIfResult what_if(SharedExplainer& it, const py::object& image, const py::object& box,
                     const std::string& off, const py::object& fill, const ClassText& target,
                     int controls, uint64_t seed, const py::object& mask,
                     const py::object& progress, const Stop* stop) {
  const int given = (box.is_none() ? 0 : 1) + (mask.is_none() ? 0 : 1) + (off.empty() ? 0 : 1);
  if (given != 1) {
    throw UserError("what_if: give one of box, mask and off");
  }
  WhatIfOptions options{target.text, controls, seed};
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

void add_what_if_results(py::module_& module) {
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

}  // namespace

void add_what_ifs(py::module_& module, py::class_<SharedExplainer>& explainer) {
  add_what_if_results(module);
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
