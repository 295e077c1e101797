/// A container's quota bounds the threads; folders stand for the kernel's.
#include "hdecomp/cores.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/support/temporary_files.h"

namespace hdecomp {
namespace {

namespace fs = std::filesystem;

class UsableCores : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const fs::path file = fs::path(root_) / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  int cores() const { return usable_cores(root_); }
  int all() const { return usable_cores("/nowhere"); }

  const std::string root_ = file_testing::empty_folder();
};

TEST_F(UsableCores, AreThoseOfTheAffinityWithoutAQuota) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  EXPECT_EQ(all(), CPU_COUNT(&allowed));
  write("proc/self/cgroup", "0::/user\n");
  write("sys/fs/cgroup/user/cpu.max", "max 100000\n");
  EXPECT_EQ(cores(), all());
}

TEST_F(UsableCores, AreNoMoreThanTheMachines) {
  EXPECT_LE(all(), machine_cores("/nowhere"));
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "100000 100000\n");
  EXPECT_EQ(machine_cores(root_), 1);
}

TEST_F(UsableCores, FollowAThreadsAffinity) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++core) {
    if (CPU_ISSET(core, &before)) CPU_SET(core, &one);
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  const int cores = all();
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(cores, 1);
}

TEST_F(UsableCores, AQuotaIsRoundedUp) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(cores(), 1);
  write("sys/fs/cgroup/cpu.max", "110000 100000\n");
  EXPECT_EQ(cores(), std::min(2, all()));
}

TEST_F(UsableCores, TheLeastOfAGroupAndItsParentsCounts) {
  write("proc/self/cgroup", "0::/a/b/c\n");
  write("sys/fs/cgroup/a/b/cpu.max", "100000 100000\n");
  write("sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
  EXPECT_EQ(cores(), 1);
}

TEST_F(UsableCores, AContainersOwnGroupIsTheMountedRoot) {
  write("proc/self/cgroup", "0::/docker/0123\n");  // a path of the host's, not there within
  write("sys/fs/cgroup/cpu.max", "100000 100000\n");
  EXPECT_EQ(cores(), 1);
}

TEST_F(UsableCores, VersionOneHasTwoFiles) {
  write("proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/x\n0::/\n");
  write("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cores(), all());
  write("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "100000\n");
  EXPECT_EQ(cores(), 1);
}

TEST_F(UsableCores, WhatIsNoQuotaIsPassedOver) {
  for (const char* text :
       {"", "x y\n", "0 0\n", "-5 100000\n", "100000\n", "99999999999999999999 1\n"}) {
    write("proc/self/cgroup", "no colons\n:\n0::/\n");
    write("sys/fs/cgroup/cpu.max", text);
    EXPECT_EQ(cores(), all()) << text;
  }
}

}  // namespace
}  // namespace hdecomp
