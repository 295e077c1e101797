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
#include <mutex>
#include <optional>

#include "hdecomp/error.h"
#include "kernels/core/parked_team.h"

namespace hdecomp {
namespace {

using detail::CoreTime;

/// Adds a thread's numbers, which /proc/PID/task/TID/schedstat gives as "ran waited slices", in
/// nanoseconds; false where there are none.
bool add_thread(int tasks, const char* thread, CoreTime& sum) {
  const int file = openat(tasks, joined(thread, "/schedstat").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  std::array<char, 64> text;
  const ssize_t length = read(file, text.data(), text.size() - 1);
  close(file);
  if (length <= 0) return false;
  text[length] = 0;
  char* end;
  sum.ran += std::strtoll(text.data(), &end, 10);
  sum.waited += std::strtoll(end, nullptr, 10);
  return true;
}

/// Of all threads of this process; nothing where the kernel doesn't count it.
std::optional<CoreTime> core_time() {
  DIR* tasks = opendir("/proc/self/task");
  if (!tasks) return {};
  CoreTime sum;
  bool any = false;
  while (const dirent* task = readdir(tasks)) {
    if (task->d_name[0] != '.' && add_thread(dirfd(tasks), task->d_name, sum)) any = true;
  }
  closedir(tasks);
  return any ? std::optional(sum) : std::nullopt;
}

class Waiting {
 public:
  /// Never destroyed: the team stays parked when the process ends.
  static Waiting& instance() {
    static Waiting& waiting = *new Waiting;
    return waiting;
  }

  void look(int threads) {
    if (users_word_ || now() < next_look_.load(std::memory_order_relaxed)) return;
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock || getpid() != process_) return;  // a forked child has no team to end
    const int64_t begin = now();
    decide(threads);
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

  void decide(int threads) {
    const std::optional<CoreTime> time = core_time();
    if (!time) return;
    const bool before = team_.there(), after = detail::contended(before, last_, *time);
    // Less says nothing yet.
    if (time->ran + time->waited - last_.ran - last_.waited > 10'000'000) last_ = *time;
    if (before == after) return;
    // With those of the loops' own team one more than there are cores, counting its leader once.
    if (after) team_.begin(std::max(2, omp_get_num_procs() - threads + 2));
    if (before) team_.end();
  }

  const bool users_word_ = std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT");
  const pid_t process_ = getpid();
  std::atomic<int64_t> next_look_ = 0;
  std::mutex mutex_;
  CoreTime last_;
  ParkedTeam team_;
};

}  // namespace

bool detail::contended(bool before, const CoreTime& then, const CoreTime& now) {
  // A thread that has ended takes its numbers with it.
  const int64_t ran = std::max<int64_t>(0, now.ran - then.ran);
  const int64_t waited = std::max<int64_t>(0, now.waited - then.waited);
  if (ran + waited < 10'000'000) return before;
  return waited * (before ? 16 : 8) >= ran + waited;
}

void choose_waiting(int threads) {
  if (threads > 1) Waiting::instance().look(threads);
}

void choose_waiting() { choose_waiting(omp_get_max_threads()); }

bool waiting_asleep() { return Waiting::instance().asleep(); }

}  // namespace hdecomp
