/// The flag --guided of explain and decompose.
#include <gtest/gtest.h>

#include <filesystem>

#include "hdecomp/image.h"
#include "hdecomp/model.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;

/// A node's picture, name and rectangle; returns the rectangle's area.
int64_t check_node(const Json& node, const std::string& folder, int64_t input) {
  const std::string heat_map = node["picture"], picture = node["guided_picture"];
  EXPECT_TRUE(heat_map.starts_with("maps/")) << heat_map;
  const auto field = node["receptive_field"].get<std::vector<int64_t>>();
  EXPECT_EQ(field.size(), 4u);
  const int64_t top = field.at(0), left = field.at(1), height = field.at(2), width = field.at(3);
  EXPECT_GE(std::min(top, left), 0);
  EXPECT_GE(std::min(height, width), 1);
  EXPECT_LE(top + height, input);
  EXPECT_LE(left + width, input);
  const Image image = Image::load(folder + "/" + picture);
  EXPECT_GE(std::max(image.height, image.width), 112);
  EXPECT_EQ(image.height * width, image.width * height);
  // The largest magnitude, of either sign, is at an end of the scale: something is drawn.
  const auto [least, most] = std::ranges::minmax(image.rgb);
  EXPECT_GT(most - least, 60) << picture;
  return height * width;
}

TEST(CommandGuided, ExplainDrawsEveryNodeAndNotesItsReceptiveField) {
  const std::string folder = empty_folder();
  const Args plain{"explain", photo("portrait.jpg"), "--depth", "3", "--top", "2"};
  Args args = plain;
  args.insert(args.end(), {"--output-dir", folder, "--guided", "--pictures", "all"});
  const Json tree = run_json(args);
  EXPECT_GT(tree["timings_ms"].value("guided", -1.0), 0);
  EXPECT_FALSE(tree["root"].contains("receptive_field"));
  const int64_t input = Model::bundled("vgg16-slim").preprocess().crop.height;
  std::vector<Json> level = walkable(tree)["children"].get<std::vector<Json>>();
  std::vector<int64_t> largest;
  while (!level.empty()) {
    std::vector<Json> below;
    largest.push_back(0);
    for (const Json& node : level) {
      largest.back() = std::max(largest.back(), check_node(node, folder, input));
      for (const Json& child : node["children"]) below.push_back(child);
    }
    level = below;
  }
  ASSERT_EQ(largest.size(), 3u);
  EXPECT_GE(largest[0], largest[1]);
  EXPECT_GT(largest[1], largest[2]);  // deeper evidence sees less of the image
  EXPECT_EQ(list_of(folder).size(), 4u + 4u + 2 * (2 + 4 + 8));  // levels/ and its sheets
  // Nothing else of the tree changes.
  EXPECT_EQ(without(tree, {"timings_ms", "picture", "guided_picture", "receptive_field"}),
            without(run_json(plain)));
}

TEST(CommandGuided, DecomposeDrawsTheChosenChannels) {
  const std::string folder = empty_folder();
  const Args args{"decompose",    photo("portrait.jpg"),
                  "--from",       "class:faces_easy",
                  "--output-dir", folder,
                  "--guided",     "--to"};
  Args down = args;
  down.emplace_back("conv4_3");
  const int64_t input = Model::bundled("vgg16-slim").preprocess().crop.height;
  Json step = run_json(down);
  ASSERT_FALSE(step["step"]["children"].empty());
  for (const Json& child : step["step"]["children"]) {
    EXPECT_GT(check_node(child, folder, input), 100);
  }
  // A pixel of the image has no gradient to the image to draw.
  down.back() = "input";
  step = run_json(down);
  ASSERT_FALSE(step["step"]["children"].empty());
  for (const Json& child : step["step"]["children"]) {
    EXPECT_TRUE(child.contains("picture"));
    EXPECT_FALSE(child.contains("guided_picture"));
    EXPECT_FALSE(child.contains("receptive_field"));
  }
}

TEST(CommandGuided, NeedsAFolderForItsPictures) {
  const Args args{"explain", photo("portrait.jpg"), "--guided"};
  const CommandResult homeless = run(args);
  EXPECT_EQ(homeless.code, 2);
  EXPECT_NE(homeless.err.find("--output-dir"), std::string::npos) << homeless.err;
  Args bare = args;
  bare.insert(bare.end(), {"--output-dir", empty_folder(), "--no-pictures"});
  const CommandResult refused = run(bare);
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--no-pictures"), std::string::npos) << refused.err;
  bare.back() = "--pictures";
  bare.emplace_back("none");
  const CommandResult none = run(bare);
  EXPECT_EQ(none.code, 2);
  EXPECT_EQ(lines_of(none.err), 1u) << none.err;
  EXPECT_NE(none.err.find("--pictures none"), std::string::npos) << none.err;
}

TEST(CommandGuided, IsToldOfWhereItIsWritten) {
  for (const bool guided : {false, true}) {
    const std::string folder = empty_folder();
    Args args{"explain", photo("portrait.jpg"), "--depth", "1", "--output-dir", folder};
    if (guided) args.emplace_back("--guided");
    const CommandResult result = run(args);
    EXPECT_EQ(result.out.find("guided/") != std::string::npos, guided) << result.out;
    EXPECT_EQ(std::filesystem::exists(folder + "/guided"), guided);
  }
}

}  // namespace
}  // namespace hdecomp
