/// Networks whose input is no square, by the command: what lies where in the photograph lies there
/// in trees, pictures and maps, the height never taken for the width.
#include <gtest/gtest.h>

#include <cmath>

#include "hdecomp/image.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;

constexpr int64_t input_height = 48, input_width = 80;
constexpr double patch_y = 0.25, patch_x = 0.75;  // the patch's middle, of the photograph's sides

/// 240 x 400 pixels of the normalisation's mean, of which a network without biases makes nothing,
/// with a bright patch in the right half's upper half.
std::string photo_with_patch(const std::string& folder) {
  constexpr int64_t height = 240, width = 400, reach = 14;
  std::string content = joined("P6 ", width, " ", height, " 255\n");
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const bool inside = std::abs(y - 60) < reach && std::abs(x - 300) < reach;
      content += inside ? "\xff\xf0\xe0" : "\x7c\x74\x68";
    }
  }
  const std::string path = folder + "/patch.ppm";
  write_text(path, content);
  return path;
}

/// A place in a map of (height, width) cells, as shares of its sides.
void expect_in_patch(double y, double x, double height, double width, double reach) {
  EXPECT_NEAR((y + 0.5) / height, patch_y, reach);
  EXPECT_NEAR((x + 0.5) / width, patch_x, reach);
}

class RectangleCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = empty_folder();
    model_ = folder_ + "/model.h5";
    photo_ = photo_with_patch(folder_);
    const Json made = run_json({"init", "--arch", "cifar_resnet20", "--input-size", "48x80",
                                "--classes", "6", "-o", model_});
    EXPECT_EQ(made["input_size"], (Json{input_height, input_width}));
  }
  Json ask(Args args) const {
    args.insert(args.begin() + 2, {"--model", model_});
    return run_json(args, in_folder(folder_));
  }

  std::string folder_, model_, photo_;
};

TEST_F(RectangleCommand, LayersHaveBothSides) {
  const CommandResult layers = run({"layers", "--model", model_});
  EXPECT_NE(layers.out.find("6 classes, input 48 x 80 "), std::string::npos) << layers.out;
  EXPECT_NE(layers.out.find("64 x 12 x 20"), std::string::npos) << layers.out;
}

TEST_F(RectangleCommand, TreesAndPicturesShowThePatchWhereItIs) {
  const Json tree = ask({"explain", photo_, "--output-dir", "out", "--html", "--guided",
                         "--pictures", "all", "--saliency", "gradient,gap-cam"});
  const Json root = walkable(tree);
  ASSERT_FALSE(root["children"].empty());
  const Json& step = root["decomposition"];
  EXPECT_EQ(step["height"], 12);
  EXPECT_EQ(step["width"], 20);
  Json node = root;
  while (!node["children"].empty()) {
    const Json parent = node;
    node = parent["children"][0];
    const Json& map = parent["decomposition"];
    expect_in_patch(node["y"], node["x"], map["height"], map["width"], 0.2);
  }
  // The smallest field, of the first stage's end: (y, x, height, width) of the input's pixels.
  const Json& field = node["receptive_field"];
  expect_in_patch(field[0].get<double>() + field[2].get<double>() / 2 - 0.5,
                  field[1].get<double>() + field[3].get<double>() / 2 - 0.5, input_height,
                  input_width, 0.2);
  const Image picture = Image::load(folder_ + "/out/" + node["picture"].get<std::string>());
  EXPECT_EQ(picture.width, 224);
  EXPECT_EQ(picture.height, 134);  // 134.4
  const auto at = [&](int64_t y, int64_t x) { return picture.rgb[(y * picture.width + x) * 3]; };
  const auto y = static_cast<int64_t>((node["y"].get<double>() + 0.5) * 134 / input_height);
  const auto x = static_cast<int64_t>((node["x"].get<double>() + 0.5) * 224 / input_width);
  EXPECT_EQ(at(y, x), 0);  // the peak's black core
  const int cold = at(130, 5);
  EXPECT_NEAR(cold, 0x7c * 3 / 4, 1);  // the photograph's grey under the map's zero
  EXPECT_GT(at(y + 6, x), cold + 20);  // the patch, and jet's reds over it
  EXPECT_NEAR(at(134 - 1 - y, x), cold, 1) << "the map upside down";
  EXPECT_NEAR(at(y, 224 - 1 - x), cold, 1) << "the map mirrored";
}

TEST_F(RectangleCommand, StepsAblationsAndMapsHaveBothSides) {
  const Json tree = ask({"explain", photo_, "--depth", "1"});
  const std::string from = joined("class:index:", tree["root"]["channel"].get<int>());
  const Json step = ask({"decompose", photo_, "--from", from, "--to", "layer2"});
  EXPECT_EQ(step["step"]["height"], 24);
  EXPECT_EQ(step["step"]["width"], 40);
  const Json ablation = ask({"ablate", photo_, "--from", from, "--to", "layer3"});
  EXPECT_EQ(ablation["drops"].size(), 64u);
  ask({"saliency", photo_, "--method", "gradient", "-o", "map.npy"});
  const auto bytes = file_testing::read_bytes(folder_ + "/map.npy");
  const std::string header(bytes.begin(), bytes.begin() + 100);
  EXPECT_NE(header.find("(3, 48, 80)"), std::string::npos) << header;
  ask({"saliency", photo_, "--save-all", "--size", "100", "-o", "all.png"});
  const Image all = Image::load(folder_ + "/all.png");
  EXPECT_EQ(all.height, 60 + 2 * 12 + 26);
  EXPECT_EQ(all.width, 10 * (100 + 12) + 12);
}

TEST_F(RectangleCommand, SizesAreNamedWhereTheyAreWrong) {
  const std::string lines = "give pixels, as 224 (a square) or 96x160 (height and width)";
  for (const char* size : {"x", "96x", "x160", "96x160x3", "0x5", "96X160", "96 x 160", "-1x5"}) {
    const CommandResult init =
        run({"init", "--arch", "alexnet", "-o", folder_ + "/a.h5", "--input-size", size});
    EXPECT_EQ(init.code, 2) << size;
    EXPECT_EQ(lines_of(init.err), 1u);
    EXPECT_NE(init.err.find(lines), std::string::npos) << init.err;
    const CommandResult convert =
        run({"convert", folder_ + "/a.pth", "-o", folder_ + "/a.h5", "--crop", size});
    EXPECT_EQ(convert.code, 2) << size;
    EXPECT_NE(convert.err.find("--crop: '"), std::string::npos) << convert.err;
  }
  const std::string large = "9223372036854775807x9223372036854775807";
  EXPECT_EQ(run({"init", "--arch", "alexnet", "-o", "a.h5", "--input-size", large}).code, 2);
}

}  // namespace
}  // namespace hdecomp
