/// The kernel counts each core's idle time, in hundredths of a second mostly.
#include "kernels/core/free_cores.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "hdecomp/number.h"

namespace hdecomp::detail {
namespace {

constexpr int64_t second = 1'000'000'000;

/// The next word of a line as a number that is not negative; nothing at its end.
std::optional<int64_t> next_number(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  const std::optional<int64_t> number = number_in(word);
  return number && *number >= 0 ? number : std::nullopt;
}

struct CoreLine {
  int64_t core, idle;
};

/// Nothing of a line that is no core's, "cpu" of all of them being none.
std::optional<CoreLine> core_line(std::string_view line) {
  if (!line.starts_with("cpu")) return {};
  line.remove_prefix(3);
  if (line.empty() || line.front() == ' ') return {};
  const std::optional<int64_t> core = next_number(line);
  int64_t idle = 0;
  for (int column = 0; column < 8; ++column) {  // user nice system idle iowait irq softirq steal
    const std::optional<int64_t> ticks = next_number(line);
    if (!core || !ticks || *ticks > INT64_MAX / 4 / second) return {};
    if (column == 3 || column == 4 || column == 7) idle += *ticks;
  }
  return CoreLine{*core, idle};
}

/// The lines of all cores: the one behind them is of interrupts, and long on large machines.
std::string lines_of_cores() {
  constexpr size_t piece = size_t{16} << 10, most = 64 * piece;
  const int file = open("/proc/stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string text;
  ssize_t got = 1;
  while (got > 0 && text.size() < most && text.find("\nintr") == std::string::npos) {
    const size_t at = text.size();
    text.resize(at + piece);
    got = read(file, text.data() + at, piece);
    text.resize(at + std::max<ssize_t>(got, 0));
  }
  close(file);
  return text;
}

}  // namespace

int64_t time_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * second + time.tv_nsec;
}

std::optional<int64_t> idle_time(std::string_view stat, const cpu_set_t& cores, int64_t tick) {
  int64_t idle = 0;
  int missing = CPU_COUNT(&cores);
  while (!stat.empty()) {
    const size_t end = std::min(stat.find('\n'), stat.size());
    if (const auto line = core_line(stat.substr(0, end));
        line && line->core < CPU_SETSIZE && CPU_ISSET(line->core, &cores)) {
      idle += line->idle * tick;
      --missing;
    }
    stat.remove_prefix(std::min(end + 1, stat.size()));
  }
  if (missing != 0) return {};
  return idle;
}

std::optional<CoreUse> core_use() {
  cpu_set_t cores;
  const long ticks = sysconf(_SC_CLK_TCK);
  if (ticks <= 0 || sched_getaffinity(0, sizeof cores, &cores) != 0) return {};
  const auto idle = idle_time(lines_of_cores(), cores, second / ticks);
  if (!idle) return {};
  return CoreUse{time_of(CLOCK_MONOTONIC), *idle, time_of(CLOCK_PROCESS_CPUTIME_ID),
                 CPU_COUNT(&cores)};
}

double free_cores(const CoreUse& before, const CoreUse& after) {
  const auto passed = static_cast<double>(after.clock - before.clock);
  if (passed <= 0) return after.cores;
  const auto had = static_cast<double>((after.idle - before.idle) + (after.own - before.own));
  return std::clamp(had / passed, 0.0, static_cast<double>(after.cores));
}

int threads_beside(int now, int cores, double free, int64_t loop_time) {
  constexpr int64_t long_loop = 500'000;
  if (loop_time >= long_loop) return cores;
  // Idle time comes in hundredths of a second, of which a look has nine: a tenth may be an error.
  constexpr double certain = 0.6;
  if (free <= now - certain) return std::max(1, static_cast<int>(std::lround(free)));
  if (free >= now + certain) return std::min(cores, static_cast<int>(free + 1 - certain));
  return std::min(now, cores);
}

}  // namespace hdecomp::detail
