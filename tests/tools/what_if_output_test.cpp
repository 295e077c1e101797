/// What the verb what-if says, writes and refuses.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "hdecomp/hdecomp.h"
#include "tests/tools/what_if_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(WhatIfCommand, TextShowsBothSidesAndChance) {
  const CommandResult result = run({"what-if", photo("chelsea.jpg"), "--device", "cpu", "--box",
                                    "100,40,200,200", "--controls", "4"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("box 100,40,200,200 filled with grey"));
  EXPECT_THAT(result.out, HasSubstr("control: 4 boxes of 200 x 200 at places of chance (seed 0)"));
  EXPECT_THAT(result.out, HasSubstr("score before"));
  EXPECT_THAT(result.out, HasSubstr(" % -> "));
  EXPECT_FALSE(std::filesystem::exists("what_if.json"));
}

/// Of the class whose score the filled box raises most, and of the one that is said.
TEST_F(WhatIfCommand, ChanceIsCountedTheWayTheScoreGoes) {
  const std::string image = photo("chelsea.jpg");
  Explainer explainer(Model::bundled("vgg16-slim"), {.device = "cpu"});
  const PhotoRegion region{{100, 40, 200, 200}, {}};
  const WhatIf says = explainer.what_if(Image::load(image), region, RegionFill::grey, {"", 0, 0});
  ClassScore most;
  double rise = 0;
  for (const ClassScore& before : says.before.top) {
    const double by =
        double{std::ranges::find(says.after.top, before.index, &ClassScore::index)->score} -
        before.score;
    if (by > rise) most = before;
    rise = std::max(rise, by);
  }
  ASSERT_GT(rise, 0);
  const Args question{"--box", "100,40,200,200", "--depth", "1", "--controls", "5", "--class"};
  for (const bool rises : {true, false}) {
    Args args = question;
    args.push_back(joined(rises ? most.index : says.before.decision.index));
    const Json json = answer(image, args);
    const double after = json["after"]["decision"]["score"];
    ASSERT_EQ(after >= json["before"]["decision"]["score"].get<double>(), rises);
    int low = 0, high = 0;
    for (const Json& control : json["control"]["each"]) {
      low += control["score"].get<double>() <= after ? 1 : 0;
      high += control["score"].get<double>() >= after ? 1 : 0;
    }
    EXPECT_EQ(json["control"]["as_low"], low);
    EXPECT_EQ(json["control"]["as_high"], high);
    args.insert(args.begin(), {"what-if", image, "--device", "cpu"});
    EXPECT_THAT(run(args).out,
                HasSubstr(rises ? joined("; it rises as high as here in ", high, "\n")
                                : joined("; it falls as low as here in ", low, "\n")));
  }
}

TEST_F(WhatIfCommand, WritesBothTreesAndAReportOfThem) {
  const CommandResult result =
      run({"what-if", photo("portrait.jpg"), "--device", "cpu", "--top", "2", "--off", "conv5_3:1",
           "--controls", "1", "-o", file("out")});
  ASSERT_EQ(result.code, 0) << result.err;
  const auto exists = [&](const std::string& name) {
    return std::filesystem::exists(file("out/" + name));
  };
  for (const char* name : {"what_if.json", "report.html", "before/tree.json", "before/pyramid.png",
                           "after/tree.json", "after/pyramid.png"}) {
    EXPECT_TRUE(exists(name)) << name;
  }
  EXPECT_FALSE(exists("filled.png"));
  const Bytes report = file_testing::read_bytes(file("out/report.html"));
  const Json page = page_of({report.begin(), report.end()});
  ASSERT_EQ(page["pages"].size(), 2u);
  EXPECT_EQ(page["lines"].size(), 3u);
  EXPECT_THAT(page["lines"][2].get<std::string>(), HasSubstr("control: "));
  EXPECT_EQ(page["pages"][0]["image"]["name"], "portrait.jpg, before");
  const Json what = read_json(file("out/what_if.json"));
  EXPECT_EQ(what["format"], "hdecomp-what-if");
  EXPECT_EQ(what["after"]["top"].size(), 5u);
  EXPECT_FALSE(what.contains("tree_before"));
  EXPECT_THAT(result.out, HasSubstr("what_if.json, report.html, before/, after/\n"));
  EXPECT_FALSE(exists("before/.hdecomp-written"));  // one list knows all
  // Another question's files go: of a class below 0 there are no trees (Eq. 1).
  const Json all = run_json({"classify", photo("portrait.jpg"), "--device", "cpu", "--top", "100"});
  const Json& least = all["images"][0]["top"][99];
  ASSERT_LT(least["score"].get<double>(), 0);
  const CommandResult other =
      run({"what-if", photo("portrait.jpg"), "--device", "cpu", "--class", least["index"].dump(),
           "--box", "80,80,9,9", "--controls", "0", "-o", file("out")});
  ASSERT_EQ(other.code, 0) << other.err;
  EXPECT_TRUE(exists("filled.png"));
  EXPECT_FALSE(exists("before"));
  EXPECT_FALSE(exists("after"));
  EXPECT_THAT(other.out, HasSubstr("what_if.json, report.html, filled.png\n"));
  const Bytes bare = file_testing::read_bytes(file("out/report.html"));
  EXPECT_EQ(page_of({bare.begin(), bare.end()})["pages"].size(), 0u);
}

TEST_F(WhatIfCommand, ADifferenceOfTwoClassesIsADecisionToo) {
  const Json top = classify(photo("chelsea.jpg"));
  const Json json = answer(photo("chelsea.jpg"),
                           {"--class", top[0]["index"].dump(), "--versus", top[1]["index"].dump(),
                            "--off", "conv5_3:3", "--controls", "1"});
  EXPECT_NEAR(json["before"]["decision"]["score"].get<double>(),
              top[0]["score"].get<double>() - top[1]["score"].get<double>(), 1e-4);
}

TEST_F(WhatIfCommand, Refuses) {
  what_if_refused({}, "give --box x,y,width,height, --at NODE or --off CHANNELS");
  what_if_refused({"--box", "1,2,3,4", "--at", "top"}, "--at");
  what_if_refused({"--off", "conv5_3:1", "--at", "top"}, "--at");
  what_if_refused({"--box", "0,0,0,5"}, "--box 0,0,0,5: the box is empty");
  what_if_refused({"--box", "0,0,99999,5"}, "--box 0,0,99999,5: the box is not inside");
  what_if_refused({"--box", "nan,0,5,5"}, "--box nan,0,5,5: give four whole numbers");
  what_if_refused({"--box", "0,0,5"}, "--box 0,0,5: give four whole numbers");
  what_if_refused({"--box", "0,0,5,5", "--fill", "zero"}, "--fill zero: pixels are filled with");
  what_if_refused({"--box", "0,0,5,5", "--region", "field"}, "--at");
  what_if_refused({"--box", "0,0,5,5", "--controls", "-1"}, "--controls -1");
  what_if_refused({"--box", "0,0,5,5", "--controls", "100000"}, "--controls 100000");
  what_if_refused({"--box", "0,0,5,5", "--class", "nothing"}, "no class 'nothing'");
  what_if_refused({"--box", "0,0,5,5", "--show", "none"}, "--show none");
  what_if_refused({"--at", "conv5_3"}, "--at 'conv5_3'");
  what_if_refused({"--at", "conv9_9:1"}, "--at conv9_9:1: no layer 'conv9_9'");
  what_if_refused({"--at", "conv5_3:128"}, "--at conv5_3:128: layer conv5_3 has no channel 128");
  what_if_refused({"--at", "conv5_3:1@7,0"}, "--at conv5_3:1@7,0: position (7, 0) is outside");
  what_if_refused({"--at", "top", "--mask-threshold", "nan"}, "--mask-threshold");
  what_if_refused({"--at", "top", "--mask-threshold", "1"}, "--mask-threshold 1");
  what_if_refused({"--off", "conv9_9:1"}, "no layer 'conv9_9'");
  what_if_refused({"--off", "conv5_3:x"}, "--off conv5_3:x: give LAYER:CHANNEL");
  what_if_refused({"--off", "conv5_3:128"}, "--off: layer conv5_3 has no channel 128");
  what_if_refused({"--off", "conv5_3:1,1"}, "conv5_3:1 is named twice");
  what_if_refused({"--off", "scores:1"}, "--off: the channels of layer scores");
  what_if_refused({"--off", "conv5_3:1", "--fill", "grey"}, "--fill grey");
  // The network sees the middle alone.
  refused({"what-if", photo("chelsea.jpg"), "--model", "squeezenet", "--box", "0,0,5,5"},
          "the network sees nothing of the region");
}

}  // namespace
}  // namespace hdecomp
