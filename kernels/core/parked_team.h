/// OpenMP threads that never run, which put all others to sleep while they wait.
///
/// libgomp 12 looks at every wait (its config/linux/wait.h) whether the process has more of its
/// threads than cores: then it spins 100 times before it sleeps, else 300,000 times. To another
/// OpenMP runtime a parked team is nothing but its threads' stacks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace hdecomp {

/// A team that is called once and then waits until its end.
class ParkedTeam {
 public:
  ParkedTeam() = default;
  ~ParkedTeam() {
    if (there()) end();
  }

  /// Does not begin where no threads can be had: OpenMP would end the program, so as many others
  /// are started before.
  void begin(int threads) {
    stop_ = begun_ = false;
    try {
      std::vector<std::jthread> tried(threads);
      for (std::jthread& thread : tried) thread = std::jthread([] {});
      tried.clear();
      leader_ = std::thread([this, threads] { lead(threads); });
    } catch (const std::system_error&) {
    }
  }
  /// Returns when the team is there and waits, or could not be had; begin() alone does not wait.
  void wait_until_begun() {
    if (!there()) return;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return begun_; });
  }
  void end() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    leader_.join();
  }
  bool there() const { return leader_.joinable(); }

 private:
  void lead(int threads) {
    std::atomic<int> members = 0;  // something to do, so that the compiler leaves the team there
#pragma omp parallel num_threads(threads)
    members.fetch_add(1, std::memory_order_relaxed);
    std::unique_lock lock(mutex_);
    begun_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return stop_; });
  }

  std::thread leader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool begun_ = false, stop_ = false;
};

}  // namespace hdecomp
