/// A quota is processor time for each period, cpu.max in version 2 of Linux's control groups and
/// cpu.cfs_quota_us over cpu.cfs_period_us in version 1 (its cgroup-v2 and sched-bwc documents).
/// More threads than that only take turns being stopped for the rest of a period.
#include "hdecomp/cores.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "hdecomp/number.h"

namespace hdecomp {
namespace {

int online_cores() {
  return static_cast<int>(std::clamp(sysconf(_SC_NPROCESSORS_ONLN), 1L, 1024L));
}

int cores_of_affinity() {
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores);
  return online_cores();  // more than the 1,024 that the set holds
}

/// The first `words` words of a file of the kernel's; empty where there is none.
std::vector<std::string> words_in(const std::string& path, int words) {
  std::ifstream file(path);
  std::vector<std::string> found(words);
  for (std::string& word : found) {
    if (!(file >> word)) return {};
  }
  return found;
}

/// Cores of a quota and its period, both in microseconds; nothing for "max" and -1, which are none.
std::optional<double> cores_of(std::string_view quota, std::string_view period) {
  const std::optional<int64_t> time = number_in(quota), each = number_in(period);
  if (!time || !each || *time <= 0 || *each <= 0) return {};
  return static_cast<double>(*time) / static_cast<double>(*each);
}

std::optional<double> quota_of(const std::string& group, bool second_version) {
  if (second_version) {
    const std::vector<std::string> both = words_in(group + "/cpu.max", 2);
    return both.empty() ? std::nullopt : cores_of(both[0], both[1]);
  }
  const std::vector<std::string> quota = words_in(group + "/cpu.cfs_quota_us", 1);
  const std::vector<std::string> period = words_in(group + "/cpu.cfs_period_us", 1);
  return quota.empty() || period.empty() ? std::nullopt : cores_of(quota[0], period[0]);
}

/// The least quota of a group and of those that it lies in. Within a container the group's own
/// path may not be there, and the mounted root is the container's group.
double least_quota(const std::string& mounted, std::string group, bool second_version) {
  double least = HUGE_VAL;
  for (;;) {
    least = std::min(least, quota_of(mounted + group, second_version).value_or(HUGE_VAL));
    if (group.empty()) return least;
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

/// Of all groups in /proc/self/cgroup, whose lines are "number:controllers:path", for version 2
/// "0::path".
double cores_of_quotas(const std::string& root) {
  double least = HUGE_VAL;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1), mounted = root + "/sys/fs/cgroup";
    if (controllers.empty()) least = std::min(least, least_quota(mounted, path, true));
    std::istringstream each(controllers);
    for (std::string name; std::getline(each, name, ',');) {
      if (name == "cpu") least = std::min(least, least_quota(mounted + "/cpu", path, false));
    }
  }
  return least;
}

}  // namespace

int machine_cores(const std::string& root) {
  const int cores = online_cores();
  const double quota = std::ceil(cores_of_quotas(root));
  return quota < cores ? std::max(1, static_cast<int>(quota)) : cores;
}

int usable_cores(const std::string& root) {
  return std::min(std::max(1, cores_of_affinity()), machine_cores(root));
}

int process_cores() {
  static const int cores = usable_cores();
  return cores;
}

}  // namespace hdecomp
