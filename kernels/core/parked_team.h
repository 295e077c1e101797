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

namespace hdecomp {

/// A team that is called once and then waits until its end.
class ParkedTeam {
 public:
  /// May fail to begin, where no thread can be had.
  void begin(int threads) {
    stop_ = false;
    try {
      leader_ = std::thread([this, threads] { lead(threads); });
    } catch (const std::system_error&) {
    }
  }
  void end() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_one();
    leader_.join();
  }
  bool there() const { return leader_.joinable(); }

 private:
  void lead(int threads) {
    std::atomic<int> members = 0;  // something to do, so that the compiler leaves the team there
#pragma omp parallel num_threads(threads)
    members.fetch_add(1, std::memory_order_relaxed);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stop_; });
  }

  std::thread leader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
};

}  // namespace hdecomp
