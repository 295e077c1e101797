/// What the verb what-if computes. tests/compare_what_if.py holds its numbers against PyTorch.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "hdecomp/hdecomp.h"
#include "tests/support/image_bytes.h"
#include "tests/tools/what_if_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using ::testing::HasSubstr;
using ::testing::Not;

/// The photograph that is written is the one that was asked: classify and explain say the same of
/// it, bit for bit.
TEST_F(WhatIfCommand, ABoxIsWhatTheFilledPhotographGives) {
  for (const std::string fill : {"grey", "blur", "mean"}) {
    const Json json = answer(photo("chelsea.jpg"), {"--box", "120,40,150,100", "--fill", fill,
                                                    "--controls", "3", "-o", file(fill)});
    EXPECT_EQ(json["change"]["fill"], fill);
    EXPECT_EQ(json["change"]["box"], Json({120, 40, 150, 100}));
    EXPECT_EQ(json["control"]["count"], 3);
    EXPECT_EQ(json["control"]["each"].size(), 3u);
    expect_same(json["before"]["top"], classify(photo("chelsea.jpg")));
    const std::string filled = file(fill + "/filled.png");
    expect_same(json["after"]["top"], classify(filled));
    const std::string decision = json["before"]["decision"]["index"].dump();
    EXPECT_EQ(without(json["tree_after"]), tree_of(filled, {"--class", decision}));
    EXPECT_EQ(without(json["tree_before"]), tree_of(photo("chelsea.jpg"), {}));
    EXPECT_EQ(
        without(read_json(file(
            fill + "/after/tree.json")))["steps"]["scores:" + decision + "@0,0"]["contributions"],
        json["tree_after"]["steps"]["scores:" + decision + "@0,0"]["contributions"]);
  }
}

/// By hand, with this test's own arithmetic.
TEST_F(WhatIfCommand, GreyIsWhatAHandFills) {
  Image image = Image::load(photo("coffee.jpg"));
  for (int64_t y = 60; y < 160; ++y) {
    for (int64_t x = 100; x < 230; ++x) {
      for (int64_t c = 0; c < 3; ++c) image.rgb[(y * image.width + x) * 3 + c] = 128;
    }
  }
  save_png(image, file("hand.png"));
  const Json json = answer(photo("coffee.jpg"), {"--box", "100,60,130,100", "--controls", "0"});
  expect_same(json["after"]["top"], classify(file("hand.png")));
  EXPECT_EQ(json["control"]["count"], 0);
}

/// A photograph stored on its side: with --exif the box is of the upright one.
TEST_F(WhatIfCommand, TurnsByTheExifTag) {
  const std::string turned = file(
      "turned.jpg", file_testing::jpeg_with_exif(file_testing::read_bytes(photo("chelsea.jpg")),
                                                 file_testing::orientation_tag(6)));
  const Image image = upright(Image::load(turned));
  ASSERT_GT(image.height, image.width);
  const Json json = answer(turned, {"--box", "20,200,60,90", "--controls", "0", "--exif"});
  EXPECT_EQ(json["height"], image.height);
  save_png(PixelFiller(image, RegionFill::grey).filled({{20, 200, 60, 90}, {}}), file("hand.png"));
  expect_same(json["after"]["top"], classify(file("hand.png")));
  refused({"what-if", turned, "--exif", "--box", "200,20,120,90"},
          "--box 200,20,120,90: the box is not inside");
}

TEST_F(WhatIfCommand, OfFewControlsIsTheSameInAnyBatchAndForASeed) {
  const auto of = [&](const Args& more) {
    Args all{"--box", "30,30,90,60", "--controls", "5"};
    all.insert(all.end(), more.begin(), more.end());
    const Json json = answer(photo("chelsea.jpg"), all);
    EXPECT_EQ(json["control"]["seed"], more[0] == "--seed" ? more[1] : "0");
    return without(json, {"timings_ms", "tree_before", "tree_after"});
  };
  const Json first = of({"--batch", "1"});
  EXPECT_EQ(of({"--batch", "4"}), first);
  EXPECT_NE(of({"--seed", "1"})["control"], first["control"]);
}

TEST_F(WhatIfCommand, AtANodeIsItsMaskOrItsReceptiveField) {
  const std::string image = photo("chelsea.jpg");
  const Json tree = tree_of(image, {});
  const std::string root = "scores:" + tree["root"]["channel"].dump() + "@0,0";
  const Json& step = tree["steps"][root];
  const Json& node = step["children"][0];
  const std::string named =
      joined(step["layer"].get<std::string>(), ":", node["channel"].get<int>());
  const std::string place = joined(named, "@", node["y"].get<int>(), ",", node["x"].get<int>());
  const Json top = answer(image, {"--at", "top", "--controls", "2"})["change"];
  EXPECT_EQ(top["kind"], "mask");
  EXPECT_EQ(top["node"], place);
  EXPECT_EQ(top["in_tree"], true);
  EXPECT_EQ(answer(image, {"--at", named, "--controls", "0"})["change"], top);
  EXPECT_EQ(answer(image, {"--at", place, "--controls", "0"})["change"], top);
  const Json field =
      answer(image, {"--at", place, "--region", "field", "--controls", "0"})["change"];
  EXPECT_EQ(field["kind"], "field");
  const Model model = Model::bundled("vgg16-slim");
  const PixelRectangle pixels = model.receptive_field(step["layer"], node["y"], node["x"]);
  const Image cat = Image::load(image);
  const PhotoBox box =
      box_of_input(cat, model.preprocess(), pixels.y, pixels.x, pixels.height, pixels.width);
  EXPECT_EQ(field["box"], Json({box.x, box.y, box.width, box.height}));
  // The larger the threshold, the smaller the mask.
  const Json small =
      answer(image, {"--at", "top", "--mask-threshold", "0.9", "--controls", "0"})["change"];
  EXPECT_LT(small["pixels"], top["pixels"]);
  EXPECT_GT(small["pixels"], 0);
}

/// The mask's pixels are those of the cells of A above half its maximum, through crop and resize.
TEST_F(WhatIfCommand, TheMaskLiesOverTheMapsHighCells) {
  for (const std::string model : {"vgg16-slim", "squeezenet"}) {
    const std::string image = photo("chelsea.jpg");
    ASSERT_EQ(run({"what-if", image, "--model", model, "--device", "cpu", "--at", "top", "--top",
                   "1", "--depth", "1", "--controls", "0", "-o", file(model)})
                  .code,
              0);
    Explainer explainer(Model::bundled(model), {.device = "cpu"});
    const Image before = Image::load(image), after = Image::load(file(model + "/filled.png"));
    ExplainOptions options;
    options.top = options.depth = 1;
    options.keep_maps = true;
    const Tree tree = explainer.explain(before, options);
    const ActivationMap& map = *tree.root.children().front().map;
    const Preprocess& rule = explainer.model().preprocess();
    const std::vector<float> whole = map.whole();
    const float most = *std::ranges::max_element(whole);
    const bool square = rule.resize == Resize::stretch;
    const int64_t shorter = std::min(before.width, before.height);
    // Of a pixel along a side: its cell, or -1 outside what the network sees.
    const auto cell = [&](int64_t pixel, int64_t pixels, int64_t cells) -> int64_t {
      const int64_t resized = square ? rule.size.width : rule.size.width * pixels / shorter;
      const double cut = std::nearbyint(static_cast<double>(resized - rule.crop.width) / 2);
      const double at = (static_cast<double>(pixel) + 0.5) * static_cast<double>(resized) /
                            static_cast<double>(pixels) -
                        cut;
      const double share = at / static_cast<double>(rule.crop.width);
      return share < 0 || share >= 1 ? -1
                                     : static_cast<int64_t>(share * static_cast<double>(cells));
    };
    int64_t filled = 0;
    for (int64_t y = 0; y < before.height; ++y) {
      for (int64_t x = 0; x < before.width; ++x) {
        const int64_t row = cell(y, before.height, map.height),
                      column = cell(x, before.width, map.width);
        const bool in = row >= 0 && column >= 0 && whole[row * map.width + column] > 0.5f * most;
        const size_t at = (y * before.width + x) * 3;
        const bool is_grey =
            after.rgb[at] == 128 && after.rgb[at + 1] == 128 && after.rgb[at + 2] == 128;
        if (in) {
          ASSERT_TRUE(is_grey) << model << " " << x << " " << y;
          ++filled;
        } else {
          ASSERT_EQ(after.rgb[at], before.rgb[at]) << model << " " << x << " " << y;
        }
      }
    }
    EXPECT_GT(filled, 100);
  }
}

/// A channel that the tree does not have is counted straight from the class.
TEST_F(WhatIfCommand, AtAChannelOutsideTheTree) {
  const Json json =
      answer(photo("chelsea.jpg"), {"--depth", "1", "--at", "features.32:9", "--controls", "0"});
  EXPECT_EQ(json["change"]["in_tree"], false);
  EXPECT_THAT(json["change"]["node"].get<std::string>(), HasSubstr("conv4_3:9@"));
  const Json corner = answer(photo("chelsea.jpg"), {"--depth", "1", "--at", "conv4_3:9@0,0",
                                                    "--region", "field", "--controls", "0"});
  EXPECT_EQ(corner["change"]["in_tree"], false);
  EXPECT_EQ(corner["change"]["node"], "conv4_3:9@0,0");
}

/// Of a field's place nothing is counted; the node is named as results name it.
TEST_F(WhatIfCommand, SaysWhatIsCountedOutsideTheTree) {
  const auto text = [](const std::string& node, const std::string& region) {
    const CommandResult result =
        run({"what-if", photo("chelsea.jpg"), "--device", "cpu", "--top", "2", "--depth", "1",
             "--at", node, "--region", region, "--controls", "0"});
    EXPECT_EQ(result.code, 0) << result.err;
    return result.out;
  };
  const std::string counted = "the channel is counted straight from the class";
  const std::string field = text("features.32:9@0,0", "field");
  EXPECT_THAT(field, HasSubstr("the receptive field of conv4_3:9@0,0 "));
  EXPECT_THAT(field, HasSubstr("the tree has no such node\n"));
  EXPECT_THAT(field, Not(HasSubstr(counted)));
  EXPECT_THAT(text("conv4_3:9", "field"), HasSubstr(counted));  // to find its peak
  EXPECT_THAT(text("conv4_3:9", "mask"), HasSubstr(counted));
}

TEST_F(WhatIfCommand, OffIsAblation) {
  const std::string image = photo("chelsea.jpg");
  for (const std::string fill : {"mean", "zero"}) {
    const Json drops =
        run_json({"ablate", image, "--from", "class:" + classify(image)[0]["index"].dump(), "--to",
                  "conv4_3", "--fill", fill, "--device", "cpu"});
    const Json json = answer(image, {"--off", "conv4_3:7", "--fill", fill, "--controls", "2"});
    const double before = json["before"]["decision"]["score"],
                 after = json["after"]["decision"]["score"];
    EXPECT_NEAR(before - after, drops["drops"][7], 1e-5 * before);
    EXPECT_EQ(json["change"]["kind"], "off");
    EXPECT_EQ(json["change"]["off"][0]["channels"], Json({7}));
    EXPECT_NEAR(json["tree_after"]["root"]["value"], after, 1e-5 * before);
    // With zeros the channel supports nothing any more.
    for (const auto& [place, step] : json["tree_after"]["steps"].items()) {
      if (fill == "mean" || step["layer"] != "conv4_3") continue;
      EXPECT_EQ(step["contributions"][7], 0);
    }
    for (const Json& control : json["control"]["each"]) {
      EXPECT_NE(control["off"][0]["channels"][0], 7);
      const int other = control["off"][0]["channels"][0];
      EXPECT_NEAR(before - control["score"].get<double>(), drops["drops"][other], 1e-5 * before);
    }
  }
}

TEST_F(WhatIfCommand, OffTakesAMeansFile) {
  ASSERT_EQ(run({"means", photo("coffee.jpg"), "-o", file("means.h5"), "--device", "cpu"}).code, 0);
  const Json json = answer(photo("chelsea.jpg"),
                           {"--off", "conv5_3:1,2", "--fill", file("means.h5"), "--controls", "1"});
  EXPECT_EQ(json["change"]["fill"], "means");
  EXPECT_EQ(json["change"]["off"][0]["values"].size(), 2u);
}

}  // namespace
}  // namespace hdecomp
