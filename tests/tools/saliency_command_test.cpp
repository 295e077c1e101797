/// The verb saliency: its files, what it prints, what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "hdecomp/image.h"
#include "hdecomp/model.h"
#include "hdecomp/saliency.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;

std::string fresh_file(const std::string& name) { return empty_folder() + "/" + name; }

void expect_refusal(const Args& args, const std::string& part) {
  const CommandResult outcome = run(args);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, ::testing::HasSubstr(part));
}

TEST(CommandSaliency, APictureOfEachMethod) {
  const std::string folder = empty_folder();
  for (const char* method : saliency_methods) {
    const std::string path = folder + "/" + method + ".png";
    Args args{"saliency", photo("portrait.jpg"), "--method", method, "-o", path};
    const Args sampled = methods_using(SaliencySetting::samples);
    if (std::ranges::find(sampled, method) != sampled.end()) {
      args.insert(args.end(), {"--samples", "2"});
    }
    const Json result = run_json(args);
    EXPECT_EQ(result["class"], 36);
    EXPECT_EQ(result["maps"][0]["method"], method);
    const Image picture = Image::load(path);
    EXPECT_EQ(picture.height, 224);
    const auto [least, most] = std::ranges::minmax(picture.rgb);
    EXPECT_GT(most - least, 60) << method;  // something is drawn
  }
}

TEST(CommandSaliency, TheRawMapIsAnArrayForNumPy) {
  const std::string path = fresh_file("map.npy");
  run_json({"saliency", photo("portrait.jpg"), "-o", path});
  const int64_t side = Model::bundled("vgg16-slim").preprocess().crop.height;
  EXPECT_EQ(load_npy(path, 3 * side * side).size(), static_cast<size_t>(3 * side * side));
  std::ifstream file(path, std::ios::binary);
  std::string head(128, '\0');
  file.read(head.data(), 128);
  EXPECT_EQ(head.substr(0, 6), "\x93NUMPY");
  EXPECT_THAT(head, ::testing::HasSubstr("'shape': (3, 112, 112)"));
}

TEST(CommandSaliency, AllMethodsSideBySide) {
  const std::string path = fresh_file("all.png");
  const Json result =
      run_json({"saliency", photo("portrait.jpg"), "--save-all", "--samples", "2", "-o", path});
  EXPECT_EQ(result["maps"].size(), std::size(saliency_methods));
  const Image picture = Image::load(path);
  EXPECT_GT(picture.width, static_cast<int64_t>(std::size(saliency_methods)) * 224);
  run_json({"saliency", photo("portrait.jpg"), "--save-all", "--samples", "2", "-o",
            fresh_file("all.h5")});
}

TEST(CommandSaliency, NoiseFromAFileIsTheNoise) {
  const std::string folder = empty_folder();
  const auto map_of = [&](const Args& flags) {
    const std::string path = folder + "/map.npy";
    Args args{"saliency", photo("portrait.jpg"), "--method", "smoothgrad", "--samples", "1"};
    args.insert(args.end(), flags.begin(), flags.end());
    args.insert(args.end(), {"-o", path});
    run_json(args);
    return load_npy(path, 3 * 112 * 112);
  };
  SaliencyMap none;
  none.channels = 3, none.height = none.width = 112;
  none.values.assign(3 * 112 * 112, 0.0f);
  save_saliencies({&none, 1}, folder + "/none.npy");
  EXPECT_EQ(map_of({"--noise-file", folder + "/none.npy"}), map_of({"--noise", "0"}));
  EXPECT_NE(map_of({"--seed", "1"}), map_of({"--seed", "2"}));
  EXPECT_EQ(map_of({"--seed", "1"}), map_of({"--seed", "1"}));
  expect_refusal({"saliency", photo("portrait.jpg"), "--method", "smoothgrad", "--samples", "2",
                  "--noise-file", folder + "/none.npy", "-o", folder + "/map.npy"},
                 "none.npy: holds 37632 numbers where 75264 belong");
  std::ofstream(folder + "/text.npy") << "no numbers at all";
  expect_refusal({"saliency", photo("portrait.jpg"), "--method", "smoothgrad", "--noise-file",
                  folder + "/text.npy", "-o", folder + "/map.npy"},
                 "text.npy: not a .npy file");
}

TEST(CommandSaliency, IntegratedGradientsTellTheirGap) {
  const CommandResult outcome = run({"saliency", photo("portrait.jpg"), "--method",
                                     "integrated-gradients", "-o", fresh_file("map.png")});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, ::testing::HasSubstr("a gap of"));
}

TEST(CommandSaliency, MistakesAreNamed) {
  const std::string image = photo("portrait.jpg"), out = fresh_file("map.png");
  expect_refusal({"saliency", image, "--method", "gradiant", "-o", out}, "give one of gradient");
  expect_refusal({"saliency", image, "-o", "map.tif"}, "ends in .png, .npy or .h5");
  expect_refusal({"saliency", image, "-o", "map"}, "ends in .png, .npy or .h5");
  expect_refusal({"saliency", image, "--save-all", "-o", "map.npy"}, "holds one map");
  expect_refusal({"saliency", image, "--method", "smoothgrad", "--samples", "0", "-o", out},
                 "--samples 0");
  expect_refusal({"saliency", image, "--class", "nobody", "-o", out}, "nobody");
  expect_refusal({"saliency", image, "-o", "/nowhere/map.png"}, "/nowhere");
}

/// Also of the value that it has without the flag: who gives it expects something of it.
TEST(CommandSaliency, WhatTheMethodHasNoUseForIsRefused) {
  const std::string out = fresh_file("map.png");
  const auto refused = [&](const std::string& method, const Args& flags, const std::string& line) {
    Args args{"saliency", photo("portrait.jpg"), "--method", method, "-o", out};
    args.insert(args.end(), flags.begin(), flags.end());
    expect_refusal(args, line + " (hdecomp saliency --help shows the flags)\n");
  };
  const auto no_use = [&](const std::string& method, const Args& flags, const std::string& who) {
    refused(method, flags, flags[0] + ": --method " + method + " has no use for it; " + who);
  };
  const std::string sampled = "smoothgrad, integrated-gradients have", cams = "grad-cam, gap-cam";
  no_use("gap", {"--samples", "50"}, sampled);
  no_use("lrp", {"--batch", "2"}, sampled);
  no_use("integrated-gradients", {"--noise", "0.1"}, "smoothgrad has");
  no_use("gradient", {"--seed", "0"}, "smoothgrad has");
  no_use("gradient", {"--noise-file", "none.npy"}, "smoothgrad has");
  no_use("smoothgrad", {"--baseline", "blur"}, "integrated-gradients has");
  no_use("gap", {"--relu"}, cams + " have");
  no_use("gap", {"--lrp-rule", "epsilon"}, "lrp has");
  no_use("guided", {"--epsilon", "1"}, "lrp has");
  no_use("lrp", {"--gap-sum", "chain"}, "gap has");
  no_use("gap-cam", {"--top", "3"}, "gap has");
  expect_refusal({"saliency", photo("portrait.jpg"), "--size", "100", "-o", "map.npy"},
                 "--size: --output .npy has no use for it; .png has");
  EXPECT_FALSE(std::filesystem::exists(out));
}

}  // namespace
}  // namespace hdecomp
