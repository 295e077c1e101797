/// How many of the cores that this process may run on other programs leave it.
#pragma once

#include <sched.h>
#include <time.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace hdecomp::detail {

/// In nanoseconds.
int64_t time_of(clockid_t clock);

/// Since the machine and the process began, in nanoseconds.
struct CoreUse {
  int64_t clock = 0;
  int64_t idle = 0;  // of the cores that it may run on, together: what no program had
  int64_t own = 0;   // what the process's threads ran
  int cores = 0;     // that it may run on
};

/// The idle time of `cores` in a text like /proc/stat (proc(5)): a line "cpuN user nice system idle
/// iowait irq softirq steal ..." for each core, in ticks of `tick` nanoseconds. Idle are waiting
/// for a disk, too, and what a virtual machine's host took. Nothing where a core of the set is
/// missing.
std::optional<int64_t> idle_time(std::string_view stat, const cpu_set_t& cores, int64_t tick);

/// Now; nothing where the kernel doesn't tell.
std::optional<CoreUse> core_use();

/// Cores without other programs between two looks: those idle and those that this process had.
double free_cores(const CoreUse& before, const CoreUse& after);

/// How many threads loops should have that had at most `now`, on so many cores, and took
/// `loop_time` each, of all threads together. With more than there are free cores one of them
/// shares a core, and all wait for it. Long loops have all the same: each thread has its share of
/// the system's time, so that two beside two busy programs have more of it than one.
int threads_beside(int now, int cores, double free, int64_t loop_time);

}  // namespace hdecomp::detail
