/// The kernel says of each thread how long it ran and how long it was ready to run and had no core.
#include "kernels/core/waiting.h"

#include <dirent.h>
#include <fcntl.h>
#include <omp.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "hdecomp/cores.h"
#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "kernels/core/free_cores.h"
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

/// As OpenMP reads its variables: in any case, with blanks around.
bool is_false(const char* word) {
  if (word == nullptr) return false;
  word += std::strspn(word, " \t");
  return strncasecmp(word, "false", 5) == 0 && word[5 + std::strspn(word + 5, " \t")] == 0;
}

class Waiting {
 public:
  /// Never destroyed: the team stays parked when the process ends.
  static Waiting& instance() {
    static Waiting& waiting = *new Waiting;
    return waiting;
  }

  int limit() const { return limit_.load(std::memory_order_relaxed); }

  void look() {
    if (users_wait_ && users_threads_) return;
    loops_.fetch_add(1, std::memory_order_relaxed);
    if (now() < next_look_.load(std::memory_order_relaxed)) return;
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock || getpid() != process_) return;  // a forked child has no team to end
    const int64_t begin = detail::time_of(CLOCK_THREAD_CPUTIME_ID);
    if (!users_wait_) choose_wait();
    if (!users_threads_) choose_limit();
    const int64_t took = detail::time_of(CLOCK_THREAD_CPUTIME_ID) - begin;
    // A process of many threads looks more rarely: a hundredth of its time at most.
    next_look_.store(now() + std::max<int64_t>(30'000'000, 100 * took), std::memory_order_relaxed);
  }

  bool asleep() {
    const std::lock_guard lock(mutex_);
    return team_.there();
  }

 private:
  static int64_t now() { return detail::time_of(CLOCK_MONOTONIC); }

  void choose_wait() {
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

  void choose_limit() {
    constexpr int64_t least = 90'000'000, most = 1'000'000'000;  // else it says nothing of now
    const int64_t passed = use_ ? now() - use_->clock : most;
    if (passed < least) return;
    const auto use = detail::core_use();
    if (use && use_ && passed < most) {
      const int64_t loop_time = (use->own - use_->own) / std::max<int64_t>(loops_, 1);
      limit_ = detail::threads_beside(std::min(limit(), use->cores), use->cores,
                                      detail::free_cores(*use_, *use), loop_time);
    }
    use_ = use;
    loops_ = 0;
  }

  const bool users_wait_ = std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT");
  const bool users_threads_ = is_false(std::getenv("OMP_DYNAMIC"));
  const pid_t process_ = getpid();
  std::atomic<int64_t> next_look_ = 0;
  std::mutex mutex_;
  detail::CoreTimes times_;
  CoreTime pending_;                    // since the last choice
  std::optional<detail::CoreUse> use_;  // at the last choice of the limit
  std::atomic<int64_t> loops_ = 0;      // since then
  std::atomic<int> limit_ = INT_MAX;    // of a loop's threads
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

int threads_now(int threads) {
  if (threads <= 1) return threads;
  Waiting& waiting = Waiting::instance();
  waiting.look();
  return std::min(threads, waiting.limit());
}

int threads_now() { return threads_now(process_cores()); }

bool waiting_asleep() { return Waiting::instance().asleep(); }

}  // namespace hdecomp
