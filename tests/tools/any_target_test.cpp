/// Channels by coverage, and decisions other than a likely class: `explain --cover`, `--from`, and
/// classes whose score is not positive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hdecomp/hdecomp.h"
#include "tests/tools/command_errors_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using ::testing::HasSubstr;

class AnyTarget : public CommandErrors {
 protected:
  static Args explain(const Args& more) {
    Args args{"explain", photo("portrait.jpg"), "--device", "cpu"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
};

TEST_F(AnyTarget, ChannelsByCoverageAreAsFewAsReachTheShare) {
  const Json tree = run_json(explain({"--cover", "0.4", "--depth", "3", "--top", "7"}));
  int64_t bounded = 0, reached = 0;
  for (const auto& [place, step] : tree["steps"].items()) {
    const double positive = step["positive"];
    double covered = 0, last = 0;
    for (const Json& child : step["children"]) {
      last = child["contribution"];
      covered += last;
    }
    EXPECT_LT(covered - last, 0.4 * positive) << place;
    EXPECT_LE(step["children"].size(), 7u);
    if (covered >= 0.4 * positive) {
      ++reached;
    } else {
      ++bounded;
      EXPECT_EQ(step["children"].size(), 7u) << place;
    }
  }
  EXPECT_GT(reached, 0);
  EXPECT_GT(bounded, 0);
  // One step by itself; and 16 channels where --top does not say.
  const Json step = run_json({"decompose", photo("portrait.jpg"), "--device", "cpu", "--from",
                              "class:36", "--to", "conv5_3", "--cover", "0.4", "--top", "7"});
  EXPECT_EQ(step["step"]["children"], tree["steps"]["scores:36@0,0"]["children"]);
  const Json wide = run_json(explain({"--cover", "1", "--depth", "1"}));
  EXPECT_EQ(wide["steps"].begin().value()["children"].size(), 16u);
}

TEST_F(AnyTarget, CoverageOfMergedChannelsCountsTheirMembers) {
  const Json tree = run_json(
      explain({"--cover", "0.7", "--depth", "1", "--top", "60", "--merge-overlaps", "0.3"}));
  const Json& step = tree["steps"].begin().value();
  const auto alpha = step["contributions"].get<std::vector<double>>();
  double covered = 0, last = 0;
  int64_t members = 0;
  for (const Json& child : step["children"]) {
    last = child["contribution"];
    for (const Json& member : child.value("members", Json::array())) {
      last += alpha.at(member.get<size_t>());
      ++members;
    }
    covered += last;
  }
  EXPECT_GT(members, 0);
  EXPECT_GE(covered, 0.7 * step["positive"].get<double>());
  EXPECT_LT(covered - last, 0.7 * step["positive"].get<double>());
}

TEST_F(AnyTarget, OtherSharesAreRefused) {
  for (const char* share : {"0", "-0.1", "1.5", "half", "nan"}) {
    refused(explain({"--cover", share}), "--cover");
  }
  refused(explain({"--cover", "0.5", "--top", "3368420", "--model", "squeezenet"}),
          "--top 3368420: a tree of 4 levels");
}

TEST_F(AnyTarget, ATreeFromANeuronIsTheWholeTreesPart) {
  const Json whole = run_json(explain({}));
  const Json part = run_json(explain({"--from", "conv4_3:40@6,8"}));
  EXPECT_EQ(part["layers"], (Json{"conv3_3", "conv2_2", "conv1_2"}));
  EXPECT_EQ(part["top"], whole["top"]);
  const Json& root = part["root"];
  EXPECT_EQ(place_of(root), "conv4_3:40@6,8");
  EXPECT_FALSE(root.contains("class"));
  EXPECT_FALSE(root.contains("probability"));
  EXPECT_GT(part["steps"].size(), 10u);
  for (const auto& [place, step] : part["steps"].items()) {
    EXPECT_EQ(step, whole["steps"].at(place)) << place;
  }
  const std::string printed = run(explain({"--from", "conv4_3:40@6,8", "--depth", "1"})).out;
  EXPECT_THAT(printed, HasSubstr("\n\nconv4_3:40@6,8  F "));
  EXPECT_THAT(printed, HasSubstr("\nthe value of "));
}

TEST_F(AnyTarget, FromAClassIsThatClass) {
  const Json by_from = run_json(explain({"--from", "class:36", "--depth", "1"}));
  EXPECT_EQ(without(by_from), without(run_json(explain({"--class", "36", "--depth", "1"}))));
}

TEST_F(AnyTarget, ATreeFromANeuronIsDrawnAndReported) {
  const std::string folder = file("out");
  const Json tree = run_json(explain(
      {"--from", "conv4_3:40@6,8", "--depth", "2", "--guided", "--html", "--output-dir", folder}));
  EXPECT_EQ(list_of(folder).size(), 6u + 3u + 3u * 3u + 1u);
  const Args listed = list_of(folder);
  for (const char* name : {"levels/1_conv3_3.png", "levels/2_conv2_2.png", "pyramid.png",
                           "report.html", "tree.json"}) {
    EXPECT_THAT(listed, ::testing::Contains(name));
  }
}

TEST_F(AnyTarget, NeuronsThatAreNoDecisionAreRefused) {
  refused(explain({"--from", "conv4_3:330@7,6"}), "--from: layer conv4_3 has no channel 330");
  refused(explain({"--from", "conv4_3:40@6"}), "is not LAYER:CHANNEL@Y,X");
  refused(explain({"--from", "conv1_1:4@6,8"}), "has no stage below conv1_1");
  refused(explain({"--from", "conv4_3:40@6,8", "--depth", "4"}),
          "has 3 stages below conv4_3; give 1 to 3, or all");
  refused(explain({"--from", "conv4_3:40@6,8", "--class", "1"}), "--from");
  refused(explain({"--from", "conv4_3:40@6,8", "--html", "--output-dir", file("out"), "--saliency",
                   "gradient"}),
          "leave out --from");
  Explainer explainer(Model::bundled("vgg16-slim"), {.device = "cpu"});
  const Image image = Image::load(photo("portrait.jpg"));
  for (int channel = 0; channel < 128; ++channel) {
    const std::string from = joined("conv4_3:", channel, "@0,0");
    try {
      explainer.explain(image, {.depth = 1, .from = from});
    } catch (const ImageError&) {
      return refused(explain({"--from", from}), from + " is 0; only a positive decision");
    }
  }
  FAIL() << "no neuron is 0";
}

TEST_F(AnyTarget, AClassThatIsNotPositiveIsTheTopOnesLead) {
  const Json scores = run_json({"classify", photo("portrait.jpg"), "--top", "100"});
  const Json& top = scores["images"][0]["top"];
  const Json& last = top[99];
  ASSERT_LT(last["score"].get<double>(), 0);
  const std::string other = dump_json(last["index"]);
  const Args asked = explain({"--class", other, "--depth", "1", "--json"});
  const CommandResult result = run(asked);
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(lines_of(result.err), 1u);
  EXPECT_THAT(result.err, HasSubstr("the score of '" + last["name"].get<std::string>() + "' is -"));
  EXPECT_THAT(result.err, HasSubstr("why 'faces_easy' is ahead of it (--versus)"));
  EXPECT_EQ(without(parse_json(result.out)),
            without(run_json(explain({"--class", "36", "--versus", other, "--depth", "1"}))));
  const CommandResult one = run({"decompose", photo("portrait.jpg"), "--device", "cpu", "--from",
                                 "class:" + other, "--to", "conv5_3", "--json"});
  EXPECT_EQ(one.err, result.err);
  EXPECT_EQ(parse_json(one.out)["step"], parse_json(result.out)["steps"]["scores:0@0,0"]);
}

}  // namespace
}  // namespace hdecomp
