/// What the parts of the Python module share: images in, arrays out, results that keep what they
/// point into.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hdecomp/channel_concepts.h"
#include "hdecomp/hdecomp.h"

namespace hdecomp::python {

namespace py = pybind11;

using Owner = std::shared_ptr<const void>;

/// A numpy array on values that `owner` keeps: not copied, and read only.
template <class T>
py::array array_on(std::span<const T> values, std::vector<py::ssize_t> shape, const Owner& owner) {
  if (values.empty()) return py::array(py::dtype::of<T>(), std::move(shape));
  const py::capsule base(new Owner(owner), [](void* kept) { delete static_cast<Owner*>(kept); });
  py::array array(py::dtype::of<T>(), std::move(shape), values.data(), base);
  array.attr("flags").attr("writeable") = false;
  return array;
}
/// The same on values of its own.
template <class T>
py::array array_of(std::vector<T> values, std::vector<py::ssize_t> shape) {
  const auto kept = std::make_shared<const std::vector<T>>(std::move(values));
  return array_on(std::span<const T>(*kept), std::move(shape), kept);
}

/// A picture and how it is called.
struct NamedImage {
  std::shared_ptr<const Image> image;
  std::string name;
};
/// Of a path, the bytes of a file, a PIL image, an array of 8-bit pixels, or a tensor that is the
/// network's input. Throws UserError, and py::type_error for what is none.
NamedImage image_from(const py::object& given, const Preprocess& rule);
/// Of each of several. Throws py::type_error, too, for a path or bytes alone, whose letters would
/// be taken for images.
std::vector<NamedImage> images_from(const py::object& given, const Preprocess& rule);
/// As (height, width, 3).
py::array pixels_of(Image image);

/// Of a path as Python has it.
std::string path_from(const py::object& path);

/// A means file.
struct Means {
  std::shared_ptr<const ChannelMeans> means;
};
/// A concepts file.
struct Concepts {
  std::shared_ptr<const ChannelConcepts> concepts;
};
/// A word. Throws py::type_error that names the argument and what is wanted for what is none.
std::string text_from(const char* what, const char* wanted, const py::object& given);
/// Of "zero", "mean" or a Means. Throws UserError, and py::type_error for what is none.
BaselineChoice baseline_from(const py::object& given);
/// What channels are filled with: of "mean", "zero" or a Means.
struct Fill {
  AblationFill fill;
  std::shared_ptr<const ChannelMeans> means;
};
/// Throws as baseline_from().
Fill fill_from(const py::object& given);
/// Which of `names` a text is. Throws UserError that lists them.
size_t choice_of(const char* what, const std::string& text, std::span<const char* const> names);

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

/// A node of a tree that its owner keeps.
struct Node {
  Owner owner;
  const TreeNode* node;
};
/// A decomposition of a node.
struct Step {
  Owner owner;
  const Decomposition* step;
};
struct Map {
  std::shared_ptr<const ActivationMap> map;
};
/// A tree and what its page needs besides: of the photograph what the network sees alone, for many
/// trees may be kept.
struct EvidenceTree {
  std::shared_ptr<const Tree> tree;
  NamedImage view;  // no image where the tree has no maps
  Model model;
  int top;
};
struct SingleStep {
  std::shared_ptr<const DecisionStep> step;
};
struct AblationResult {
  std::shared_ptr<const Ablation> ablation;
};
struct SaliencyResult {
  std::shared_ptr<const SaliencyMap> map;
  NamedImage photo;
  Model model;
};

/// A node's Step; None at the last level.
py::object step_of(const Node& node);
/// JSON as Python's dictionaries and lists.
py::object as_dict(const std::string& json);

/// Turns of Python's threads at what only one may use at a time.
class Turns {
 public:
  /// What `work()` returns, in this thread's turn and without Python's lock meanwhile. Throws Error
  /// from inside a callback of the same work. `whose`: "the explainer".
  template <class Work>
  auto take(const char* whose, const Work& work) {
    if (worker_ == std::this_thread::get_id()) {
      throw Error(joined(whose, " is at work already: its own callback cannot use it"));
    }
    const py::gil_scoped_release others_run;
    const std::lock_guard lock(mutex_);
    const Turn turn(worker_);
    return work();
  }

 private:
  /// Whose turn it is, while it lives.
  class Turn {
   public:
    explicit Turn(std::atomic<std::thread::id>& worker) : worker_(worker) {
      worker_ = std::this_thread::get_id();
    }
    ~Turn() { worker_ = std::thread::id(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    std::atomic<std::thread::id>& worker_;
  };

  std::mutex mutex_;
  std::atomic<std::thread::id> worker_;
};

/// An explainer for Python's threads: one at a time works with it, and meanwhile others run.
class SharedExplainer {
 public:
  SharedExplainer(Model model, const EngineOptions& options)
      : explainer_(std::move(model), options) {}

  const Model& model() const { return explainer_.model(); }
  const Explainer& itself() const { return explainer_; }

  /// What `work(explainer)` returns, as Turns::take().
  template <class Work>
  auto run(const Work& work) {
    return turns_.take("the explainer", [&] { return work(explainer_); });
  }

 private:
  Explainer explainer_;
  Turns turns_;
};

void add_errors(py::module_& module);
void add_models(py::module_& module);
void add_results(py::module_& module);
void add_trees(py::module_& module);
void add_measures(py::module_& module);
void add_files(py::module_& module);
void add_explainers(py::module_& module);
/// Attacks and what-ifs: results, and the explainer's methods.
void add_changes(py::module_& module, py::class_<SharedExplainer>& explainer);
/// What experiments measured, which add_experiments() adds too.
void add_experiment_results(py::module_& module);
void add_experiments(py::module_& module);

}  // namespace hdecomp::python
