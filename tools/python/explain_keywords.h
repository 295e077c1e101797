/// The keywords that every method which makes trees has.
#pragma once

#include "tools/python/tree_stream.h"

namespace hdecomp::python {

inline const SharedExplainer& explainer_of(const SharedExplainer& it) { return it; }
inline const SharedExplainer& explainer_of(const py::object& it) {
  return py::cast<const SharedExplainer&>(it);
}

/// `work` with the keywords of all that explain in place of the options.
template <class Result, class Given, class... More>
auto explain_keywords(Result (*work)(Given, const py::object&, TreeQuestion, More...)) {
  return [work](Given it, const py::object& images, const ClassText& target, int top, int depth,
                bool keep_maps, bool guided, double merge_overlaps, double mask_threshold,
                int peaks, const py::object& baseline, const std::string& from, double cover,
                bool surrogate, const py::object& concepts, const py::object& patches,
                const Stop* stop, More... more) {
    ExplainOptions options{target.text, top, depth, keep_maps, guided};
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

/// A method of an explainer that takes `given` and the keywords of all that explain.
template <class Method, class... More>
void define_explaining(py::class_<SharedExplainer>& explainer, const char* name, const char* given,
                       const Method& method, bool keeps_maps, const char* words,
                       const More&... more) {
  explainer.def(name, method, py::arg(given), py::arg("target") = "", py::kw_only(),
                py::arg("top") = 3, py::arg("depth") = 0, py::arg("keep_maps") = keeps_maps,
                py::arg("guided") = false, py::arg("merge_overlaps") = 0.0,
                py::arg("mask_threshold") = 0.5, py::arg("peaks") = 1, py::arg("baseline") = "zero",
                py::arg("from_") = "", py::arg("cover") = 0.0, py::arg("surrogate") = false,
                py::arg("concepts") = py::none(), py::arg("patches") = py::none(),
                py::arg("stop") = py::none(), more..., words);
}

}  // namespace hdecomp::python
