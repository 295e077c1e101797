/// How many threads a loop has and how they wait for the next one: all and spinning while the cores
/// are ours; as many as there are free cores, and asleep, while other programs want them.
///
/// On a free machine a spinning thread begins a loop in 1 us, a sleeping one in 80. Beside two busy
/// programs on two cores it is the other way round: a thread that spins uses up the time slice that
/// the one it waits for needs, and SqueezeNet's forward pass took 300 ms in place of 7
/// (bench/neighbour.py). libgomp decides once, by environment variables that a library must not ask
/// for; but its threads spin 3 ms where the process has as many of them as cores or fewer, and 1 us
/// where it has more. So a parked team, which never runs, puts the others to sleep.
///
/// A loop's threads have equal parts, oneDNN's too, so that all wait for one that shares its core.
/// Beside one busy program on two cores two threads are no faster than one (ResNet-50), and small
/// layers, of which each waits for a thread to be woken, take twice as long and more. Long loops
/// keep all threads, for the system's time is shared out by threads.
#pragma once

#include <cstdint>
#include <exception>
#include <map>

namespace hdecomp {

/// How many of `threads` the next loop should have. Any thread may call it, before every loop: it
/// reads a clock. Every 30 ms at most it looks how long this process's threads ran and how long
/// they waited for a core, and lets those that wait for a loop spin or sleep (not where
/// OMP_WAIT_POLICY or GOMP_SPINCOUNT is set, which are the user's word); and every 90 ms at most
/// how many cores other programs leave (OMP_DYNAMIC=false: all threads, always).
int threads_now(int threads);
/// The same of process_cores() threads.
int threads_now();

/// Calls `call` while OpenMP's loops, others' too, have at most `threads` threads, whatever they
/// ask for. It may throw.
template <class Call>
void with_at_most(int threads, Call&& call) {
  std::exception_ptr fault;  // may not leave the construct
#pragma omp teams num_teams(1) thread_limit(threads)
  {
    try {
      call();
    } catch (...) {
      fault = std::current_exception();
    }
  }
  if (fault) std::rethrow_exception(fault);
}

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
