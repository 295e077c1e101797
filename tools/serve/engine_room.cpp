/// A queue and a thread per engine. (One thread, because OpenMP keeps a team for every thread that
/// calls it.)
#include "tools/serve/engine_room.h"

#include <deque>
#include <thread>

#include "tools/serve/faults.h"

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

class EngineRoom::Worker {
 public:
  Worker(Model model, EngineOptions options)
      : model_(std::move(model)), options_(std::move(options)) {}

  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  struct Job {
    std::shared_ptr<Turn> turn;
    const Work* work;  // stays as long as the turn is not done
  };

  void add(const Job& job, int most_waiting) {
    const std::lock_guard lock(mutex_);
    if (std::ssize(jobs_) >= most_waiting) {
      throw HttpFault(503, "too many requests wait; try again in a moment");
    }
    // The thread first: a job that stayed behind where none can be had would be done for the next
    // caller, when its own has gone.
    if (!thread_.joinable()) thread_ = std::jthread([this] { work(); });
    jobs_.push_back(job);
    changed_.notify_all();
  }

  /// Takes back a job that has not begun; false if it has.
  bool remove(const Turn& turn) {
    const std::lock_guard lock(mutex_);
    return std::erase_if(jobs_, [&](const Job& job) { return job.turn.get() == &turn; }) > 0;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
      if (closed_) return;
      const Job job = jobs_.front();
      jobs_.pop_front();
      lock.unlock();
      do_one(job);
      lock.lock();
    }
  }

  void do_one(const Job& job) {
    std::exception_ptr fault;
    try {
      if (!engine_) engine_ = std::make_unique<Engine>(model_, options_);
      job.turn->check();
      (*job.work)(*engine_, *job.turn);
    } catch (...) {
      fault = std::current_exception();
    }
    const std::lock_guard lock(job.turn->mutex_);
    job.turn->fault_ = fault;
    job.turn->state_ = Turn::State::done;
    job.turn->changed_.notify_all();
  }

  Model model_;
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;  // of the worker alone
  std::mutex mutex_;                // guards what follows
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool closed_ = false;
  std::jthread thread_;
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
  found->second->add({turn, &work}, limits_.waiting);
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
  if (late) throw HttpFault(503, "this takes too long here; ask for fewer levels or channels");
  if (turn->fault_) std::rethrow_exception(turn->fault_);
  watch();
}

}  // namespace hdecomp::tools
