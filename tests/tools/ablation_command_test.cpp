/// The verb ablate: what it prints, and what it refuses.
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/ablation/ablation.h"
#include "tests/support/slim_models.h"
#include "tests/tools/command_errors_testing.h"
#include "weights/model/model_file.h"

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
  const std::vector<float> first_order = read(fast_json["first_order"]);
  EXPECT_NEAR(correlation("first_order"), pearson(ours, first_order), 1e-6);
  EXPECT_EQ(fast_json["unchanged"], false);
  EXPECT_LT(fast_json["rounding"], 1e-3 * std::ranges::max(ours));
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

TEST(CommandAblate, WithZeroTheFirstOrderIsGapItself) {
  const Json json = run_json(ablate_args({"--from", "conv4_3:1@6,6", "--fill", "zero"}));
  const Json& step = json["step"];
  const double area = step["height"].get<double>() * step["width"].get<double>();
  ASSERT_EQ(json["first_order"].size(), 64u);  // conv3_3's channels
  for (size_t k = 0; k < json["first_order"].size(); ++k) {
    const double sum = area * step["contributions"][k].get<double>();
    EXPECT_NEAR(json["first_order"][k].get<double>(), sum, 1e-6 * std::abs(sum)) << k;
  }
}

/// A step's contributions from a baseline are the first-order drops for that fill, per cell.
TEST_F(CommandErrors, ABaselineCountsFromTheFill) {
  ASSERT_EQ(run({"means", photo(""), "-o", file("means.h5"), "--device", "cpu"}).code, 0);
  const Args step{"--from", "conv4_3:1@6,6", "--to", "conv3_3", "--device", "cpu"};
  const auto with = [&](const std::string& verb, const Args& more) {
    Args all{verb, photo("chelsea.jpg")};
    all.insert(all.end(), step.begin(), step.end());
    all.insert(all.end(), more.begin(), more.end());
    return run_json(all);
  };
  for (const std::string& baseline : {std::string("mean"), file("means.h5")}) {
    const Json one = with("decompose", {"--baseline", baseline, "--top", "5"});
    const Json drops = with("ablate", {"--fill", baseline, "--baseline", baseline});
    EXPECT_EQ(one["baseline"], baseline == "mean" ? "mean" : "means");
    EXPECT_EQ(one.contains("baseline_means"), baseline != "mean");
    EXPECT_EQ(drops["step"]["contributions"], one["step"]["contributions"]);
    const Json& contributions = one["step"]["contributions"];
    const double area = one["step"]["height"].get<double>() * one["step"]["width"].get<double>();
    double largest = 0;
    for (const Json& alpha : contributions)
      largest = std::max(largest, std::abs(alpha.get<double>()));
    for (size_t k = 0; k < contributions.size(); ++k) {
      EXPECT_NEAR(drops["first_order"][k].get<double>() / area, contributions[k].get<double>(),
                  1e-5 * largest)
          << k;
    }
    EXPECT_NEAR(drops["correlations"]["contribution"].get<double>(),
                drops["correlations"]["first_order"].get<double>(), 1e-4);
    // The first-order drops do not hang on the baseline.
    const Json from_zero = with("ablate", {"--fill", baseline});
    EXPECT_EQ(from_zero["baseline"], "zero");
    EXPECT_EQ(from_zero["first_order"], drops["first_order"]);
    EXPECT_NE(from_zero["step"]["contributions"], drops["step"]["contributions"]);
  }
  const auto explained = run(
      {"explain", photo("chelsea.jpg"), "--device", "cpu", "--depth", "2", "--baseline", "mean"});
  EXPECT_NE(explained.out.find("counted from each channel's mean over its map"), std::string::npos);
  const Json tree = run_json(
      {"explain", photo("chelsea.jpg"), "--device", "cpu", "--depth", "2", "--baseline", "mean"});
  EXPECT_EQ(tree["baseline"], "mean");
  refused({"explain", photo("chelsea.jpg"), "--baseline", "one"}, "--baseline one");
  refused({"explain", photo("chelsea.jpg"), "--baseline", photo("chelsea.jpg")}, "chelsea.jpg");
}

TEST_F(CommandErrors, AblateSaysWhatWouldChangeSomething) {
  write_model(testing_models::slim_model("resnet18", 96), file("pooled.h5"));
  const Args args{"ablate",  photo("chelsea.jpg"), "--device", "cpu",
                  "--model", file("pooled.h5"),    "--from"};
  const auto with = [&](const Args& more) {
    Args all = args;
    const Json tree = run_json({"explain", photo("chelsea.jpg"), "--device", "cpu", "--model",
                                file("pooled.h5"), "--depth", "1"});
    all.push_back(joined("class:", tree["root"]["channel"].get<int>()));
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const Json mean = run_json(with({"--json"})), zero = run_json(with({"--fill", "zero", "--json"}));
  EXPECT_EQ(mean["unchanged"], true);
  EXPECT_TRUE(mean["correlations"]["contribution"].is_null());
  EXPECT_TRUE(mean["correlations"]["first_order"].is_null());
  EXPECT_EQ(zero["unchanged"], false);
  EXPECT_GT(zero["correlations"]["contribution"], 0.999);
  const CommandResult text = run(with({}));
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_NE(text.out.find("what would: --fill zero or --fill means.h5"), std::string::npos);
  EXPECT_EQ(text.out.find("correlation of the drops"), std::string::npos) << text.out;
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
