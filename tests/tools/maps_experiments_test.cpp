/// The verbs sparse, importance, randomise and compare-models: what must hold of their tables, and
/// what they refuse. tests/compare_experiments.py holds their numbers against PyTorch.
#include <gmock/gmock.h>

#include <cmath>

#include "hdecomp/model.h"
#include "tests/tools/experiments_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;

double number(const std::string& cell) { return cell == "-" ? NAN : std::stod(cell); }

/// Two small seeded models of one architecture.
std::string small_model(const std::string& folder, uint64_t seed) {
  const std::string path = folder + "/small" + std::to_string(seed) + ".h5";
  Model::initialise("cifar_resnet20", seed, 4).save(path);
  return path;
}

TEST_F(Experiments, SparseKeepsMoreAndMoreAndAllInTheEnd) {
  write_text(file("labels.txt"), "faces_easy\n");
  const Json json =
      run_json(over("sparse", {"portrait.jpg"},
                    {"--labels", file("labels.txt"), "--top", "16", "-o", file("sparse.h5")}));
  EXPECT_EQ(json["measured"], 1);
  EXPECT_EQ(json["header"].size(), 1u + 5);  // k = 1, 2, 4, 8, 16
  for (const char* stage : {"conv5_3", "conv4_3", "conv3_3", "conv2_2", "conv1_2"}) {
    const Args kept = row(json, joined("channels kept, ", stage));
    for (size_t k = 2; k < kept.size(); ++k) EXPECT_GE(number(kept[k]), number(kept[k - 1]));
    EXPECT_LE(number(kept.back()), 1);
  }
  EXPECT_EQ(row(json, "channels kept, conv5_3").at(1), "0.008");  // 1 of 128
  EXPECT_EQ(number(row(json, "accuracy, full network").at(1)), 1);
  for (const char* way : {"gAP", "random", "largest features"}) {
    EXPECT_EQ(row(json, joined("match, ", way)).size(), 6u);
    EXPECT_GE(number(row(json, joined("KL divergence, ", way)).at(1)), 0);
  }
}

/// Of the first stage's channels fewer than half support the class: by magnitude k is always k.
TEST_F(Experiments, SparseByMagnitudeCountsWhatSpeaksAgainst) {
  const auto kept = [&](const std::string& by) {
    const Json json = run_json(
        over("sparse", {"portrait.jpg"}, {"--top", "64", "--by", by, "-o", file(by + ".h5")}));
    EXPECT_EQ(json["options"]["by"], by);
    return row(json, "channels kept, conv5_3");
  };
  const Args magnitude = kept("magnitude"), contribution = kept("contribution");
  for (int k = 1, i = 1; k <= 64; k *= 2, ++i) {
    EXPECT_NEAR(number(magnitude.at(i)), k / 128.0, 6e-4) << k;
  }
  EXPECT_LT(number(contribution.back()), number(magnitude.back()));
}

TEST_F(Experiments, SparseIsTheSameForASeedAndForAnyBatch) {
  const auto table = [&](const Args& flags, const std::string& name) {
    Args all{"--top", "2", "-o", file(name)};
    all.insert(all.end(), flags.begin(), flags.end());
    return run_json(over("sparse", {"portrait.jpg", "coffee.jpg"}, all))["rows"];
  };
  const Json first = table({"--batch", "1"}, "a.h5");
  EXPECT_EQ(table({"--batch", "2"}, "b.h5"), first);
  EXPECT_NE(table({"--seed", "3"}, "c.h5"), first);
}

TEST_F(Experiments, ImportanceAblatesEachStageByEachMethod) {
  const Json json = run_json(over("importance", {"portrait.jpg"},
                                  {"--steps", "50", "--top", "2", "-o", file("importance.h5")}));
  for (const char* stage : {"conv5_3", "conv1_2"}) {
    for (const char* method : {"gAP, tree", "gAP, from the class", "conductance", "influence",
                               "influence x activation", "LRP", "random"}) {
      const Args score = row(json, joined(stage, " F'/F, ", method));
      EXPECT_TRUE(std::isfinite(number(score.at(1)))) << stage << method;
      // conv1_2 has 16 channels.
      EXPECT_EQ(std::isfinite(number(score.at(7))), std::string(stage) == "conv5_3");
    }
    EXPECT_LT(number(row(json, joined(stage, " incompleteness")).at(1)), 0.1);
  }
  // The first channel of the class's own ranking is the one that gAP puts first.
  EXPECT_EQ(row(json, "conv5_3 F'/F, gAP, tree").at(1),
            row(json, "conv5_3 F'/F, gAP, from the class").at(1));
}

TEST_F(Experiments, RandomiseGoesDownLayerAfterLayer) {
  const std::string model = small_model(files_, 1);
  const auto run_it = [&](const Args& flags, const std::string& name) {
    Args all{"--model", model, "--methods", "gradient,gap,grad-cam", "-o", file(name)};
    all.insert(all.end(), flags.begin(), flags.end());
    return run_json(over("randomise", {"portrait.jpg", "coffee.jpg"}, all));
  };
  const Json down = run_it({}, "down.h5");
  EXPECT_EQ(down["header"][1], "fc");
  EXPECT_EQ(down["header"][down["header"].size() - 2], "conv1");
  EXPECT_EQ(down["measured"], 2);
  for (const char* method : {"gradient", "gap N=3"}) {
    const double last = number(row(down, joined(method, ", absolute")).at(20));
    EXPECT_LT(std::abs(last), 0.95);
    EXPECT_TRUE(
        std::isfinite(number(row(down, joined(method, " against edges, absolute")).at(21))));
    EXPECT_TRUE(
        std::isfinite(number(row(down, joined(method, " against another image, signed")).at(21))));
  }
  // A layer's map is smaller than edges and SSIM's windows may be.
  const Json blocks = run_it({"--by", "block", "--order", "independent"}, "blocks.h5");
  EXPECT_EQ(blocks["header"][1], "fc");
  EXPECT_EQ(blocks["header"][2], "layer3.2");
  // The top layer alone is the same either way.
  EXPECT_EQ(row(blocks, "gradient, absolute").at(1), row(down, "gradient, absolute").at(1));
  const Json up = run_it({"--order", "bottom-up", "--draw", "permute"}, "up.h5");
  EXPECT_EQ(up["header"][1], "conv1");
}

TEST_F(Experiments, RandomiseHasAMapForEachN) {
  const std::string model = small_model(files_, 1);
  const auto run_it = [&](const std::string& top, const std::string& name) {
    return run_json(over("randomise", {"portrait.jpg", "coffee.jpg"},
                         {"--model", model, "--methods", "gap,gradient", "--top", top, "--by",
                          "block", "-o", file(name)}));
  };
  const Json several = run_it("1,4", "several.h5"), one = run_it("4", "one.h5");
  EXPECT_EQ(several["options"]["methods"], "gap N=1,gap N=4,gradient");
  for (const char* measure : {"absolute", "signed", "SSIM"}) {
    const std::string name = joined("gap N=4, ", measure);
    EXPECT_EQ(row(several, name), row(one, name));
    EXPECT_NE(row(several, joined("gap N=1, ", measure)), row(several, name)) << measure;
  }
}

TEST_F(Experiments, AModelComparedWithItselfIsTheSame) {
  const std::string one = small_model(files_, 1), two = small_model(files_, 2);
  const Args same_flags{"--model",      one,  "--other",      one, "--methods",
                        "gradient,lrp", "-o", file("same.h5")};
  const Json same = run_json(over("compare-models", {"portrait.jpg"}, same_flags));
  EXPECT_EQ(number(row(same, "gradient, absolute").at(1)), 1);
  EXPECT_EQ(number(row(same, "lrp, SSIM").at(1)), 1);
  EXPECT_EQ(number(row(same, "lrp, eMPRT").at(2)), 0);
  const Args flags{"--model", one, "--other", two, "--methods", "gradient", "-o", file("other.h5")};
  EXPECT_LT(
      number(
          row(run_json(over("compare-models", {"portrait.jpg"}, flags)), "gradient, signed").at(1)),
      0.9);
}

TEST_F(Experiments, WhatMapsExperimentsRefuse) {
  const std::string one = small_model(files_, 1);
  const auto refusal = [&](const std::string& verb, const Args& flags) {
    const CommandResult result = run(over(verb, {"portrait.jpg"}, flags));
    EXPECT_EQ(result.code, 2) << result.err;
    return result.err;
  };
  EXPECT_THAT(refusal("sparse", {"--top", "0", "-o", file("a.h5")}),
              ::testing::HasSubstr("--top 0"));
  EXPECT_THAT(refusal("randomise", {"--top", "3,0", "-o", file("e.h5")}),
              ::testing::HasSubstr("--top 0"));
  EXPECT_THAT(refusal("importance", {"--steps", "0", "-o", file("b.h5")}),
              ::testing::HasSubstr("--steps 0"));
  EXPECT_THAT(refusal("randomise", {"--methods", "gradient,guess", "-o", file("c.h5")}),
              ::testing::HasSubstr("guess"));
  EXPECT_THAT(refusal("compare-models", {"--other", one, "-o", file("d.h5")}),
              ::testing::HasSubstr("not of one architecture"));
  const auto unused = [&](const std::string& verb, Args flags, const std::string& methods,
                          const std::string& line) {
    const std::string flag = flags[0];
    flags.insert(flags.end(), {"--methods", methods, "-o", file("f.h5")});
    if (verb == "compare-models") flags.insert(flags.end(), {"--other", one, "--model", one});
    EXPECT_THAT(refusal(verb, flags), ::testing::HasSubstr(joined(flag, ": --methods ", methods,
                                                                  " has no use for it; ", line)));
  };
  unused("randomise", {"--samples", "3"}, "gap,gradient", "smoothgrad, integrated-gradients have");
  unused("randomise", {"--top", "2"}, "smoothgrad", "gap has");
  unused("compare-models", {"--gap-sum", "chain"}, "lrp", "gap has");
  unused("compare-models", {"--seed", "1"}, "integrated-gradients", "smoothgrad has");
}

}  // namespace
}  // namespace hdecomp
