/// What the page asks of an Explainer: levels as they are ready, channels by hand, images again.
#include <gtest/gtest.h>

#include "hdecomp/hdecomp.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

Image portrait() { return Image::load(command_testing::photo("portrait.jpg")); }

int64_t count_nodes(const TreeNode& node) {
  int64_t total = 0;
  for (const TreeNode& child : node.children()) total += 1 + count_nodes(child);
  return total;
}

TEST(ExplainerSteps, LevelsComeOneByOneAndTheLastIsTheTree) {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  std::vector<int64_t> nodes;
  std::string last;
  ExplainOptions options{"", 2, 3};
  options.after_level = [&](const Tree& so_far, int level) {
    EXPECT_EQ(level, static_cast<int>(nodes.size()));
    EXPECT_EQ(so_far.top.size(), 5u);
    EXPECT_EQ(so_far.layers.size(), 3u);
    EXPECT_GT(so_far.root.value, 0);
    nodes.push_back(count_nodes(so_far.root));
    Tree copy = so_far;
    copy.decompositions = 7, copy.timings_ms = {};
    last = to_json(copy);
  };
  Tree tree = explainer.explain(portrait(), options);
  EXPECT_EQ(nodes, (std::vector<int64_t>{0, 2, 6, 14}));
  tree.decompositions = 7, tree.timings_ms = {};
  EXPECT_EQ(last, to_json(tree));
}

TEST(ExplainerSteps, AThrowAfterALevelEndsTheWork) {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  int calls = 0;
  ExplainOptions options;
  options.after_level = [&](const Tree&, int level) {
    ++calls;
    if (level == 1) throw Error("enough");
  };
  EXPECT_THROW(explainer.explain(portrait(), options), Error);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(explainer.explain(portrait(), {"", 2, 1}).root.children().size(), 2u);  // still works
}

TEST(ExplainerSteps, ChannelsByHandAreTheStepsOwn) {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  const Image image = portrait();
  StepOptions all;
  all.top = 128;
  all.keep_maps = true;
  const DecisionStep ranked = explainer.decompose(image, "class:faces_easy", "conv5_3", all);
  ASSERT_GT(ranked.decision.children().size(), 9u);
  const TreeNode &third = ranked.decision.children()[2], &ninth = ranked.decision.children()[8];
  StepOptions chosen = all;
  chosen.channels = {static_cast<int32_t>(ninth.channel), static_cast<int32_t>(third.channel)};
  const DecisionStep step = explainer.decompose(image, "class:faces_easy", "conv5_3", chosen);
  EXPECT_EQ(step.decision.step->contribution, ranked.decision.step->contribution);
  ASSERT_EQ(step.decision.children().size(), 2u);
  const auto expect_same = [](const TreeNode& a, const TreeNode& b) {
    EXPECT_EQ(a.channel, b.channel);
    EXPECT_EQ(a.y, b.y);
    EXPECT_EQ(a.x, b.x);
    EXPECT_EQ(a.contribution, b.contribution);
    EXPECT_EQ(a.share, b.share);
    EXPECT_EQ(a.peak, b.peak);
    EXPECT_EQ(a.value, b.value);
    EXPECT_EQ(a.map->whole(), b.map->whole());
  };
  expect_same(step.decision.children()[0], ninth);
  expect_same(step.decision.children()[1], third);
}

TEST(ExplainerSteps, EndWhereTheyAreAskedTo) {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  std::stop_source source;
  source.request_stop();
  StepOptions options;
  options.stop = source.get_token();
  EXPECT_THROW(explainer.decompose(portrait(), "class:faces_easy", "conv5_3", options), Stopped);
  AblationOptions ablation;
  ablation.stop = source.get_token();
  EXPECT_THROW(explainer.ablate(portrait(), "class:faces_easy", "conv5_3", ablation), Stopped);
  EXPECT_EQ(
      explainer.decompose(portrait(), "class:faces_easy", "conv5_3", 2).decision.children().size(),
      2u);
}

/// A there is the lowest of G * F, also of a channel that is nowhere for the decision.
TEST(ExplainerSteps, EvidenceAgainstStandsWhereAIsLowest) {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  const Image image = portrait();
  const DecisionStep ranked = explainer.decompose(image, "class:faces_easy", "conv5_3", 3);
  const Decomposition& all = *ranked.decision.step;
  StepOptions options;
  options.keep_maps = true;
  options.against = true;
  for (size_t c = 0; c < all.contribution.size(); ++c) {
    if (all.contribution[c] < 0) options.channels.push_back(static_cast<int32_t>(c));
  }
  const DecisionStep step = explainer.decompose(image, "class:faces_easy", "conv5_3", options);
  const LayerFeatures features = explainer.features(image, "conv5_3");
  ASSERT_EQ(step.decision.children().size(), options.channels.size());
  int without_peak = 0;
  for (const TreeNode& node : step.decision.children()) {
    without_peak += all.position[node.channel] < 0 ? 1 : 0;
    const std::vector<float> map = node.map->whole();
    const float lowest = *std::ranges::min_element(map);
    EXPECT_LT(lowest, 0);
    EXPECT_EQ(node.map->at(node.y, node.x), lowest);
    EXPECT_EQ(node.contribution, all.contribution[node.channel]);
    EXPECT_EQ(node.value, features.channel(node.channel)[node.y * features.width + node.x]);
  }
  EXPECT_GT(without_peak, 0);
  EXPECT_EQ(step.decision.step->contribution, all.contribution);
  options.keep_maps = false;
  const DecisionStep bare = explainer.decompose(image, "class:faces_easy", "conv5_3", options);
  EXPECT_EQ(bare.decision.children().front().map, nullptr);
  EXPECT_EQ(place_of(bare.decision.children().front()), place_of(step.decision.children().front()));
}

TEST(ExplainerSteps, ChannelsThatCannotBeAreToldOf) {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  const auto message = [&](std::vector<int32_t> channels) -> std::string {
    StepOptions options;
    options.channels = std::move(channels);
    try {
      explainer.decompose(portrait(), "class:faces_easy", "conv5_3", options);
      return "";
    } catch (const UserError& fault) {
      return fault.what();
    }
  };
  EXPECT_NE(message({128}).find("no channel 128"), std::string::npos);
  EXPECT_NE(message({-1}).find("no channel -1"), std::string::npos);
  EXPECT_NE(message({4, 4}).find("named twice"), std::string::npos);
  const DecisionStep step = explainer.decompose(portrait(), "class:faces_easy", "conv5_3", 3);
  const auto& positions = step.decision.step->position;
  const auto none = std::ranges::find(positions, -1);
  ASSERT_NE(none, positions.end());
  EXPECT_NE(message({static_cast<int32_t>(none - positions.begin())}).find("no peak"),
            std::string::npos);
}

TEST(ExplainerSteps, TheSameImageAgainNeedsNoForwardPass) {
  EngineOptions keeping{"cpu"};
  keeping.keep_last = true;
  Explainer keeps(Model::bundled("vgg16-slim"), keeping),
      plain(Model::bundled("vgg16-slim"), {"cpu"});
  const Image one = portrait(), other = Image::load(command_testing::photo("coffee.jpg"));
  const auto forward_ms = [&](const Image& image) {
    return keeps.explain(image, {"", 2, 2}).timings_ms.at("forward");
  };
  EXPECT_GT(forward_ms(one), 0);
  EXPECT_EQ(forward_ms(one), 0);
  EXPECT_GT(forward_ms(other), 0);
  EXPECT_GT(forward_ms(one), 0);
  const auto steps = [&](Explainer& explainer) {
    DecisionStep step = explainer.decompose(one, "class:faces_easy", "conv3_3", 4);
    step.timings_ms = {};
    return to_json(step);
  };
  EXPECT_EQ(steps(keeps), steps(plain));
  keeps.ablate(one, "class:faces_easy");  // runs the network on other features
  EXPECT_GT(forward_ms(one), 0);
  EXPECT_EQ(steps(keeps), steps(plain));
}

TEST(ExplainerSteps, AnEmptyImageIsNeverTheLastOne) {
  EngineOptions keeping{"cpu"};
  keeping.keep_last = true;
  Explainer explainer(Model::bundled("vgg16-slim"), keeping);
  EXPECT_THROW(explainer.classify(Image{}), UserError);
  explainer.classify(portrait());
  EXPECT_THROW(explainer.classify(Image{}), UserError);
  EXPECT_THROW(explainer.classify(Image{}), UserError);  // not the portrait's classes
  EXPECT_THROW(explainer.explain(Image{}), UserError);
}

TEST(ExplainerSteps, ReceptiveFieldsAreThoseOfGuidedBackpropagation) {
  for (const Model& model :
       {Model::bundled("vgg16-slim"), Model::initialise("resnet18", 1, 10, 64)}) {
    Explainer explainer(model, {"cpu"});
    const Tree tree = explainer.explain(portrait(), {"", 3, 0, false, true});
    std::vector<const TreeNode*> nodes{&tree.root};
    for (size_t i = 0; i < nodes.size(); ++i) {
      for (const TreeNode& child : nodes[i]->children()) nodes.push_back(&child);
      if (i == 0) continue;
      const PixelRectangle field = model.receptive_field(nodes[i]->layer, nodes[i]->y, nodes[i]->x);
      const GuidedCrop& crop = *nodes[i]->guided;
      EXPECT_EQ(std::tuple(field.y, field.x, field.height, field.width),
                std::tuple(crop.y, crop.x, crop.height, crop.width));
    }
    EXPECT_GT(nodes.size(), 50u);
    const PixelRectangle pixel = model.receptive_field("input", 3, 5);
    EXPECT_EQ(pixel.y, 3);
    EXPECT_EQ(pixel.x, 5);
    EXPECT_EQ(pixel.height * pixel.width, 1);
    EXPECT_THROW(model.receptive_field("input", 0, 100000), Error);
    EXPECT_THROW(model.receptive_field("nothing", 0, 0), UserError);
  }
}

TEST(ExplainerSteps, AJpegLooksLikeTheImage) {
  const Image image = portrait();
  const Image back = Image::decode(encode_jpeg(image, 95), "made");
  ASSERT_EQ(back.rgb.size(), image.rgb.size());
  double difference = 0;
  for (size_t i = 0; i < image.rgb.size(); ++i) {
    difference += std::abs(static_cast<double>(image.rgb[i]) - back.rgb[i]);
  }
  EXPECT_LT(difference / static_cast<double>(image.rgb.size()), 3.0);
  EXPECT_EQ(Image::decode(encode_png(image), "made").rgb, image.rgb);
  EXPECT_THROW(encode_jpeg(Image{2, 2, {1, 2, 3}}), UserError);
}

}  // namespace
}  // namespace hdecomp
