/// The verb ablate: what it prints, and what it refuses.
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/ablation/ablation.h"
#include "tests/tools/command_errors_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;

Args ablate_args(const Args& more) {
  Args args{"ablate", photo("chelsea.jpg"), "--device", "cpu"};
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

TEST(CommandAblate, GivesTheDropsBesideTheStep) {
  const Json fast_json = run_json(ablate_args({"--from", "class:12"}));
  EXPECT_EQ(fast_json["format"], "hdecomp-ablation");
  EXPECT_EQ(fast_json["fill"], "mean");
  EXPECT_EQ(fast_json["method"], "fast");
  const Json& step = fast_json["step"];
  EXPECT_EQ(step["layer"], "conv5_3");  // the stage below
  const auto read = [](const Json& list) { return list.get<std::vector<float>>(); };
  const std::vector<float> ours = read(fast_json["drops"]);
  ASSERT_EQ(ours.size(), 128u);
  const auto correlation = [&](const char* with) {
    return fast_json["correlations"][with].get<double>();
  };
  EXPECT_NEAR(correlation("contribution"), pearson(ours, read(step["contributions"])), 1e-6);
  EXPECT_NEAR(correlation("peak"), pearson(ours, read(step["peaks"])), 1e-6);
  EXPECT_NEAR(correlation("mean_gradient"), pearson(ours, read(fast_json["mean_gradients"])), 1e-6);
  EXPECT_NEAR(correlation("max_gradient"), pearson(ours, read(fast_json["max_gradients"])), 1e-6);
  EXPECT_GT(correlation("contribution"), 0.9);
  EXPECT_GT(fast_json["timings_ms"]["ablation"], 0);
  const Json naive_json =
      run_json(ablate_args({"--from", "class:12", "--to", "block5_conv3", "--method", "naive"}));
  EXPECT_EQ(naive_json["method"], "naive");
  EXPECT_EQ(naive_json["decision"], fast_json["decision"]);
  EXPECT_EQ(naive_json["step"], fast_json["step"]);
  const std::vector<float> theirs = read(naive_json["drops"]);
  for (size_t k = 0; k < ours.size(); ++k) {
    EXPECT_NEAR(ours[k], theirs[k], 1e-5 * std::ranges::max(theirs)) << k;
  }
}

TEST(CommandAblate, PrintsTheLargestDrops) {
  const auto result =
      run(ablate_args({"--from", "conv5_3:42@3,4", "--fill", "zero", "--top", "4"}));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with("conv5_3:42@3,4  F ")) << result.out;
  EXPECT_NE(result.out.find("128 channels of conv4_3, each set to zero"), std::string::npos);
  EXPECT_EQ(lines_of(result.out), 2u + 4u + 2u) << result.out;
}

TEST(CommandAblate, AblatesOverlappingChannelsTogether) {
  const Json json = run_json(ablate_args({"--from", "class:12", "--merge-overlaps", "0.9"}));
  size_t more_than_the_sum = 0;  // or less; a group of small drops may come to the very same
  for (const Json& group : json["groups"]) {
    EXPECT_GE(group["channels"].size(), 2u);
    double sum = 0;
    for (const Json& k : group["channels"]) sum += json["drops"][k.get<size_t>()].get<double>();
    EXPECT_NEAR(group["members_drop"].get<double>(), sum, 1e-6);
    more_than_the_sum += group["drop"] != group["members_drop"];
    EXPECT_NEAR(group["drop"].get<double>(), sum, 0.5 * std::abs(sum));
  }
  EXPECT_GT(2 * more_than_the_sum, json["groups"].size());
}

TEST_F(CommandErrors, Ablate) {
  refused(ablate_args({"--from", "class:12", "--merge-overlaps", "2"}), "--merge-overlaps 2");
  refused(ablate_args({"--from", "class:12", "--mask-threshold", "0.2"}), "--merge-overlaps");
  refused(ablate_args({}), "--from");
  refused({"ablate", "--from", "class:12"}, "image");
  refused({"ablate", file("missing.jpg"), "--from", "class:12"}, "missing.jpg");
  refused(ablate_args({"--from", "class:12", "--fill", "one"}), "--fill");
  refused(ablate_args({"--from", "class:12", "--method", "slow"}), "--method");
  refused(ablate_args({"--from", "class:12", "--top", "0"}), "--top 0");
  refused(ablate_args({"--from", "class:12", "--to", "conv9"}), "'conv9'");
  refused(ablate_args({"--from", "conv4_3:1@0,0", "--to", "conv5_3"}), "is not below conv4_3");
  refused(ablate_args({"--from", "conv4_3:1@99,0"}), "outside the map of layer conv4_3");
  refused(ablate_args({"--from", "conv1_2:0@0,0"}), "--to: no stage is below conv1_2");
}

}  // namespace
}  // namespace hdecomp
