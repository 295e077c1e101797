/// `hdecomp explain` and `hdecomp decompose` used well.
#include <gtest/gtest.h>

#include <functional>

#include "hdecomp/image.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;

int64_t count_nodes(const Json& node) {
  int64_t total = 0;
  for (const Json& child : node["children"]) total += 1 + count_nodes(child);
  return total;
}

int64_t depth_of(const Json& node) {
  int64_t depth = 0;
  for (const Json& child : node["children"]) depth = std::max(depth, 1 + depth_of(child));
  return depth;
}

/// Calls `visit` for every node below the root with its parent.
void walk(const Json& parent,
          const std::function<void(const Json& node, const Json& parent)>& visit) {
  for (const Json& child : parent["children"]) {
    visit(child, parent);
    walk(child, visit);
  }
}

TEST(CommandExplain, ShowsMergedChannelsAndFurtherPeaks) {
  const Args args{"explain", photo("chelsea.jpg"), "--merge-overlaps", "0.9", "--peaks", "2"};
  int64_t members = 0, peaks = 0;
  const Json tree = run_json(args);
  walk(walkable(tree), [&](const Json& node, const Json&) {
    members += node.contains("members") ? 1 : 0;
    peaks += node.contains("extra_peak") ? 1 : 0;
  });
  EXPECT_GT(members, 0);
  EXPECT_GT(peaks, 0);
  EXPECT_TRUE(walkable(tree)["decomposition"].contains("extra_peaks"));
  Args shown = args;
  shown.insert(shown.end(), {"--show", "all"});
  const CommandResult result = run(shown);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("and 1 like it"), std::string::npos);
  EXPECT_NE(result.out.find("peak 2 of its channel"), std::string::npos);
  for (const Args& wrong :
       {Args{"--merge-overlaps", "-1"}, Args{"--peaks", "0"}, Args{"--mask-threshold", "0.2"}}) {
    Args refused{"explain", photo("chelsea.jpg")};
    refused.insert(refused.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(run(refused).code, 2) << wrong[0];
  }
}

TEST(CommandExplain, TheBundledModelSeesAFace) {
  const std::string folder = empty_folder();
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--depth", "2"}, in_folder(folder));
  EXPECT_EQ(tree["format"], "hdecomp-tree");
  EXPECT_EQ(tree["layers"], (Json{"conv5_3", "conv4_3"}));
  EXPECT_EQ(tree["top"].size(), 5u);
  EXPECT_EQ(tree["top"][0]["name"], "faces_easy");
  const Json root = walkable(tree);
  EXPECT_EQ(root["layer"], "scores");
  EXPECT_EQ(root["class"], "faces_easy");
  EXPECT_EQ(root["channel"], tree["top"][0]["index"]);
  EXPECT_EQ(root["value"], tree["top"][0]["score"]);
  ASSERT_EQ(root["children"].size(), 3u);
  EXPECT_EQ(depth_of(root), 2);
  walk(root, [](const Json& node, const Json& parent) {
    for (const char* key :
         {"layer", "channel", "y", "x", "contribution", "peak", "value", "children"}) {
      EXPECT_TRUE(node.contains(key)) << key;
    }
    const Json& step = parent["decomposition"];
    const auto channel = node["channel"].get<size_t>();
    EXPECT_EQ(node["layer"], step["layer"]);
    EXPECT_EQ(node["contribution"], step["contributions"][channel]);
    EXPECT_EQ(node["peak"], step["peaks"][channel]);
    EXPECT_EQ(node["y"].get<int64_t>() * step["width"].get<int64_t>() + node["x"].get<int64_t>(),
              step["positions"][channel]);
    EXPECT_GT(node["contribution"], 0);
  });
  for (const char* key : {"load", "decode", "forward", "tree"}) {
    EXPECT_GT(tree["timings_ms"].value(key, -1.0), 0) << key;
  }
  EXPECT_EQ(list_of(folder), Args{});  // nothing is written without --output-dir
}

TEST(CommandExplain, TheClassByAnyOfItsNames) {
  const Args args{"explain", photo("chelsea.jpg"), "--depth", "1", "--class"};
  const auto of = [&](const std::string& name) {
    Args named = args;
    named.push_back(name);
    return without(run_json(named));
  };
  const Json second = of("cougar_face");
  EXPECT_EQ(second["top"][1]["name"], "cougar_face");  // not the class without --class
  EXPECT_EQ(second["root"]["class"], "cougar_face");
  EXPECT_EQ(second["root"]["value"], second["top"][1]["score"]);
  EXPECT_EQ(of("Cougar Face"), second);
  EXPECT_EQ(of(dump_json(second["root"]["channel"])), second);
}

TEST(CommandExplain, TopDepthAndShow) {
  const Json narrow = run_json({"explain", photo("portrait.jpg"), "--top", "1"});
  EXPECT_EQ(depth_of(walkable(narrow)), 5);
  EXPECT_EQ(count_nodes(walkable(narrow)), 5);
  EXPECT_EQ(narrow["layers"], (Json{"conv5_3", "conv4_3", "conv3_3", "conv2_2", "conv1_2"}));
  const Args args{"explain", photo("portrait.jpg"), "--top", "2", "--depth", "4"};
  const auto printed = [&](const char* levels) {
    Args shown = args;
    shown.insert(shown.end(), {"--show", levels});
    const CommandResult result = run(shown);
    EXPECT_EQ(result.code, 0) << result.err;
    return result.out;
  };
  const int64_t nodes = count_nodes(walkable(run_json(args)));
  const std::string all = printed("all"), two = printed("2");
  EXPECT_EQ(all.find("deeper nodes"), std::string::npos);
  EXPECT_NE(two.find(joined(nodes - 6, " deeper nodes not shown")), std::string::npos) << two;
  EXPECT_EQ(lines_of(all) - lines_of(two), static_cast<size_t>(nodes - 6 - 1));
}

TEST(CommandExplain, WritesATreeAndAPicturePerNode) {
  const std::string folder = empty_folder() + "/new/deep";
  const Args args{"explain", photo("portrait.jpg"), "--depth", "2", "--output-dir",
                  folder,    "--pictures",          "all"};
  const Json printed = run_json(args);
  const Json tree = read_json(folder + "/tree.json");
  EXPECT_EQ(without(tree, {"timings_ms"}), without(printed, {"timings_ms"}));
  const Json plain = run_json({"explain", photo("portrait.jpg"), "--depth", "2"});
  EXPECT_EQ(without(tree, {"timings_ms", "picture"}), without(plain, {"timings_ms", "picture"}));
  std::vector<std::string> pictures{"levels", "levels/1_conv5_3.png", "levels/2_conv4_3.png",
                                    "maps",   "pyramid.png",          "tree.json"};
  walk(walkable(tree), [&](const Json& node, const Json&) {
    pictures.push_back(node["picture"]);
    const Image image = Image::load(folder + "/" + pictures.back());
    EXPECT_EQ(image.width, image.height);
    EXPECT_GE(image.width, 200);
  });
  EXPECT_EQ(pictures.size(), 6u + 12u);
  std::ranges::sort(pictures);
  EXPECT_EQ(list_of(folder), pictures);
  // Into the same folder again: the new results take the old ones' place.
  EXPECT_EQ(without(run_json(args)), without(printed));
  EXPECT_EQ(list_of(folder), pictures);
}

TEST(CommandExplain, ALaterRunTakesAnEarlierOnesFilesAway) {
  const std::string folder = empty_folder();
  const auto explain = [&](const std::string& name, Args flags) {
    Args args{"explain", photo(name), "--depth", "1", "--output-dir", folder};
    args.insert(args.end(), flags.begin(), flags.end());
    run_json(args);
  };
  write_text(folder + "/notes.txt", "mine");
  explain("portrait.jpg", {"--html", "--guided", "--pictures", "all"});
  explain("coffee.jpg", {});
  // No report, no guided/, no map of the portrait.
  EXPECT_EQ(list_of(folder),
            (Args{"levels", "levels/1_conv5_3.png", "notes.txt", "pyramid.png", "tree.json"}));
  explain("coffee.jpg", {"--no-pictures"});
  EXPECT_EQ(list_of(folder), (Args{"notes.txt", "tree.json"}));
}

TEST(CommandExplain, SheetsAreWhatItDrawsAndSaysSo) {
  const std::string folder = empty_folder();
  const Args args{"explain", photo("portrait.jpg"), "--depth", "2", "--output-dir", folder};
  const CommandResult printed = run(args);
  EXPECT_EQ(printed.code, 0) << printed.err;
  EXPECT_TRUE(printed.out.ends_with(
      joined("\nwrote ", folder, "/tree.json, pyramid.png, a sheet ", "per level in levels/\n")))
      << printed.out;
  EXPECT_EQ(list_of(folder), (Args{"levels", "levels/1_conv5_3.png", "levels/2_conv4_3.png",
                                   "pyramid.png", "tree.json"}));
  EXPECT_EQ(dump_json(read_json(folder + "/tree.json")).find("\"picture\""), std::string::npos);
  const auto refused = [&](const Args& more, const std::string& part) {
    Args with = args;
    with.insert(with.end(), more.begin(), more.end());
    const CommandResult result = run(with);
    EXPECT_EQ(result.code, 2);
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  };
  refused({"--pictures", "some"}, "--pictures");
  refused({"--pictures", "all", "--no-pictures"}, "--no-pictures");
  EXPECT_EQ(run({"explain", photo("portrait.jpg"), "--pictures", "all"}).code, 2);
}

TEST(CommandExplain, AListFromElsewhereRemovesNothingOutsideTheFolder) {
  const std::string outside = empty_folder(), folder = outside + "/out";
  std::filesystem::create_directories(folder + "/real");
  std::filesystem::create_directory_symlink(outside, folder + "/link");
  for (const char* name : {"/a.txt", "/b.txt", "/out/real/c.txt"}) write_text(outside + name, "x");
  write_text(folder + "/.hdecomp-written",
             joined("../a.txt\nlink/b.txt\n", outside, "/a.txt\nreal/c.txt\n\nmissing\n"));
  run_json(
      {"explain", photo("coffee.jpg"), "--depth", "1", "--output-dir", folder, "--no-pictures"});
  EXPECT_TRUE(std::filesystem::exists(outside + "/a.txt"));
  EXPECT_TRUE(std::filesystem::exists(outside + "/b.txt"));
  EXPECT_FALSE(std::filesystem::exists(folder + "/real"));
}

TEST(CommandExplain, PicturesCanBeLeftOut) {
  const std::string folder = empty_folder();
  run_json(
      {"explain", photo("coffee.jpg"), "--depth", "1", "--output-dir", folder, "--no-pictures"});
  EXPECT_EQ(list_of(folder), Args{"tree.json"});
}

TEST(CommandExplain, TheSameBitsForAnyThreads) {
  const Args args{"explain", photo("chelsea.jpg"), "--top", "2", "--threads"};
  std::vector<std::string> results;
  for (const char* threads : {"1", "1", "2", "3"}) {
    Args with = args;
    with.emplace_back(threads);
    results.push_back(dump_json(without(run_json(with))));
    EXPECT_EQ(results.back(), results.front()) << threads << " threads";
  }
}

TEST(CommandDecompose, GivesTheNumbersOfTheTree) {
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--depth", "3", "--top", "2"});
  const auto step = [&](const std::string& from, const Json& node) {
    const Json json = run_json({"decompose", photo("portrait.jpg"), "--from", from, "--to",
                                node["decomposition"]["layer"], "--top", "2"});
    EXPECT_EQ(json["format"], "hdecomp-step");
    EXPECT_EQ(json["step"], tree["steps"].at(place_of(node))) << from;
    EXPECT_EQ(json["decision"]["value"], node["value"]) << from;
  };
  step("class:faces_easy", walkable(tree));
  walk(walkable(tree), [&](const Json& node, const Json&) {
    if (node.contains("decomposition")) step(place_of(node), node);
  });
}

TEST(CommandDecompose, AnyDialectAndDownToTheImage) {
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--depth", "1"});
  const std::string where =
      place_of(walkable(tree)["children"][0]).substr(std::string("conv5_3").size());
  const auto step = [&](const std::string& from, const std::string& to) {
    return without(
        run_json({"decompose", photo("portrait.jpg"), "--from", from + where, "--to", to}));
  };
  const Json canonical = step("conv5_3", "conv3_3");
  EXPECT_EQ(step("features.40", "features.22"), canonical);
  EXPECT_EQ(step("features.42", "features.20"), canonical);
  EXPECT_EQ(step("block5_conv3", "block3_conv3"), canonical);
  const Json image = step("conv5_3", "input")["step"];
  EXPECT_EQ(image["layer"], "input");
  EXPECT_EQ(image["contributions"].size(), 3u);
  EXPECT_GT(image["height"], 100);
  const CommandResult printed = run({"decompose", photo("portrait.jpg"), "--from",
                                     "class:faces_easy", "--to", "conv5_3", "--top", "4"});
  EXPECT_TRUE(printed.out.starts_with("class faces_easy  F ")) << printed.out;
  EXPECT_EQ(lines_of(printed.out), 1u + 4u + 4u + 1u) << printed.out;
}

TEST(CommandDecompose, WritesAStepAndItsPictures) {
  const std::string folder = empty_folder();
  const Json printed = run_json({"decompose", photo("portrait.jpg"), "--from", "class:36", "--to",
                                 "conv4_3", "--output-dir", folder});
  EXPECT_EQ(without(read_json(folder + "/step.json")), without(printed));
  EXPECT_EQ(list_of(folder).size(), 2u + 3u);
  for (const Json& child : printed["step"]["children"]) {
    EXPECT_GE(Image::load(folder + "/" + child["picture"].get<std::string>()).width, 200);
  }
}

}  // namespace
}  // namespace hdecomp
