/// The kernel says of each thread how long it ran and how long it was ready to run and had no core.
#include "kernels/core/waiting.h"

#include <dirent.h>
#include <fcntl.h>
#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "hdecomp/cores.h"
#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "kernels/core/parked_team.h"

namespace hdecomp {
namespace {

using detail::CoreTime;

/// What /proc/self/task/TID/schedstat says, "ran waited slices"; nothing where there is none.
std::optional<CoreTime> time_of(int tasks, const char* thread) {
  const int file = openat(tasks, joined(thread, "/schedstat").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::array<char, 64> text;
  const ssize_t length = read(file, text.data(), text.size() - 1);
  close(file);
  if (length <= 0) return {};
  text[length] = 0;
  char* end;
  CoreTime time;
  time.ran = std::strtoll(text.data(), &end, 10);
  time.waited = std::strtoll(end, nullptr, 10);
  return time;
}

/// Of all threads of this process; none where the kernel doesn't count it.
std::map<int, CoreTime> times_of_threads() {
  std::map<int, CoreTime> times;
  DIR* tasks = opendir("/proc/self/task");
  if (!tasks) return times;
  while (const dirent* task = readdir(tasks)) {
    const std::optional<int> number = number_in<int>(task->d_name);
    if (!number) continue;  // . and ..
    if (const auto time = time_of(dirfd(tasks), task->d_name)) times[*number] = *time;
  }
  closedir(tasks);
  return times;
}

class Waiting {
 public:
  /// Never destroyed: the team stays parked when the process ends.
  static Waiting& instance() {
    static Waiting& waiting = *new Waiting;
    return waiting;
  }

  void look() {
    if (users_word_ || now() < next_look_.load(std::memory_order_relaxed)) return;
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock || getpid() != process_) return;  // a forked child has no team to end
    const int64_t begin = now();
    decide();
    const int64_t end = now();
    // A process of many threads looks more rarely: a hundredth of its time at most.
    next_look_.store(end + std::max<int64_t>(30'000'000, 100 * (end - begin)),
                     std::memory_order_relaxed);
  }

  bool asleep() {
    const std::lock_guard lock(mutex_);
    return team_.there();
  }

 private:
  static int64_t now() {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
  }

  void decide() {
    const CoreTime passed = times_.since_last(times_of_threads());
    pending_.ran += passed.ran;
    pending_.waited += passed.waited;
    if (pending_.ran + pending_.waited < 10'000'000) return;  // too little to tell
    const bool before = team_.there(), after = detail::contended(before, pending_);
    pending_ = {};
    if (before == after) return;
    // More than there are cores, however few threads the loops have. On larger machines a program
    // seldom wants all cores, and so many threads may be more than it is allowed.
    const int cores = omp_get_num_procs();
    if (after && cores <= 64) team_.begin(cores + 1);
    if (before) team_.end();
  }

  const bool users_word_ = std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT");
  const pid_t process_ = getpid();
  std::atomic<int64_t> next_look_ = 0;
  std::mutex mutex_;
  detail::CoreTimes times_;
  CoreTime pending_;  // since the last choice
  ParkedTeam team_;
};

}  // namespace

CoreTime detail::CoreTimes::since_last(std::map<int, CoreTime> threads) {
  CoreTime sum;
  for (const auto& [number, time] : threads) {
    const auto last = last_.find(number);
    // A number of which less is counted now has gone to a new thread.
    const bool same =
        last != last_.end() && last->second.ran <= time.ran && last->second.waited <= time.waited;
    sum.ran += time.ran - (same ? last->second.ran : 0);
    sum.waited += time.waited - (same ? last->second.waited : 0);
  }
  last_ = std::move(threads);
  return sum;
}

bool detail::contended(bool before, const CoreTime& time) {
  return time.waited * (before ? 16 : 8) >= time.ran + time.waited;
}

void choose_waiting(int threads) {
  if (threads > 1) Waiting::instance().look();
}

void choose_waiting() { choose_waiting(process_cores()); }

bool waiting_asleep() { return Waiting::instance().asleep(); }

}  // namespace hdecomp
