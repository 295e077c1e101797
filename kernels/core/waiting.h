/// How OpenMP's threads wait for the next loop: spinning while the cores are ours, asleep while
/// other programs want them.
///
/// On a free machine a spinning thread begins a loop in 1 us, a sleeping one in 80. Beside two busy
/// programs on two cores it is the other way round: a thread that spins uses up the time slice that
/// the one it waits for needs, and SqueezeNet's forward pass took 300 ms in place of 7
/// (bench/neighbour.py). libgomp decides once, by environment variables that a library must not ask
/// for; but its threads spin 3 ms where the process has as many of them as cores or fewer, and 1 us
/// where it has more. So a parked team, which never runs, puts the others to sleep.
#pragma once

#include <cstdint>
#include <map>

namespace hdecomp {

/// Looks every 30 ms at most how long this process's threads ran and how long they waited for a
/// core, and lets those of `threads` that wait for a loop spin or sleep. Nothing where
/// OMP_WAIT_POLICY or GOMP_SPINCOUNT is set, which are the user's word. Any thread may call it,
/// before every loop: it reads a clock.
void choose_waiting(int threads);
/// The same for process_cores() threads.
void choose_waiting();

/// Whether waiting threads sleep now.
bool waiting_asleep();

namespace detail {

/// Nanoseconds that threads ran, and that they were ready to run and had no core.
struct CoreTime {
  int64_t ran = 0, waited = 0;
};

/// Whether the cores are contended, where they were `before`, after `time`: from an eighth of it
/// without a core on, and then until it is less than a sixteenth. On an idle machine 0.01 is seen
/// and 0.1 at most in 50 ms, beside one busy program on two cores 0.23 to 0.5.
bool contended(bool before, const CoreTime& time);

/// What threads did since the last look. Those that have begun since then count whole, those that
/// have ended not at all.
class CoreTimes {
 public:
  /// `threads`: by number, as the kernel has counted them since they began.
  CoreTime since_last(std::map<int, CoreTime> threads);

 private:
  std::map<int, CoreTime> last_;
};

}  // namespace detail

}  // namespace hdecomp
