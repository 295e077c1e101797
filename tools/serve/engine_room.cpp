/// A turn of each request with an engine. (An engine has one thread, because OpenMP keeps a team
/// for every thread that calls it.)
#include "tools/serve/engine_room.h"

#include "tools/serve/faults.h"
#include "tools/serve/job_queue.h"

namespace hdecomp::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_up{50};  // how often a waiting request is watched

}  // namespace

Explainer& Engine::difference(int64_t one, int64_t other) {
  if (!difference_ || classes_ != std::pair(one, other)) {
    difference_.reset();
    Model model = explainer_.model().versus(joined("index:", one), joined("index:", other));
    difference_ = std::make_unique<Explainer>(std::move(model), options_);
    classes_ = {one, other};
  }
  return *difference_;
}

void Turn::check() const {
  if (ended_) throw Cancelled();
}

void Turn::wake() {
  const std::lock_guard lock(mutex_);
  news_ = true;
  changed_.notify_all();
}

/// A device's engine and its thread, which makes it.
class EngineRoom::Worker {
 public:
  Worker(Model model, EngineOptions options)
      : model_(std::move(model)), options_(std::move(options)) {}

  /// `work` stays as long as the turn is not done.
  void add(const std::shared_ptr<Turn>& turn, const Work& work, int most_waiting) {
    if (!jobs_.add(
            turn.get(), [this, turn, &work] { do_one(*turn, work); }, most_waiting)) {
      throw HttpFault(503, "too many requests wait; try again in a moment");
    }
  }

  /// Takes back a turn's work that has not begun; false if it has.
  bool remove(const Turn& turn) { return jobs_.remove(&turn); }

 private:
  void do_one(Turn& turn, const Work& work) {
    std::exception_ptr fault;
    try {
      if (!engine_) engine_ = std::make_unique<Engine>(model_, options_);
      turn.check();
      work(*engine_, turn);
    } catch (...) {
      fault = std::current_exception();
    }
    const std::lock_guard lock(turn.mutex_);
    turn.fault_ = fault;
    turn.state_ = Turn::State::done;
    turn.changed_.notify_all();
  }

  Model model_;
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;  // of the thread alone
  JobQueue jobs_;                   // its thread ends before what it uses
};

EngineRoom::EngineRoom(Model model, std::vector<std::string> devices, EngineOptions options,
                       const Limits& limits)
    : model_(std::move(model)), devices_(std::move(devices)), limits_(limits) {
  options.keep_last = true;  // clicks ask about the image that was just explained
  for (const std::string& device : devices_) {
    options.device = device;
    workers_[device] = std::make_unique<Worker>(model_, options);
  }
  run(
      {}, [] { return false; }, [](Engine&, Turn&) {});
}

EngineRoom::~EngineRoom() = default;

void EngineRoom::run(const std::string& device, const Watch& watch, const Work& work) {
  const auto found = workers_.find(device.empty() ? devices_.front() : device);
  if (found == workers_.end()) throw UserError(joined("there is no device '", device, "' here"));
  const auto turn = std::make_shared<Turn>();
  found->second->add(turn, work, limits_.waiting);
  const auto deadline = Clock::now() + limits_.time;
  bool late = false;
  const auto watched = [&] {
    try {
      return watch();
    } catch (...) {
      return true;  // the work must end before what it uses goes
    }
  };
  const auto end = [&] {
    turn->ended_ = true;
    return found->second->remove(*turn);
  };
  try {
    std::unique_lock lock(turn->mutex_);
    while (turn->state_ != Turn::State::done) {
      turn->changed_.wait_for(lock, look_up,
                              [&] { return turn->news_ || turn->state_ == Turn::State::done; });
      turn->news_ = false;
      lock.unlock();
      late = late || Clock::now() > deadline;
      if (!turn->ended_ && (watched() || late) && end()) throw Cancelled();
      lock.lock();
    }
  } catch (const Cancelled&) {
    if (late) throw HttpFault(503, "the engine is busy; try again in a moment");
    throw;
  }
  if (late)
    throw HttpFault(503, "this takes too long here; ask for fewer levels, channels or steps");
  if (turn->fault_) std::rethrow_exception(turn->fault_);
  watch();
}

}  // namespace hdecomp::tools
