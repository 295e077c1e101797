/// Which device each of the ranks of a machine takes.
#include "hdecomp/ranks.h"

#include <gtest/gtest.h>

namespace hdecomp {
namespace {

TEST(DeviceOfRank, RanksTakeTheUsableGpusInTurn) {
  const std::vector<std::string> gpus{"cuda:0", "cuda:2", "cuda:3"};  // the second is too old
  for (const char* asked : {"", "cuda"}) {
    EXPECT_EQ(device_of_rank(asked, 0, gpus), "cuda:0");
    EXPECT_EQ(device_of_rank(asked, 1, gpus), "cuda:2");
    EXPECT_EQ(device_of_rank(asked, 2, gpus), "cuda:3");
    EXPECT_EQ(device_of_rank(asked, 4, gpus), "cuda:2");
  }
}

TEST(DeviceOfRank, ANamedDeviceIsEveryRanks) {
  for (const char* asked : {"cuda:1", "cpu", "tpu"}) {
    EXPECT_EQ(device_of_rank(asked, 1, {"cuda:0", "cuda:1"}), asked);
  }
}

TEST(DeviceOfRank, WithoutAGpuItIsTheCpuUnlessOneIsAskedFor) {
  EXPECT_EQ(device_of_rank("", 1, {}), "cpu");
  EXPECT_EQ(device_of_rank("cuda", 1, {}), "cuda");
}

}  // namespace
}  // namespace hdecomp
