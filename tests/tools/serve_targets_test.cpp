/// `hdecomp serve` asked for any target: classes that are not positive, neurons, coverage, evidence
/// against.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/page_testing.h"
#include "tests/tools/serve_testing.h"

namespace hdecomp {
namespace {

using namespace serve_testing;
using ::testing::HasSubstr;

class ServeTargets : public ServerTest {
 protected:
  /// The index of the least probable class of a photograph, whose score is below 0.
  static std::string unlikely(const std::string& image) {
    const Json scores = run_json({"classify", photo(image), "--top", "100"});
    return dump_json(scores["images"][0]["top"][99]["index"]);
  }
  /// The page's steps with the numbers that tree.json has, too.
  static void expect_same_steps(const Json& page, const Json& tree) {
    ASSERT_EQ(page.size(), tree.size());
    for (const auto& [place, step] : tree.items()) {
      ASSERT_TRUE(page.contains(place)) << place;
      ASSERT_EQ(page[place]["children"].size(), step["children"].size()) << place;
      for (size_t i = 0; i < step["children"].size(); ++i) {
        for (const char* key : {"channel", "y", "x", "contribution", "share"}) {
          EXPECT_EQ(page[place]["children"][i][key].get<float>(),
                    step["children"][i][key].get<float>())
              << place << key;
        }
      }
    }
  }
};

TEST_F(ServeTargets, AClassThatIsNotPositiveIsTheTopOnesLead) {
  const std::string other = unlikely("portrait.jpg");
  const std::string query = "?image=portrait.jpg&depth=2&class=index:" + other;
  const Json parts = streamed("/api/explain" + query);
  const Json& page = parts["page"]["page"];
  EXPECT_EQ(page["difference"]["one"], 36);
  EXPECT_EQ(dump_json(page["difference"]["other"]), other);
  EXPECT_THAT(page["difference"]["words"].get<std::string>(),
              HasSubstr("explained is why 'faces_easy' is ahead of it"));
  EXPECT_EQ(page["top"].size(), 5u);  // of the whole network
  EXPECT_EQ(page["top"][0]["index"], 36);
  const Json tree = run_json(
      {"explain", photo("portrait.jpg"), "--class", "36", "--versus", other, "--depth", "2"});
  expect_same_steps(parts["level"]["steps"], tree["steps"]);
  EXPECT_EQ(page["root"]["value"].get<float>(), tree["root"]["value"].get<float>());
  EXPECT_EQ(without(get_json("/api/tree.json" + query)), without(tree));
  // A step of it, and its report.
  const std::string two = "&class=index:36&versus=index:" + other;
  const Json step = get_json("/api/decompose?image=portrait.jpg&from=scores:0@0,0" + two);
  EXPECT_EQ(step["steps"]["scores:0@0,0"], parts["level"]["steps"]["scores:0@0,0"]);
  const auto report = client_.Get("/api/report.html" + query);
  ASSERT_TRUE(report);
  EXPECT_EQ(page_of(report->body)["difference"], page["difference"]);
  EXPECT_EQ(streamed("/api/explain?image=portrait.jpg&depth=1" + two)["page"]["page"]["root"],
            page["root"]);
}

TEST_F(ServeTargets, ATreeFromANeuronIsTheCommands) {
  const std::string query = "?image=portrait.jpg&from=conv4_3:40@6,8";
  const Json parts = streamed("/api/explain" + query);
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--from", "conv4_3:40@6,8"});
  expect_same_steps(parts["level"]["steps"], tree["steps"]);
  EXPECT_EQ(parts["page"]["page"]["root"]["layer"], "conv4_3");
  EXPECT_FALSE(parts["page"]["page"]["root"].contains("class"));
  EXPECT_EQ(without(get_json("/api/tree.json" + query)), without(tree));
  EXPECT_EQ(client_.Get("/api/report.html" + query)->status, 200);
  EXPECT_EQ(client_.Get("/api/pyramid.png" + query)->status, 200);
}

TEST_F(ServeTargets, ChannelsByCoverageAreTheCommands) {
  const std::string query = "?image=portrait.jpg&depth=3&cover=0.4&top=7";
  const Json tree =
      run_json({"explain", photo("portrait.jpg"), "--cover", "0.4", "--top", "7", "--depth", "3"});
  expect_same_steps(streamed("/api/explain" + query)["level"]["steps"], tree["steps"]);
  const Json step =
      get_json("/api/decompose?image=portrait.jpg&from=scores:36@0,0&cover=0.4&top=7")["steps"];
  EXPECT_EQ(step["scores:36@0,0"]["children"].size(),
            tree["steps"]["scores:36@0,0"]["children"].size());
}

TEST_F(ServeTargets, EvidenceAgainstEachDecisionIsTheLowestChannels) {
  const std::string query = "?image=portrait.jpg&depth=2&signed=1";
  const Json parts = streamed("/api/explain" + query);
  const Json& against = parts["against"]["against"];
  EXPECT_GT(against.size(), 2u);
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--depth", "2"});
  for (const auto& [place, step] : tree["steps"].items()) {
    const auto alpha = step["contributions"].get<std::vector<double>>();
    std::vector<int64_t> lowest;
    for (size_t c = 0; c < alpha.size(); ++c) {
      if (alpha[c] < 0) lowest.push_back(static_cast<int64_t>(c));
    }
    std::ranges::stable_sort(lowest, {}, [&](int64_t c) { return alpha[c]; });
    lowest.resize(std::min<size_t>(lowest.size(), 3));
    ASSERT_EQ(against.contains(place), !lowest.empty()) << place;
    for (size_t i = 0; i < lowest.size(); ++i) {
      const Json& node = against[place].at(i);
      EXPECT_EQ(node["channel"], lowest[i]) << place;
      EXPECT_EQ(node["against"], true);
      EXPECT_LT(node["lowest"].get<double>(), 0);
      EXPECT_EQ(node["contribution"].get<float>(), static_cast<float>(alpha[lowest[i]]));
      EXPECT_TRUE(node.contains("map"));
    }
  }
  const Json step = get_json("/api/decompose?image=portrait.jpg&signed=1&from=scores:36@0,0");
  EXPECT_EQ(step["against"]["scores:36@0,0"], against["scores:36@0,0"]);
  // The report has them among the children, the command's as the server's.
  const std::string folder = empty_folder();
  run({"explain", photo("portrait.jpg"), "--depth", "2", "--signed", "--html", "--no-pictures",
       "--output-dir", folder});
  const Json made = page_of(content_of_file(folder + "/report.html"))["steps"];
  const Json served = page_of(client_.Get("/api/report.html" + query)->body)["steps"];
  EXPECT_EQ(made, served);
  const Json& children = made["scores:36@0,0"]["children"];
  ASSERT_EQ(children.size(), 6u);
  EXPECT_EQ(children[3], against["scores:36@0,0"][0]);
}

TEST_F(ServeTargets, WhatCannotBeIsRefused) {
  const std::string image = "/api/explain?image=portrait.jpg";
  for (const char* share : {"0", "-0.1", "1.5", "half", "nan", "inf", "1e400", "0.5x"}) {
    EXPECT_THAT(error(joined(image, "&cover=", share)), HasSubstr("cover:")) << share;
  }
  EXPECT_THAT(error(image + "&signed=2"), HasSubstr("signed:"));
  EXPECT_THAT(error(image + "&versus=3"), HasSubstr("versus:"));
  EXPECT_THAT(error(image + "&class=3&versus=nothing"), HasSubstr("no class"));
  EXPECT_THAT(error(image + "&class=3&from=conv4_3:40@6,8"), HasSubstr("leave out class"));
  EXPECT_THAT(error(image + "&top=5&depth=5&signed=1"), HasSubstr("nodes"));
  const auto told = [&](const std::string& more) {
    const Json parts = streamed(image + more);
    return parts.contains("error") ? parts["error"]["error"].get<std::string>() : "";
  };
  EXPECT_THAT(told("&class=3&versus=3"), HasSubstr("is the class itself"));
  EXPECT_THAT(told("&from=conv4_3:330@7,6"), HasSubstr("no channel 330"));
  EXPECT_THAT(told("&from=conv4_3:40@6"), HasSubstr("is not LAYER:CHANNEL@Y,X"));
  EXPECT_THAT(told("&from=conv4_3:40@99999999999999999999,8"), HasSubstr("LAYER:CHANNEL@Y,X"));
  EXPECT_THAT(told("&from=conv4_3:40@-1,8"), HasSubstr("outside the map"));
  EXPECT_THAT(told("&from=conv1_1:4@6,8"), HasSubstr("no stage below"));
  EXPECT_THAT(told("&from=conv4_3:40@6,8&depth=4"), HasSubstr("give 1 to 3"));
  EXPECT_THAT(told("&cover=1&top=20"), HasSubstr("at most 4000 are drawn here"));
  EXPECT_THAT(error("/api/tree.json?image=portrait.jpg&cover=1&top=20"), HasSubstr("nodes"));
}

}  // namespace
}  // namespace hdecomp
