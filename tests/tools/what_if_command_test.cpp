/// The verb what-if. tests/compare_what_if.py holds its numbers against PyTorch.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "hdecomp/hdecomp.h"
#include "tests/support/image_bytes.h"
#include "tests/tools/command_errors_testing.h"
#include "tests/tools/page_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using ::testing::HasSubstr;
using ::testing::Not;

class WhatIfCommand : public CommandErrors {
 protected:
  static Json answer(const std::string& image, const Args& more) {
    Args args{"what-if", image, "--device", "cpu", "--top", "2"};
    args.insert(args.end(), more.begin(), more.end());
    return run_json(args);
  }
  static Json classify(const std::string& image) {
    return run_json({"classify", image, "--device", "cpu"})["images"][0]["top"];
  }
  /// Bit for bit; the two write the same float32 with other digits.
  static void expect_same(const Json& one, const Json& other) {
    ASSERT_EQ(one.size(), other.size());
    for (size_t i = 0; i < one.size(); ++i) {
      EXPECT_EQ(one[i]["index"], other[i]["index"]);
      for (const char* key : {"score", "probability"}) {
        EXPECT_EQ(one[i][key].get<float>(), other[i][key].get<float>()) << key << " of " << i;
      }
    }
  }
  static Json tree_of(const std::string& image, const Args& more) {
    Args args{"explain", image, "--device", "cpu", "--top", "2"};
    args.insert(args.end(), more.begin(), more.end());
    return without(run_json(args));
  }
  void what_if_refused(const Args& more, const std::string& part) const {
    Args args{"what-if", photo("portrait.jpg")};
    args.insert(args.end(), more.begin(), more.end());
    refused(args, part);
  }
};

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
