/// What the parts of the Python module share: images in (given.h), arrays out (arrays.h), results
/// that keep what they point into (held.h), and here how work ends, goes in batches, and is bound.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "tools/python/held.h"

namespace hdecomp::python {

/// For work that goes on without Python's lock: Ctrl-C ends it here.
void check_signals();
/// A callback of Python's for such work.
template <class... Numbers>
std::function<void(Numbers...)> callback(const py::object& given) {
  return [given = given.is_none() ? nullptr : given.ptr()](Numbers... numbers) {
    check_signals();
    const py::gil_scoped_acquire own_turn;
    if (given != nullptr) py::reinterpret_borrow<py::object>(given)(numbers...);
  };
}

/// For ending work from another thread.
struct Stop {
  std::stop_source source = {};
};
/// A token that nobody requests where there is none.
inline std::stop_token token_of(const Stop* stop) {
  return stop == nullptr ? std::stop_token() : stop->source.get_token();
}

/// What `look(explainer, batch)` returns of every image, with as many in a batch as go together;
/// `progress` is told after each batch how many images are done.
template <class Result, class Look>
std::vector<Result> in_batches(SharedExplainer& it, const std::vector<NamedImage>& photos,
                               const py::object& progress, const Look& look) {
  const auto report = callback<int64_t, int64_t>(progress);
  return it.run([&](Explainer& explainer) {
    std::vector<Result> found;
    while (found.size() < photos.size()) {
      check_signals();
      std::vector<Image> batch;
      const size_t end = std::min(found.size() + explainer.batch(), photos.size());
      for (size_t i = found.size(); i < end; ++i) batch.push_back(*photos[i].image);
      for (Result& one : look(explainer, batch)) found.push_back(std::move(one));
      report(std::ssize(found), std::ssize(photos));
    }
    return found;
  });
}

/// What is drawn and written of trees and steps: their methods.
void add_tree_pictures(py::class_<EvidenceTree>& tree);
void add_upright(py::module_& module);
void add_step_files(py::class_<SingleStep>& step);

/// A node's Step; None at the last level.
py::object step_of(const Node& node);
/// JSON as Python's dictionaries and lists.
py::object as_dict(const std::string& json);

void add_errors(py::module_& module);
void add_models(py::module_& module);
void add_results(py::module_& module);
void add_trees(py::module_& module);
void add_ablations(py::module_& module);
void add_files(py::module_& module);
/// Files of means, names and patches, which add_files() adds too.
void add_known(py::module_& module);
void add_explainers(py::module_& module);
/// Trees of one image and of many: the explainer's methods.
void add_explaining(py::module_& module, py::class_<SharedExplainer>& explainer);
/// Of a folder's photographs.
void add_folders(py::module_& module, py::class_<SharedExplainer>& explainer);
/// Saliency maps: results, and apart from them the explainer's methods.
void add_saliency_maps(py::module_& module);
void add_saliency(py::class_<SharedExplainer>& explainer);
/// Attacks and what-ifs: results, and the explainer's methods.
void add_attacks(py::module_& module, py::class_<SharedExplainer>& explainer);
void add_what_ifs(py::module_& module, py::class_<SharedExplainer>& explainer);
/// What experiments measured, which add_experiments() adds too.
void add_experiment_results(py::module_& module);
void add_experiments(py::module_& module);
/// Functions that make files of means, patches and concepts.
void add_channel_files(py::module_& module);

}  // namespace hdecomp::python
