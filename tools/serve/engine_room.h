/// The engines, one per device, each with a thread of its own that works on one request at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/hdecomp.h"

namespace hdecomp::tools {

/// What a device computes with: the model's explainer, and that of the difference of two classes
/// that was asked for last. Of the engine's thread alone.
class Engine {
 public:
  Engine(const Model& model, EngineOptions options)
      : options_(std::move(options)), explainer_(model, options_) {}

  Explainer& whole() { return explainer_; }
  /// Of the model that score `one` - score `other` is the class "index:0" of. Stays until another
  /// pair is asked for. Throws UserError for classes that have no difference.
  Explainer& difference(int64_t one, int64_t other);

 private:
  EngineOptions options_;
  Explainer explainer_;
  std::pair<int64_t, int64_t> classes_ = {-1, -1};
  std::unique_ptr<Explainer> difference_;
};

/// A request's time with an engine, seen from the engine's thread.
class Turn {
 public:
  /// Throws Cancelled if the request is not to be answered any more.
  void check() const;
  /// Has the request's own thread call its `watch` now.
  void wake();

 private:
  friend class EngineRoom;
  enum class State { waiting, working, done };

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::waiting;
  bool news_ = false;
  std::atomic<bool> ended_{false};
  std::exception_ptr fault_;
};

class EngineRoom {
 public:
  struct Limits {
    int waiting = 64;               // most requests that wait for one engine
    std::chrono::seconds time{60};  // for a request, its waiting included
  };
  using Work = std::function<void(Engine& engine, Turn& turn)>;
  /// Called on the request's thread now and then while it waits; true ends the work.
  using Watch = std::function<bool()>;

  /// Makes the first of `devices`' engine at once, the others when asked for.
  EngineRoom(Model model, std::vector<std::string> devices, EngineOptions options,
             const Limits& limits);
  ~EngineRoom();

  const Model& model() const { return model_; }
  const std::vector<std::string>& devices() const { return devices_; }

  /// Does `work` on the engine's thread, in the order of the requests, and waits for it. An empty
  /// `device`: the first. Throws what the work throws; HttpFault 503 if too many wait or time is
  /// up, UserError for another device, Cancelled if `watch` ended it.
  void run(const std::string& device, const Watch& watch, const Work& work);

 private:
  class Worker;

  Model model_;
  std::vector<std::string> devices_;
  Limits limits_;
  std::map<std::string, std::unique_ptr<Worker>> workers_;
};

}  // namespace hdecomp::tools
