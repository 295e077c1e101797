/// Pixels and tensors of a program's own: what they become, and what is said of wrong ones.
#include "hdecomp/tensor_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "hdecomp/hdecomp.h"
#include "runtime/image/preprocess.h"
#include "tests/support/hostile_files.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using testing::HasSubstr;

std::string fault_of(const PixelView& view) {
  return file_testing::line_if_refused([&] { image_of(view); });
}

std::string fault_of(const TensorView& view, const Preprocess& rule) {
  return file_testing::line_if_refused([&] { input_images(view, rule); });
}

/// Without the times.
std::string untimed(Tree tree) {
  tree.timings_ms = {};
  return to_json(tree);
}

Model small_model() { return Model::bundled("vgg16-slim"); }
Image tensor_portrait() { return Image::load(command_testing::photo("portrait.jpg")); }

/// The photograph as its network sees it, normalised.
LayerFeatures input_of(Explainer& explainer, const Image& photo) {
  return explainer.features(photo, "input");
}

TensorView view_of(const LayerFeatures& f) {
  return {f.values, {1, f.channels, f.height, f.width}};
}

TEST(TensorImage, PixelsAreReadByTheirStrides) {
  // Two rows of three pixels, each behind the next; a byte between rows.
  const std::vector<uint8_t> packed{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19};
  EXPECT_EQ(image_of({packed, 2, 3}).rgb, packed);
  std::vector<uint8_t> gaps(packed.begin(), packed.begin() + 9);
  gaps.push_back(0);
  gaps.insert(gaps.end(), packed.begin() + 9, packed.end());
  EXPECT_EQ(image_of({gaps, 2, 3, 3, 10}).rgb, packed);
  const std::vector<uint8_t> planes{1, 4, 7, 11, 14, 17, 2, 5, 8, 12, 15, 18, 3, 6, 9, 13, 16, 19};
  EXPECT_EQ(image_of({planes, 2, 3, 3, 3, 1, 6}).rgb, packed);
  const std::vector<uint8_t> bgr{3, 2, 1, 6, 5, 4, 9, 8, 7, 13, 12, 11, 16, 15, 14, 19, 18, 17};
  EXPECT_EQ(image_of({bgr, 2, 3, 3, 0, 0, 0, ChannelOrder::bgr}).rgb, packed);
  const std::vector<uint8_t> with_alpha{1, 2, 3, 255, 4, 5, 6, 0};
  EXPECT_EQ(image_of({with_alpha, 1, 2, 4}).rgb, (std::vector<uint8_t>{1, 2, 3, 4, 5, 6}));
  const std::vector<uint8_t> grey{7, 9};
  EXPECT_EQ(image_of({grey, 2, 1, 1}).rgb, (std::vector<uint8_t>{7, 7, 7, 9, 9, 9}));
}

TEST(TensorImage, WrongPixelsAreToldOfWithTheirShape) {
  const std::vector<uint8_t> bytes(18);
  EXPECT_EQ(fault_of(PixelView{bytes, 2, 3}), "");
  EXPECT_THAT(fault_of(PixelView{bytes, 3, 3}),
              HasSubstr("shape (3, 3, 3) with strides (9, 3, 1) reach 27 bytes, but 18 are there"));
  EXPECT_THAT(fault_of(PixelView{bytes, 2, 3, 3, 10}), HasSubstr("reach 19 bytes"));
  EXPECT_THAT(fault_of(PixelView{bytes, 2, 3, 2}), HasSubstr("(2, 3, 2)"));
  EXPECT_THAT(fault_of(PixelView{bytes, 0, 3}), HasSubstr("(0, 3, 3)"));
  EXPECT_THAT(fault_of(PixelView{bytes, 65536, 1}), HasSubstr("(65536, 1, 3)"));
  EXPECT_THAT(fault_of(PixelView{bytes, 2, 3, 3, -9}), HasSubstr("strides (-9, 3, 1)"));
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(fault_of(PixelView{bytes, 2, 3, 3, most}), HasSubstr("strides"));
  EXPECT_THAT(fault_of(PixelView{bytes, most, most}), HasSubstr("pixels of shape"));
}

TEST(TensorImage, ANetworksInputGivesThePhotographsOwnTree) {
  Explainer explainer(small_model(), {"cpu"});
  const Image photo = tensor_portrait();
  const std::vector<Image> images =
      input_images(view_of(input_of(explainer, photo)), explainer.model().preprocess());
  ASSERT_EQ(images.size(), 1u);
  ExplainOptions options;
  options.keep_maps = true;
  EXPECT_EQ(untimed(explainer.explain(images[0], options)),
            untimed(explainer.explain(photo, options)));
  EXPECT_EQ(input_of(explainer, images[0]).values, input_of(explainer, photo).values);
  EXPECT_EQ(explainer.saliency(images[0]).values, explainer.saliency(photo).values);
  EXPECT_EQ(explainer.ablate(images[0], "class:faces_easy").drops,
            explainer.ablate(photo, "class:faces_easy").drops);
  // Its pixels are those that the network sees.
  EXPECT_EQ(images[0].rgb, network_view(photo, explainer.model().preprocess()).rgb);
}

TEST(TensorImage, SeveralInputsAreABatch) {
  Explainer explainer(small_model(), {.device = "cpu", .batch = 2});
  const LayerFeatures one = input_of(explainer, tensor_portrait());
  std::vector<float> both = one.values;
  for (const float value : one.values) both.push_back(-value);
  const std::vector<Image> images =
      input_images({both, {2, 3, one.height, one.width}}, explainer.model().preprocess());
  const std::vector<Explained> explained = explainer.explain_batch(images);
  ASSERT_EQ(explained.size(), 2u);
  EXPECT_EQ(explained[0].tree->decision.index, explainer.classify(images[0], 1)[0].index);
  EXPECT_NE(explained[0].tree->decision.score, explainer.classify(images[1], 1)[0].score);
}

TEST(TensorImage, WhatWasKeptOfAnInputIsNotTakenForAnother) {
  Explainer explainer(small_model(), {.device = "cpu", .keep_last = true});
  LayerFeatures input = input_of(explainer, tensor_portrait());
  const Preprocess& rule = explainer.model().preprocess();
  const float first = explainer.classify(input_images(view_of(input), rule)[0], 1)[0].score;
  for (float& value : input.values) value += 1e-3f;  // of the same pixels in 8 bits
  EXPECT_NE(explainer.classify(input_images(view_of(input), rule)[0], 1)[0].score, first);
}

TEST(TensorImage, WrongTensorsAreToldOfWithTheirShape) {
  const Preprocess rule{.crop = {2, 4}};
  std::vector<float> values(24);
  EXPECT_EQ(fault_of({values, {3, 2, 4}}, rule), "");
  EXPECT_EQ(fault_of({values, {1, 3, 2, 4}}, rule), "");
  EXPECT_EQ(fault_of({values, {1, 3, 4, 2}}, rule),
            "a tensor of shape (1, 3, 4, 2); the network's input is (3, 2, 4), or (n, ...) of "
            "several");
  EXPECT_THAT(fault_of({values, {24}}, rule), HasSubstr("shape (24)"));
  EXPECT_THAT(fault_of({values, {0, 3, 2, 4}}, rule), HasSubstr("(0, 3, 2, 4)"));
  EXPECT_THAT(fault_of({values, {2, 3, 2, 4}}, rule), HasSubstr("24 values in place of 48"));
  values[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(fault_of({values, {3, 2, 4}}, rule), HasSubstr("place 5"));
}

TEST(TensorImage, AnInputOfAnotherNetworkAndWhatNeedsPixelsAreRefused) {
  Explainer explainer(small_model(), {"cpu"});
  const std::vector<float> values(3 * 8 * 8);
  const Image other = input_images({values, {3, 8, 8}}, {.crop = 8})[0];
  try {
    explainer.classify(other);
    FAIL();
  } catch (const ImageError& fault) {
    EXPECT_THAT(fault.what(),
                HasSubstr("8 x 8 pixels, for a network whose input is 3 x 112 x 112"));
  }
  const Image own = input_images(view_of(input_of(explainer, tensor_portrait())),
                                 explainer.model().preprocess())[0];
  EXPECT_THROW(explainer.attack_batch({&own, 1}), ImageError);
  EXPECT_THROW(explainer.what_if(own, {{0, 0, 5, 5}, {}}, RegionFill::grey), ImageError);
}

/// Such values no rule makes, so that the bound of the features must be their own.
TEST(TensorImage, AnInputSoLargeThatFeaturesOverflowIsRefused) {
  Explainer explainer(small_model(), {"cpu"});
  const PixelSize& size = explainer.model().preprocess().crop;
  const std::vector<float> values(3 * size.height * size.width, 3e38f);
  const Image image =
      input_images({values, {3, size.height, size.width}}, explainer.model().preprocess())[0];
  EXPECT_THROW(explainer.classify(image), ImageError);
}

TEST(LayerFeaturesOf, AreTheNodesValues) {
  Explainer explainer(small_model(), {"cpu"});
  const Image photo = tensor_portrait();
  const Tree tree = explainer.explain(photo);
  const LayerFeatures scores = explainer.features(photo, "scores");
  EXPECT_EQ(scores.values.at(tree.decision.index), tree.decision.score);
  for (const TreeNode& node : tree.root.children()) {
    const LayerFeatures layer = explainer.features(photo, node.layer);
    EXPECT_EQ(layer.layer, node.layer);
    EXPECT_EQ(layer.values.size(), size_t(layer.channels * layer.height * layer.width));
    EXPECT_EQ(layer.channel(node.channel)[node.y * layer.width + node.x], float(node.value));
  }
  EXPECT_THROW(explainer.features(photo, "nowhere"), UserError);
}

TEST(Stopping, EndsEachCallAndTheExplainerGoesOn) {
  Explainer explainer(small_model(), {"cpu"});
  const Image photo = tensor_portrait();
  const Tree whole = explainer.explain(photo);
  std::stop_source source;
  ExplainOptions explaining;
  explaining.stop = source.get_token();
  explaining.after_level = [&](const Tree&, int level) {
    if (level == 1) source.request_stop();
    EXPECT_LE(level, 1);
  };
  EXPECT_THROW(explainer.explain(photo, explaining), Stopped);
  explaining.after_level = {};
  EXPECT_THROW(explainer.explain_batch({&photo, 1}, explaining), Stopped);
  for (bool ExplainOptions::*more : {&ExplainOptions::surrogate, &ExplainOptions::guided}) {
    std::stop_source last;  // all levels are there, what follows them is not
    ExplainOptions following;
    following.depth = 1;
    following.*more = true;
    following.stop = last.get_token();
    following.after_level = [&](const Tree&, int level) {
      if (level == 1) last.request_stop();
    };
    EXPECT_THROW(explainer.explain(photo, following), Stopped);
    EXPECT_TRUE(last.stop_requested());  // not before the last level
  }
  AblationOptions ablating;
  ablating.stop = source.get_token();
  for (const AblationMethod method : {AblationMethod::fast, AblationMethod::naive}) {
    ablating.method = method;
    EXPECT_THROW(explainer.ablate(photo, "class:faces_easy", "", ablating), Stopped);
  }
  std::stop_source later;
  SaliencyOptions maps;
  maps.method = SaliencyMethod::smoothgrad;
  maps.stop = later.get_token();
  int64_t done = 0;
  maps.after_samples = [&](int64_t now, int64_t) {
    done = now;
    if (now >= 3) later.request_stop();
  };
  EXPECT_THROW(explainer.saliency(photo, maps), Stopped);
  EXPECT_EQ(done, 3);
  EXPECT_EQ(untimed(explainer.explain(photo)), untimed(whole));
}

TEST(Version, TheMacrosAreOneVersion) {
  EXPECT_EQ(joined(HDECOMP_VERSION_MAJOR, ".", HDECOMP_VERSION_MINOR, ".", HDECOMP_VERSION_PATCH),
            HDECOMP_VERSION);
  EXPECT_EQ(command_testing::run({"--version"}).out, "hdecomp " HDECOMP_VERSION "\n");
}

}  // namespace
}  // namespace hdecomp
