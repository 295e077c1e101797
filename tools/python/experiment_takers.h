/// What a keyword of an experiment sets, one function each: (asked, keyword, value).
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "hdecomp/choice.h"
#include "hdecomp/model_file.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {

/// The options as far as they are known, and what they are made of once of_all keywords are read.
struct Asked {
  ExperimentOptions options;
  py::object fill = py::none();
  std::string regions = {}, region_names = {};
  RegionKind region_kind = RegionKind::any;
  std::optional<int> first_label = {};
};

inline constexpr const char* changed_targets[] = {"fixed", "argmax"};

/// A setting that is a member of the options, or of one of theirs.
template <auto Member>
void take(Asked& asked, const char*, const py::object& given) {
  auto& to = asked.options.*Member;
  to = py::cast<std::remove_reference_t<decltype(to)>>(given);
}
template <auto Part, auto Member>
void take_in(Asked& asked, const char*, const py::object& given) {
  auto& to = asked.options.*Part.*Member;
  to = py::cast<std::remove_reference_t<decltype(to)>>(given);
}
/// One that is the place of a word.
template <auto Member, const auto& names>
void choose(Asked& asked, const char* name, const py::object& given) {
  auto& to = asked.options.*Member;
  to = static_cast<std::remove_reference_t<decltype(to)>>(
      choice_of(name, py::cast<std::string>(given), names));
}

inline void take_target(Asked& asked, const char*, const py::object& given) {
  asked.options.target = py::cast<ClassText>(given).text;
}
inline void take_aim(Asked& asked, const char*, const py::object& given) {
  asked.options.attack.aim = py::cast<ClassText>(given).text;
}
inline void take_steps(Asked& asked, const char*, const py::object& given) {
  asked.options.steps = asked.options.attack.steps = py::cast<int>(given);
}
inline void take_seed(Asked& asked, const char*, const py::object& given) {
  asked.options.seed = asked.options.attack.seed = py::cast<uint64_t>(given);
}
inline void take_merge(Asked& asked, const char*, const py::object& given) {
  asked.options.merge = asked.options.kind == ExperimentKind::class_graph;
  asked.options.overlaps.iou = py::cast<double>(given);
}
inline void take_tops(Asked& asked, const char*, const py::object& given) {
  asked.options.tops = py::isinstance<py::int_>(given) ? std::vector<int>{py::cast<int>(given)}
                                                       : py::cast<std::vector<int>>(given);
}
inline void take_methods(Asked& asked, const char*, const py::object& given) {
  asked.options.methods.clear();
  for (const std::string& name : py::cast<std::vector<std::string>>(given)) {
    asked.options.methods.push_back(saliency_method(name));
  }
}
inline void take_changed_target(Asked& asked, const char* name, const py::object& given) {
  asked.options.own_target = choice_of(name, py::cast<std::string>(given), changed_targets) == 1;
}
inline void take_other(Asked& asked, const char*, const py::object& given) {
  compare_with(asked.options, model_file(path_from(given)));
}
inline void take_region(Asked& asked, const char* name, const py::object& given) {
  const size_t part = choice_of(name, py::cast<std::string>(given), evidence_parts);
  asked.options.change.field = static_cast<EvidencePart>(part) == EvidencePart::field;
}
inline void take_fill(Asked& asked, const char*, const py::object& given) { asked.fill = given; }
inline void take_regions(Asked& asked, const char*, const py::object& given) {
  asked.regions = path_from(given);
}
inline void take_region_names(Asked& asked, const char*, const py::object& given) {
  asked.region_names = path_from(given);
}
inline void take_region_kind(Asked& asked, const char* name, const py::object& given) {
  asked.region_kind =
      static_cast<RegionKind>(choice_of(name, py::cast<std::string>(given), region_kinds));
}
inline void take_first_label(Asked& asked, const char*, const py::object& given) {
  asked.first_label = py::cast<int>(given);
}

}  // namespace hdecomp::python
