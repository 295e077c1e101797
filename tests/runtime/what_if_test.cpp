/// Photographs with a part filled, networks with channels switched off, and chance beside them.
#include "hdecomp/what_if.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "nets/layer_names.h"
#include "tests/support/bundled_photos.h"
#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"
#include "weights/model/filled_channels.h"

namespace hdecomp {
namespace {

Image photo(const std::string& name = "chelsea.jpg") { return testing_models::bundled_photo(name); }

Explainer explainer(int batch, const std::string& model = "vgg16-slim") {
  return Explainer(Model::bundled(model), {.device = "cpu", .batch = batch});
}

WhatIfOptions few(int controls, uint64_t seed = 0) {
  WhatIfOptions options;
  options.controls = controls;
  options.seed = seed;
  return options;
}

/// Bit for bit what classify says of a photograph that was filled by hand.
TEST(WhatIf, OfARegionIsWhatTheFilledPhotographGives) {
  const Image cat = photo();
  Explainer four = explainer(4), one = explainer(1);
  const PhotoRegion region{{100, 40, 150, 120}, {}};
  for (const RegionFill fill : {RegionFill::grey, RegionFill::blur, RegionFill::mean}) {
    const WhatIf result = four.what_if(cat, region, fill, few(6));
    const PixelFiller filler(cat, fill);
    const auto compare = [&](const Verdict& verdict, const Image& image) {
      const std::vector<ClassScore> scores = one.classify(image, 100);
      EXPECT_EQ(verdict.predicted().index, scores[0].index);
      for (size_t i = 0; i < verdict.top.size(); ++i) {
        EXPECT_EQ(verdict.top[i].index, scores[i].index);
        EXPECT_EQ(verdict.top[i].score, scores[i].score);
        EXPECT_EQ(verdict.top[i].probability, scores[i].probability);
      }
      for (const ClassScore& score : scores) {
        if (score.index != verdict.decision.index) continue;
        EXPECT_EQ(verdict.decision.score, score.score);
      }
    };
    EXPECT_EQ(result.before.top.size(), 100u);
    compare(result.before, cat);
    compare(result.after, filler.filled(region));
    ASSERT_EQ(result.controls.size(), 6u);
    for (size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(result.control_boxes[i].width, 150);
      compare(result.controls[i], filler.filled({result.control_boxes[i], {}}));
    }
  }
}

TEST(WhatIf, ControlsOfAMaskHaveAsManyPixels) {
  const Image cat = photo();
  PhotoRegion region{{60, 30, 100, 80}, std::vector<uint8_t>(8000)};
  for (size_t i = 0; i < 2000; ++i) region.mask[4 * i] = 1;
  const WhatIf result = explainer(4).what_if(cat, region, RegionFill::grey, few(3));
  EXPECT_EQ(result.seen.pixels(), 2000);
  for (const PhotoBox& box : result.control_boxes) {
    // The smallest box around them is 97 x 80; 49 x 41 has as many pixels, to a side's rounding.
    EXPECT_EQ(box.width, 49);
    EXPECT_EQ(box.height, 41);
  }
}

TEST(WhatIf, OfTheSeenPartAlone) {
  const Image cat = photo();  // 451 x 300; a net of a centre crop sees the middle 300
  Explainer net = explainer(2, "squeezenet");
  const PhotoBox seen = seen_of(cat, net.model().preprocess());
  ASSERT_GT(seen.x, 10);
  const PhotoRegion half{{seen.x - 10, 100, 20, 20}, {}};
  const WhatIf result = net.what_if(cat, half, RegionFill::grey, few(4));
  EXPECT_EQ(result.seen.box, (PhotoBox{seen.x, 100, 10, 20}));
  for (const PhotoBox& box : result.control_boxes) {
    EXPECT_EQ(box.width, 10);
    EXPECT_GE(box.x, seen.x);
    EXPECT_LE(box.x + box.width, seen.x + seen.width);
  }
  const PhotoRegion outside{{0, 0, 5, 5}, {}};
  EXPECT_THROW(net.what_if(cat, outside, RegionFill::grey), UserError);
}

/// A network that is higher than wide sees a higher part of the photograph.
TEST(WhatIf, OfAnInputThatIsNoSquare) {
  const Image cat = photo();  // 451 x 300 pixels
  ModelData data = testing_models::slim_model("vgg16", PixelSize{96, 64});
  data.preprocess.resize = Resize::cover;
  data.preprocess.size = data.preprocess.crop = PixelSize{96, 64};
  const std::string folder = file_testing::empty_folder();
  write_model(data, folder + "/high.h5");
  Explainer net(Model::load(folder + "/high.h5"), {.device = "cpu", .batch = 2});
  ASSERT_EQ(net.model().preprocess().crop, (PixelSize{96, 64}));
  // To 144 x 96: all rows, of the columns the 64 from 40 on, 125.3 to 325.7 of 451.
  const WhatIf result = net.what_if(cat, {{100, 0, 80, 300}, {}}, RegionFill::grey, few(4));
  EXPECT_EQ(result.seen.box, (PhotoBox{125, 0, 55, 300}));
  for (const PhotoBox& box : result.control_boxes) {
    EXPECT_EQ(box.width, 55);
    EXPECT_EQ(box.height, 300);
    EXPECT_GE(box.x, 125);
    EXPECT_LE(box.x + box.width, 326);
  }
}

TEST(WhatIf, OffIsAblation) {
  const Image cat = photo();
  for (const std::string model : {"vgg16-slim", "squeezenet"}) {
    Explainer net = explainer(1, model);
    const std::vector<std::string> stages = net.model().stages();
    for (const std::string& layer : std::vector(stages.begin() + 2, stages.end())) {  // small maps
      for (const AblationFill fill : {AblationFill::mean, AblationFill::zero}) {
        AblationOptions ablation;
        ablation.fill = fill;
        const std::string index = joined(net.classify(cat, 1).front().index);
        const Ablation drops = net.ablate(cat, "class:" + index, layer, ablation);
        for (const int32_t channel : {0, 5, 11}) {
          const WhatIf result = net.what_if(cat, {{layer, {channel}}}, fill, nullptr, few(0));
          EXPECT_NEAR(result.before.decision.score - result.after.decision.score,
                      drops.drops[channel], 1e-5 * std::abs(result.before.decision.score))
              << model << " " << layer << " " << channel;
        }
      }
    }
  }
}

/// The filled network is the same one: its scores, and it can be filled and explained as any.
TEST(WhatIf, TheFilledModelSaysTheSame) {
  const Image cat = photo();
  for (const std::string name : {"vgg16-slim", "squeezenet"}) {
    Explainer net = explainer(1, name);
    const std::vector<std::string> stages = net.model().stages();
    const std::vector<FilledLayer> off{{stages[0], {1, 7, 30}}, {stages[1], {2}}};
    const WhatIf result = net.what_if(cat, off, AblationFill::mean, nullptr, few(0));
    EXPECT_EQ(result.off[0].layer == stages[0], result.off[1].layer == stages[1]);
    const Model filled = net.model().filled(result.off);
    Explainer without(filled, {.device = "cpu"});
    const std::vector<ClassScore> scores = without.classify(cat, 5);
    for (size_t i = 0; i < scores.size(); ++i) {
      EXPECT_EQ(scores[i].index, result.after.top[i].index);
      EXPECT_NEAR(scores[i].score, result.after.top[i].score,
                  1e-5 * std::abs(result.after.top[0].score));
    }
    EXPECT_EQ(filled.stages(), stages);
    const Tree tree = without.explain(cat);
    EXPECT_EQ(tree.layers, net.explain(cat).layers);
    EXPECT_THROW(filled.save("filled.h5"), Error);
  }
}

/// A convolution whose row is 0 and whose bias is the fill is the same channel switched off: the
/// trees are alike, so that no gradient passes it.
TEST(WhatIf, TheFilledModelsTreeIsThatOfAConstantChannel) {
  const Image cat = photo();
  const auto data = std::make_shared<ModelData>(testing_models::slim_model("vgg16", 64));
  const int node = data->graph.stage_ends[2].node;
  std::vector<int32_t> channels{0, 2};
  const std::vector<FilledNode> off{{node, channels, {0.5f, 0.25f}}};
  ModelData constant = testing_models::slim_model("vgg16", 64);
  LayerWeights& layer = constant.layers[node];
  const int64_t row = layer.weight.elements() / layer.weight.shape()[0];
  for (size_t i = 0; i < channels.size(); ++i) {
    std::fill_n(layer.weight.data() + channels[i] * row, row, 0.0f);
    layer.bias.data()[channels[i]] = off[0].values[i];
  }
  const std::string folder = file_testing::empty_folder();
  write_model(*data, folder + "/net.h5");
  write_model(constant, folder + "/constant.h5");
  const Model net = Model::load(folder + "/net.h5");
  Explainer by_row(Model::load(folder + "/constant.h5"), {.device = "cpu"});
  Explainer filled(net.filled({{layer_label(data->graph, node), channels, off[0].values}}),
                   {.device = "cpu"});
  const Tree expected = by_row.explain(cat), tree = filled.explain(cat);
  EXPECT_EQ(tree.decision.index, expected.decision.index);
  EXPECT_NEAR(tree.decision.score, expected.decision.score, 1e-5 * expected.decision.score);
  const std::vector<TreeStep> steps = distinct_steps(tree.root),
                              wanted = distinct_steps(expected.root);
  ASSERT_EQ(steps.size(), wanted.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    const Decomposition &one = *steps[i].decision->step, &other = *wanted[i].decision->step;
    EXPECT_EQ(place_of(*steps[i].decision), place_of(*wanted[i].decision));
    ASSERT_EQ(one.contribution.size(), other.contribution.size());
    for (size_t k = 0; k < one.contribution.size(); ++k) {
      EXPECT_NEAR(one.contribution[k], other.contribution[k], 1e-5 * other.positive);
    }
  }
}

TEST(WhatIf, ControlsAreOtherChannelsOfTheLayer) {
  Explainer net = explainer(1);
  const Image cat = photo();
  const std::vector<FilledLayer> off{{"conv5_3", {3, 9}}, {"conv4_3", {1}}};
  const WhatIf result = net.what_if(cat, off, AblationFill::zero, nullptr, few(12));
  std::set<std::vector<int32_t>> drawn;
  for (size_t i = 0; i < 12; ++i) {
    const std::vector<FilledLayer>& others = result.control_channels[i];
    ASSERT_EQ(others.size(), 2u);
    EXPECT_EQ(others[0].layer, "conv4_3");  // from below
    EXPECT_EQ(others[0].channels.size(), 1u);
    EXPECT_NE(others[0].channels[0], 1);
    ASSERT_EQ(others[1].channels.size(), 2u);
    for (const int32_t channel : others[1].channels) EXPECT_TRUE(channel != 3 && channel != 9);
    drawn.insert(others[1].channels);
    // Each is what it would be asked for by hand.
    const WhatIf alone = net.what_if(cat, others, AblationFill::zero, nullptr, few(0));
    EXPECT_EQ(alone.after.decision.score, result.controls[i].decision.score);
  }
  EXPECT_GT(drawn.size(), 8u);
  const WhatIf again = net.what_if(cat, off, AblationFill::zero, nullptr, few(12));
  EXPECT_EQ(again.control_channels, result.control_channels);
  EXPECT_NE(net.what_if(cat, off, AblationFill::zero, nullptr, few(12, 1)).control_channels,
            result.control_channels);
}

/// All channels but one: no more others than that one.
TEST(WhatIf, ALayerMayHaveTooFewOthers) {
  Explainer net = explainer(1);
  FilledLayer most{"conv5_3", {}};
  for (int32_t k = 1; k < 128; ++k) most.channels.push_back(k);
  const WhatIf result = net.what_if(photo(), {most}, AblationFill::zero, nullptr, few(2));
  EXPECT_EQ(result.control_channels[0][0].channels, std::vector<int32_t>{0});
}

TEST(WhatIf, SumsControlsUp) {
  WhatIf result;
  const auto verdict = [](int64_t predicted, float score, float probability) {
    return Verdict{{7, "", "", score, probability}, {{predicted, "", "", 0, 0}}};
  };
  result.before = verdict(7, 4, 0.5f);
  result.after = verdict(3, 2, 0.25f);
  result.controls = {verdict(7, 5, 0.75f), verdict(3, 2, 0.125f), verdict(7, 3, 0.5f)};
  const ControlSummary chance = summary_of(result);
  EXPECT_EQ(chance.controls, 3);
  EXPECT_EQ(chance.class_changes, 1);
  EXPECT_EQ(chance.as_low, 1);
  EXPECT_EQ(chance.as_high, 3);
  EXPECT_NEAR(chance.mean_change, (0.25 - 0.375 + 0) / 3, 1e-12);
  EXPECT_EQ(chance.least_change, -0.375);
  EXPECT_EQ(chance.most_change, 0.25);
  EXPECT_NEAR(chance.mean_score_change, -2.0 / 3, 1e-12);
  result.controls.clear();
  EXPECT_EQ(summary_of(result).mean_change, 0);
}

TEST(WhatIfNames, AreRead) {
  const NodeName node = node_name("layer1.0.conv2:12@3,4");
  EXPECT_EQ(node.layer, "layer1.0.conv2");
  EXPECT_EQ(node.channel, 12);
  EXPECT_TRUE(node.has_place && node.y == 3 && node.x == 4);
  EXPECT_FALSE(node_name("conv5_3:7").has_place);
  for (const char* wrong : {"", "top", "conv5_3", ":3", "conv5_3:", "conv5_3:x", "conv5_3:1@2",
                            "conv5_3:1@2,", "conv5_3:1@2,3,4", "conv5_3:1@2,3@4,5", "a:1.5"}) {
    EXPECT_THROW(node_name(wrong), UserError) << wrong;
  }
  const std::vector<FilledLayer> off = channels_off("a:1,2,b:3,a:4");
  EXPECT_EQ(off, (std::vector<FilledLayer>{{"a", {1, 2, 4}}, {"b", {3}}}));
  for (const char* wrong :
       {"", "1", "a:", "a:1,", "a:1,,2", "a:nan", ":1", "a:1,1", "a:1,b:2,a:1", "a:99999999999"}) {
    EXPECT_THROW(channels_off(wrong), UserError) << wrong;
  }
  const Image image{8, 10, std::vector<uint8_t>(240)};
  EXPECT_EQ(photo_box("1,2,3,4", image), (PhotoBox{1, 2, 3, 4}));
  for (const char* wrong : {"", "1,2,3", "1,2,3,4,5", "1,2,x,4", "nan,0,1,1", "1,2,0,4", "0,0,-1,2",
                            "-1,0,2,2", "9,0,2,2", "0,7,1,2", "0,0,11,1", "1.5,0,1,1",
                            "9223372036854775807,0,9223372036854775807,1"}) {
    EXPECT_THROW(photo_box(wrong, image), UserError) << wrong;
  }
}

TEST(WhatIf, Refuses) {
  Explainer net = explainer(1);
  const Image cat = photo();
  const auto off = [&](const std::vector<FilledLayer>& layers) {
    return net.what_if(cat, layers, AblationFill::zero, nullptr, few(1));
  };
  EXPECT_THROW(off({}), UserError);
  EXPECT_THROW(off({{"nothing", {1}}}), UserError);
  EXPECT_THROW(off({{"scores", {1}}}), UserError);
  EXPECT_THROW(off({{"input", {1}}}), UserError);
  EXPECT_THROW(off({{"conv5_3", {128}}}), UserError);
  EXPECT_THROW(off({{"conv5_3", {-1}}}), UserError);
  EXPECT_THROW(off({{"conv5_3", {1}}, {"features.42", {1}}}), UserError);  // the same layer
  EXPECT_THROW(net.what_if(cat, {{0, 0, 5, 5}, {}}, RegionFill::grey, few(-1)), UserError);
  EXPECT_THROW(net.what_if(cat, {{0, 0, 5, 5}, {}}, RegionFill::grey, few(1 << 20)), UserError);
  EXPECT_THROW(net.what_if(cat, {{0, 0, 9999, 5}, {}}, RegionFill::grey, few(1)), UserError);
  EXPECT_NO_THROW(off({{"conv5_3", {127}}}));  // it can be used on
}

}  // namespace
}  // namespace hdecomp
