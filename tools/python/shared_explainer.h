/// An explainer for Python's threads: one at a time works with it, and meanwhile others run.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hdecomp/error.h"
#include "hdecomp/explainer.h"

namespace hdecomp::python {

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
    const pybind11::gil_scoped_release others_run;
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

/// A batch that is begun, and once it is finished what came of it.
struct BegunBatch {
  std::vector<Image> images;
  bool finished = false;
  std::vector<Explained> found = {};
  std::exception_ptr fault = {};  // in place of it
};

class SharedExplainer {
 public:
  /// `model_file`: of the model, where it is known; else empty.
  SharedExplainer(Model model, const EngineOptions& options, std::string model_file)
      : model_file_(std::move(model_file)), explainer_(std::move(model), options) {}

  const std::string& model_file() const { return model_file_; }

  const Model& model() const { return explainer_.model(); }
  const Explainer& itself() const { return explainer_; }

  /// What `work(explainer)` returns, as Turns::take(). Batches that are begun are finished before:
  /// so an explainer that has some may be asked anything.
  template <class Work>
  auto run(const Work& work) {
    return turns_.take("the explainer", [&] {
      while (!begun_.empty()) finish_oldest();
      return work(explainer_);
    });
  }

  /// Explainer::check(), for which nothing that is begun need be finished.
  void check(const ExplainOptions& options) {
    turns_.take("the explainer", [&] { explainer_.check(options); });
  }

  /// Explainer::begin_batch(), behind those that are begun.
  void begin(const std::shared_ptr<BegunBatch>& batch, const ExplainOptions& options) {
    turns_.take("the explainer", [&] {
      begun_.push_back(batch);
      try {
        explainer_.begin_batch(batch->images, options);
      } catch (...) {
        begun_.pop_back();
        throw;
      }
    });
  }
  /// What came of a batch. Throws what Explainer::finish_batch() threw.
  std::vector<Explained> finish(const std::shared_ptr<BegunBatch>& batch) {
    turns_.take("the explainer", [&] {
      while (!batch->finished) finish_oldest();
    });
    if (batch->fault) std::rethrow_exception(batch->fault);
    return std::move(batch->found);
  }

 private:
  void finish_oldest() {
    const std::shared_ptr<BegunBatch> batch = std::move(begun_.front());
    begun_.pop_front();
    batch->finished = true;
    try {
      batch->found = explainer_.finish_batch();
    } catch (...) {
      batch->fault = std::current_exception();
    }
  }

  std::string model_file_;
  std::deque<std::shared_ptr<BegunBatch>> begun_;  // whose images the explainer reads
  Explainer explainer_;
  Turns turns_;
};

}  // namespace hdecomp::python
