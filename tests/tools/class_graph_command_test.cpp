/// The verb class-graph: its graphs against the trees that explain prints, walked path by path.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/tools/experiments_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;
using ::testing::HasSubstr;

using Ends = std::pair<int, int>;  // channel above, channel below

/// What a walk adds up.
struct WalkedLevel {
  std::map<Ends, double> weights;
  std::map<Ends, int> trees;
  std::map<int, int> channel_trees;
};

class ClassGraphCommand : public Experiments {
 protected:
  /// The portrait mirrored and darkened, each a face of its own: classes of unequal size.
  ClassGraphCommand() {
    Image face = Image::load(photo("portrait.jpg"));
    for (uint8_t& value : face.rgb) value = static_cast<uint8_t>(value / 2);
    save_png(face, file("dark.png"));
    face = Image::load(photo("portrait.jpg"));
    const Image there = face;
    for (int64_t y = 0; y < face.height; ++y) {
      for (int64_t x = 0; x < face.width; ++x) {
        for (int64_t c = 0; c < 3; ++c) {
          face.rgb[(y * face.width + x) * 3 + c] =
              there.rgb[(y * face.width + face.width - 1 - x) * 3 + c];
        }
      }
    }
    save_png(face, file("mirrored.png"));
  }

  Args faces() const { return {"portrait.jpg", file("mirrored.png"), file("dark.png")}; }
  /// Three faces and two photographs of other classes.
  Args photos() const {
    Args all = faces();
    all.insert(all.begin() + 1, {"coffee.jpg", "chelsea.jpg"});
    return all;
  }

  Args graph(const Args& names, const Args& more, const std::string& output) const {
    Args args = over("class-graph", names, {"-o", file(output)});
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

  static void walk(const Json& node, double weight, size_t level,
                   std::vector<std::map<Ends, double>>& sums) {
    if (!node.contains("children")) return;
    for (const Json& child : node["children"]) {
      if (sums.size() <= level) sums.resize(level + 1);
      double share = child["share"];
      const Json& step = node["decomposition"];
      for (const Json& member : child.value("members", Json::array())) {
        share += step["contributions"][member.get<size_t>()].get<double>() /
                 step["positive"].get<double>();
      }
      const double reached = weight * share;
      sums[level][{node["channel"], child["channel"]}] += reached;
      walk(child, reached, level + 1, sums);
    }
  }

  /// By class, over explain's trees of these photographs.
  std::map<int, std::vector<WalkedLevel>> walked(const Args& names, const Args& more,
                                                 std::map<int, int>& count) const {
    std::map<int, std::vector<WalkedLevel>> classes;
    for (const std::string& name : names) {
      Args args{"explain", name.starts_with("/") ? name : photo(name), "--device", "cpu"};
      args.insert(args.end(), more.begin(), more.end());
      const Json tree = run_json(args);
      std::vector<std::map<Ends, double>> sums;
      walk(walkable(tree), 1, 0, sums);
      ++count[tree["root"]["channel"]];
      std::vector<WalkedLevel>& levels = classes[tree["root"]["channel"]];
      levels.resize(std::max(levels.size(), sums.size()));
      for (size_t l = 0; l < sums.size(); ++l) {
        std::set<int> met;
        for (const auto& [ends, weight] : sums[l]) {
          levels[l].weights[ends] += weight;
          ++levels[l].trees[ends];
          if (met.insert(ends.second).second) ++levels[l].channel_trees[ends.second];
        }
      }
    }
    return classes;
  }

  void expect_walked(const Json& json, const Args& names, const Args& more) const {
    std::map<int, int> count;
    const auto classes = walked(names, more, count);
    ASSERT_EQ(json["graphs"].size(), classes.size());
    for (const Json& graph : json["graphs"]) {
      const std::vector<WalkedLevel>& levels = classes.at(graph["class"]);
      const int trees = count.at(graph["class"]);
      EXPECT_EQ(graph["trees"], trees);
      ASSERT_EQ(graph["levels"].size(), levels.size());
      for (size_t l = 0; l < levels.size(); ++l) {
        const Json& level = graph["levels"][l];
        ASSERT_EQ(level["edges"].size(), levels[l].weights.size());
        double reach = 0;
        for (const Json& edge : level["edges"]) {
          const Ends ends{edge["above"], edge["below"]};
          ASSERT_TRUE(levels[l].weights.contains(ends)) << ends.first << " " << ends.second;
          EXPECT_EQ(edge["trees"], levels[l].trees.at(ends));
          const double weight = levels[l].weights.at(ends) / trees;
          EXPECT_NEAR(edge["weight"], weight, 1e-6 * weight);
          reach += weight;
        }
        EXPECT_NEAR(level["reach"], reach, 1e-6);
        EXPECT_EQ(level["held"], 1);
        ASSERT_EQ(level["channels"].size(), levels[l].channel_trees.size());
        for (const Json& channel : level["channels"]) {
          EXPECT_EQ(channel["trees"], levels[l].channel_trees.at(channel["channel"]));
        }
      }
    }
  }
};

TEST_F(ClassGraphCommand, AddsUpTheTreesThatExplainPrints) {
  const Json json = run_json(graph(photos(), {"--share", "1"}, "own.h5"));
  ASSERT_EQ(json["graphs"].size(), 3u);
  EXPECT_EQ(json["graphs"][0]["name"], "faces_easy");  // of most trees
  EXPECT_EQ(json["graphs"][0]["trees"], 3);
  EXPECT_EQ(json["graphs"][1]["trees"], 1);
  int shared = 0;
  for (const Json& edge : json["graphs"][0]["levels"][1]["edges"]) shared += edge["trees"] == 2;
  EXPECT_GT(shared, 0);  // else nothing here is a sum
  expect_walked(json, photos(), {});
}

TEST_F(ClassGraphCommand, OneClassOfAllImages) {
  const Args one{"--class", "faces_easy", "--top", "2", "--depth", "3"};
  Args all = one;
  all.insert(all.end(), {"--share", "1"});
  const Json json = run_json(graph(faces(), all, "one.h5"));
  ASSERT_EQ(json["measured"], 3);
  ASSERT_EQ(json["graphs"].size(), 1u);
  expect_walked(json, faces(), one);
}

TEST_F(ClassGraphCommand, AMergedNodeCountsAsItsFirstChannelWithTheSharesOfAll) {
  const Args merged{"--merge-overlaps", "0.2", "--mask-threshold", "0.3", "--depth", "2"};
  Args all = merged;
  all.insert(all.end(), {"--share", "1"});
  const Json json = run_json(graph(faces(), all, "m.h5"));
  expect_walked(json, faces(), merged);
  const Json plain = run_json(graph(faces(), {"--depth", "2", "--share", "1"}, "p.h5"));
  EXPECT_GT(json["graphs"][0]["levels"][0]["reach"], plain["graphs"][0]["levels"][0]["reach"]);
  EXPECT_EQ(json["options"]["merge_overlaps"], "0.2");
  EXPECT_EQ(json["options"]["mask"], "A > 0.3 x its maximum");
  const std::map<std::string, Args> others{{"m.h5", {"--depth", "2"}}, {"p.h5", merged}};
  for (const auto& [name, more] : others) {
    Args args = graph(faces(), more, name);
    args.emplace_back("--resume");
    const CommandResult other = run(args);
    EXPECT_EQ(other.code, 2);
    EXPECT_THAT(other.err, HasSubstr("cannot go on: the option definition is "));
  }
}

/// Chelsea's score of stop_sign is just positive.
TEST_F(ClassGraphCommand, GroupsByLabelWhereItIsAskedTo) {
  write_text(file("labels.txt"), "faces_easy\nstop_sign\nfaces_easy\n");
  const Json json = run_json(
      graph({"portrait.jpg", "chelsea.jpg", file("dark.png")},
            {"--labels", file("labels.txt"), "--class", "label", "--depth", "2", "--share", "1"},
            "l.h5"));
  ASSERT_EQ(json["graphs"].size(), 2u);
  EXPECT_EQ(json["graphs"][0]["name"], "faces_easy");
  EXPECT_EQ(json["graphs"][0]["trees"], 2);
  EXPECT_EQ(json["graphs"][1]["name"], "stop_sign");
  EXPECT_EQ(json["graphs"][0]["levels"].size(), 2u);
  EXPECT_EQ(json["header"],
            (Json{"class", "trees", "conv5_3 reach", "channels", "conv4_3 reach", "channels"}));
}

TEST_F(ClassGraphCommand, PrunesWhatItShowsAndKeepsAllInItsFiles) {
  const Json all = run_json(graph(photos(), {"--share", "1"}, "g.h5"));
  const std::string edges = content("g.edges.csv");
  EXPECT_EQ(edges.find(",0\n"), std::string::npos);
  const auto bytes = read_bytes(file("g.h5"));
  const Json half = run_json(graph(photos(), {"--share", "0.5", "--resume"}, "g.h5"));
  EXPECT_EQ(read_bytes(file("g.h5")), bytes);
  EXPECT_EQ(lines_of(content("g.edges.csv")), lines_of(edges));
  EXPECT_NE(content("g.edges.csv").find(",0\n"), std::string::npos);
  for (size_t i = 0; i < all["graphs"].size(); ++i) {
    const Json &whole = all["graphs"][i]["levels"][0], &part = half["graphs"][i]["levels"][0];
    EXPECT_EQ(part["reach"], whole["reach"]);
    EXPECT_LT(part["edges"].size(), whole["edges"].size());
    EXPECT_GE(part["held"], 0.5);
    double held = 0;  // without its last edge it would hold less than half
    for (size_t e = 0; e + 1 < part["edges"].size(); ++e) {
      held += part["edges"][e]["weight"].get<double>();
    }
    EXPECT_LT(held, 0.5 * whole["reach"].get<double>());
  }
}

TEST_F(ClassGraphCommand, IsTheSameInAnyBatch) {
  run_json(graph(photos(), {"--batch", "1"}, "a.h5"));
  run_json(graph(photos(), {"--batch", "3"}, "b.h5"));
  EXPECT_EQ(read_bytes(file("a.h5")), read_bytes(file("b.h5")));
  EXPECT_EQ(content("a.edges.csv"), content("b.edges.csv"));
}

TEST_F(ClassGraphCommand, DrawsAPictureAndAPage) {
  const CommandResult result = run(graph(
      photos(), {"--output-dir", file("out"), "--show", "faces_easy", "--depth", "2"}, "g.h5"));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("faces_easy (class "));
  EXPECT_THAT(result.out, HasSubstr("  faces_easy <- conv5_3:"));
  EXPECT_THAT(result.out, HasSubstr("3 of 3"));
  const Json json = run_json(graph(photos(), {"--resume", "--depth", "2"}, "g.h5"));
  std::vector<std::string> expected{"graphs.html"};
  for (const Json& one : json["graphs"])
    expected.push_back(joined(one["class"].get<int>(), ".png"));
  std::ranges::sort(expected);
  EXPECT_EQ(list_of(file("out")), expected);
  const Image picture =
      Image::load(file(joined("out/", json["graphs"][0]["class"].get<int>(), ".png")));
  EXPECT_GT(picture.width, 500);
  const std::string page = content("out/graphs.html");
  EXPECT_THAT(page, HasSubstr("\"name\":\"faces_easy\""));
}

TEST_F(ClassGraphCommand, ThePageShowsWhatChannelsLookFor) {
  ASSERT_EQ(run(over("patches", faces(), {"-o", file("patches.h5")})).code, 0);
  ASSERT_EQ(run(over("patches", faces(), {"--layers", "conv5_3", "-o", file("few.h5")})).code, 0);
  const Args flags{"--output-dir", file("out"), "--depth", "1", "--patches"};
  Args good = flags, few = flags;
  good.push_back(file("patches.h5"));
  few.push_back(file("few.h5"));
  const Json json = run_json(graph(faces(), good, "g.h5"));
  const std::string page = content("out/graphs.html");
  for (const Json& channel : json["graphs"][0]["levels"][0]["channels"]) {
    EXPECT_THAT(page, HasSubstr(joined("\"conv5_3:", channel["channel"].get<int>(),
                                       "\":[{\"by\":\"activation\"")));
  }
  EXPECT_THAT(page, HasSubstr("data:image/jpeg;base64,"));
  const CommandResult refused = run(graph(faces(), few, "x.h5"));
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("few.h5: has no patches of "));
  EXPECT_FALSE(std::filesystem::exists(file("x.h5")));
}

TEST_F(ClassGraphCommand, SaysWhatIsWrong) {
  const auto fault = [&](const Args& more) {
    const CommandResult result = run(graph({"portrait.jpg"}, more, "x.h5"));
    EXPECT_EQ(result.code, 2);
    EXPECT_EQ(lines_of(result.err), 1u) << result.err;
    return result.err;
  };
  EXPECT_THAT(fault({"--share", "0"}), HasSubstr("--share 0: give a share"));
  EXPECT_THAT(fault({"--share", "1.5"}), HasSubstr("--share 1.5: give a share"));
  EXPECT_THAT(fault({"--depth", "9"}), HasSubstr("--depth 9: give 1 to 5"));
  EXPECT_THAT(fault({"--merge-overlaps", "2"}), HasSubstr("--merge-overlaps 2"));
  const CommandResult wide =
      run({"class-graph", photo("portrait.jpg"), "--model", "squeezenet", "--device", "cpu",
           "--top", "512", "--depth", "2", "-o", file("x.h5")});
  EXPECT_EQ(wide.code, 2);
  EXPECT_THAT(wide.err, HasSubstr("--top 512: a tree can have 131072 edges into fire5 alone; give "
                                  "a smaller --top, or --depth 1"));
  EXPECT_THAT(fault({"--show", "no such class"}), HasSubstr("no such class"));
  EXPECT_FALSE(std::filesystem::exists(file("x.h5")));
  EXPECT_THAT(fault({"--show", "ketch"}), HasSubstr("--show ketch: none of the images"));
  EXPECT_THAT(fault({"--class", "label", "--resume"}), HasSubstr("--class label: give --labels"));
}

TEST_F(ClassGraphCommand, ImagesWithoutADecisionAreLeftOut) {
  // Coffee's and chelsea's scores of faces_easy are not positive.
  const CommandResult some =
      run(graph(photos(), {"--class", "faces_easy", "--depth", "1", "--json"}, "some.h5"));
  EXPECT_EQ(some.code, 0);
  EXPECT_EQ(lines_of(some.err), 2u);
  const Json json = parse_json(some.out);
  EXPECT_EQ(json["undecided"], 2);
  EXPECT_EQ(json["graphs"][0]["trees"], 3);
  const CommandResult none = run(graph({"portrait.jpg"}, {"--class", "ketch"}, "none.h5"));
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("not one of the images could be measured"));
}

}  // namespace
}  // namespace hdecomp
