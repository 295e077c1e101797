/// `hdecomp serve` asked what if: its numbers are the command's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hdecomp/hdecomp.h"
#include "tests/tools/page_testing.h"
#include "tests/tools/serve_testing.h"

namespace hdecomp {
namespace {

using namespace serve_testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ServeWhatIf : public ServerTest {
 protected:
  /// Of coffee.jpg.
  static Json commands(const Args& more) {
    Args args{"what-if", photo("coffee.jpg"), "--device", "cpu", "--depth", "1", "--controls", "3"};
    args.insert(args.end(), more.begin(), more.end());
    return run_json(args);
  }
  /// All but the image's path and what is no part of the answer.
  static Json numbers(const Json& what_if) {
    return without(what_if, {"image", "timings_ms", "tree_before", "tree_after"});
  }
  const std::string path_ = "/api/what-if?image=coffee.jpg&depth=1&controls=3";
};

TEST_F(ServeWhatIf, ABoxIsFilled) {
  const Json told = get_json(path_ + "&box=100,40,200,150&fill=blur");
  const Json expected = commands({"--box", "100,40,200,150", "--fill", "blur"});
  EXPECT_EQ(numbers(told["what_if"]), numbers(expected));
  EXPECT_EQ(told["lines"][0], "box 100,40,200,150 filled with blur");
  EXPECT_THAT(told["lines"][2].get<std::string>(),
              StartsWith("control: 3 boxes of 200 x 150 at places of chance"));
  EXPECT_THAT(told["picture"].get<std::string>(), StartsWith("data:image/jpeg;base64,"));
  const Json& classes = told["classes"];
  ASSERT_GE(classes.size(), 5u);
  EXPECT_EQ(classes[0]["before"]["probability"], expected["before"]["top"][0]["probability"]);
}

TEST_F(ServeWhatIf, WhereAChannelLooksIsFilled) {
  const Json tree = run_json({"explain", photo("coffee.jpg"), "--depth", "1"});
  const Json& first = tree["steps"].begin().value()["children"][0];
  const std::string node = joined("conv5_3:", first["channel"], "@", first["y"], ",", first["x"]);
  for (const std::string region : {"mask", "field"}) {
    const Json told = get_json(joined(path_, "&at=", node, "&region=", region));
    EXPECT_EQ(numbers(told["what_if"]), numbers(commands({"--at", node, "--region", region})));
  }
}

TEST_F(ServeWhatIf, ChannelsAreSwitchedOff) {
  for (const std::string fill : {"zero", "mean"}) {
    const Json told = get_json(path_ + "&off=conv5_3:70,3,conv4_3:40&fill=" + fill);
    EXPECT_EQ(numbers(told["what_if"]),
              numbers(commands({"--off", "conv5_3:70,3,conv4_3:40", "--fill", fill})));
    EXPECT_FALSE(told.contains("picture"));
  }
  // What is explained afterwards is of the whole network again.
  const Json tree = run_json({"explain", photo("coffee.jpg"), "--depth", "2"});
  EXPECT_EQ(without(get_json("/api/tree.json?image=coffee.jpg&depth=2")), without(tree));
}

TEST_F(ServeWhatIf, ADifferenceOfTwoClassesIsOneToo) {
  const Json told = get_json(path_ + "&class=99&versus=3&box=10,10,100,100");
  EXPECT_EQ(numbers(told["what_if"]),
            numbers(commands({"--class", "99", "--versus", "3", "--box", "10,10,100,100"})));
}

TEST_F(ServeWhatIf, WhatCannotBeIsRefused) {
  EXPECT_THAT(error(path_), HasSubstr("give one of box, at and off"));
  EXPECT_THAT(error(path_ + "&box=1,2,3,4&off=conv5_3:1"), HasSubstr("give one of"));
  for (const char* box :
       {"1,2,3", "x", "0,0,0,5", "0,0,-1,5", "0,0,100000,5", "-1,0,5,5",
        "9223372036854775807,0,1,1", "1,1,9223372036854775807,1", ",,,", "1.5,0,3,3"}) {
    EXPECT_THAT(error(joined(path_, "&box=", box)), StartsWith("box ")) << box;
  }
  for (const char* at :
       {"x", "nothing:1", "conv5_3:128", "conv5_3:-1", "conv5_3:1@99,0", "scores:1"}) {
    EXPECT_THAT(error(joined(path_, "&at=", at)), StartsWith("at ")) << at;
  }
  for (const char* off :
       {"x", "nothing:1", "conv5_3:128", "conv5_3:1,1", "scores:1", "input:0", ","}) {
    EXPECT_THAT(error(joined(path_, "&off=", off)), StartsWith("off")) << off;
  }
  EXPECT_THAT(error(path_ + "&off=input:0"), HasSubstr("give box to fill"));
  EXPECT_THAT(error(path_ + "&box=1,2,3,4&fill=green"), HasSubstr("fill: give one of grey"));
  EXPECT_THAT(error(path_ + "&off=conv5_3:1&fill=blur"), HasSubstr("fill: give one of zero"));
  EXPECT_THAT(error(path_ + "&at=conv5_3:1&region=all"), HasSubstr("region: give one of mask"));
  EXPECT_THAT(error("/api/what-if?image=coffee.jpg&box=1,2,3,4&controls=41"),
              HasSubstr("controls: give a whole number from 0 to 40"));
  EXPECT_THAT(error("/api/what-if?image=coffee.jpg&top=20&depth=5&at=conv5_3:1"),
              HasSubstr("top 20 and depth 5"));
  EXPECT_EQ(client_.Get("/api/what-if?image=nowhere.jpg&box=1,2,3,4")->status, 404);
  EXPECT_TRUE(server->is_running());
}

}  // namespace
}  // namespace hdecomp
