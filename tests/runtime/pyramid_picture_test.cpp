/// pyramid.png and the canvas that it is drawn on.
#include <gtest/gtest.h>

#include <map>

#include "hdecomp/hdecomp.h"
#include "runtime/report/canvas.h"
#include "runtime/report/close_up.h"
#include "runtime/report/heat_map.h"
#include "runtime/report/lettering.h"
#include "runtime/report/picture_words.h"
#include "runtime/report/tree_neurons.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using command_testing::count_of;

constexpr Colour black{0, 0, 0};

int value_at(const Image& image, int64_t y, int64_t x) {
  return image.rgb[(y * image.width + x) * 3];
}

int64_t dark_pixels(const Image& image) {
  return std::ranges::count_if(image.rgb, [](uint8_t v) { return v < 128; }) / 3;
}

TEST(Canvas, ALineIsAsWideAsAsked) {
  PixelCanvas canvas(40, 60);
  canvas.line({10, 20}, {50, 20}, 4, black);
  const Image& image = canvas.image();
  for (const int64_t y : {18, 19, 20, 21}) EXPECT_EQ(value_at(image, y, 30), 0) << y;
  for (const int64_t y : {16, 23}) EXPECT_EQ(value_at(image, y, 30), 255) << y;
  EXPECT_EQ(value_at(image, 20, 4), 255);
  EXPECT_EQ(value_at(image, 20, 55), 255);
}

TEST(Canvas, WhatLiesOutsideIsLeftOut) {
  PixelCanvas canvas(10, 10);
  canvas.line({-50, -50}, {60, 60}, 3, black);
  canvas.line({-20, 5}, {-15, 5}, 3, black);
  canvas.text("outside", {500, 5}, 8, black);
  EXPECT_EQ(value_at(canvas.image(), 5, 5), 0);
  EXPECT_EQ(value_at(canvas.image(), 0, 9), 255);
}

TEST(Canvas, TextIsCentredAndAsWideAsSaid) {
  PixelCanvas canvas(60, 400);
  canvas.text("conv5_3:70", {200, 40}, 18, black);
  const Image& image = canvas.image();
  int64_t left = 400, right = 0;
  for (int64_t y = 0; y < 60; ++y) {
    for (int64_t x = 0; x < 400; ++x) {
      if (value_at(image, y, x) > 128) continue;
      left = std::min(left, x), right = std::max(right, x);
    }
  }
  const double width = Canvas::text_width("conv5_3:70", 18);
  EXPECT_NEAR(static_cast<double>(right - left), width, 6);
  EXPECT_NEAR(static_cast<double>(left + right) / 2, 200, 4);
}

TEST(Canvas, EveryCharacterHasWholeStrokes) {
  for (int c = 1; c < 256; ++c) {
    const std::string_view strokes = strokes_of(static_cast<char>(c));
    size_t digits = 0;
    for (size_t i = 0; i <= strokes.size(); ++i) {
      if (i < strokes.size() && strokes[i] != ' ') {
        ASSERT_TRUE(strokes[i] >= '0' && strokes[i] <= '8') << c;
        ++digits;
        continue;
      }
      ASSERT_EQ(digits % 2, 0u) << c;
      ASSERT_TRUE(digits >= 4 || strokes.empty()) << c;
      digits = 0;
    }
    PixelCanvas canvas(30, 30);
    canvas.text(std::string(1, static_cast<char>(c)), {15, 22}, 14, black);
    const bool is_tail = (c & 0xc0) == 0x80;  // of a UTF-8 character
    EXPECT_EQ(dark_pixels(canvas.image()) > 0, c != ' ' && !is_tail) << c;
  }
}

TEST(Canvas, CapitalsAreNotSmallLetters) {
  for (char c = 'a'; c <= 'z'; ++c) {
    EXPECT_NE(strokes_of(static_cast<char>(c - 'a' + 'A')), strokes_of(c)) << c;
  }
}

TEST(PyramidPicture, ShowsThePhotographAndEveryMap) {
  const Image photo = Image::load(command_testing::photo("portrait.jpg"));
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  const Tree tree = explainer.explain(photo, {"", 3, 2, true});
  const Image picture = draw_pyramid(tree, photo, explainer.model());
  // Each picture is somewhere in it, pixel for pixel.
  const auto holds = [&](const Image& part) {
    const auto row = std::span(part.rgb).subspan(part.rgb.size() / 2, part.width * 3);
    return !std::ranges::search(picture.rgb, row).empty();
  };
  const Preprocess& rule = explainer.model().preprocess();
  const Image view = crop_of_photo(photo, rule, 260);
  EXPECT_TRUE(holds(view));
  const Image small = crop_of_photo(photo, rule, 200);
  for (const TreeNode& node : tree.root.children()) {
    const Decomposition& step = *tree.root.step;
    EXPECT_TRUE(
        holds(overlay(small, node.map->whole(), step.height, step.width, node.y, node.x, 200)));
  }
  EXPECT_FALSE(holds(crop_of_photo(photo, rule, 259)));
  EXPECT_EQ(draw_pyramid(tree, photo, explainer.model()).rgb, picture.rgb);
}

TEST(PyramidPicture, AsSvgHasLinesWordsAndEveryMap) {
  const Image photo = Image::load(command_testing::photo("portrait.jpg"));
  Explainer explainer(Model::bundled("vgg16-slim"), {.device = "cpu"});
  Tree tree = explainer.explain(photo, {"", 3, 2, true});
  tree.decision.name = "a<b> & c\x01\xef\xbf\xbf\xe9";  // Latin-1 at the end
  const std::string svg = pyramid_svg(tree, photo, explainer.model());
  size_t neurons = 0, lines = 0;
  for (const auto& level : neurons_of(tree.root)) {
    neurons += level.size();
    for (const TreeNeuron& neuron : level) lines += neuron.choosers.size();
  }
  EXPECT_EQ(count_of(svg, "<image "), neurons + 2);  // the photograph and the colours' bar
  EXPECT_EQ(count_of(svg, "<path "), lines);
  EXPECT_EQ(count_of(svg, "<text "), count_of(svg, "</text>"));
  EXPECT_EQ(count_of(svg, ">channel "), tree.root.children().size());
  EXPECT_EQ(count_of(svg, ">conv5_3</text>"), 1u);
  EXPECT_EQ(count_of(svg, "a&lt;b&gt; &amp; c\xef\xbf\xbd</text>"), 1u);  // below the photograph
  EXPECT_EQ(svg.find('\x01'), svg.npos);
  EXPECT_NE(svg, pyramid_svg(tree, photo, explainer.model(), Colours::ember));
  EXPECT_THROW(pyramid_svg(explainer.explain(photo, {"", 2, 1}), photo, explainer.model()), Error);
}

TEST(PyramidPicture, ColoursAreThoseThatWereAskedFor) {
  const Image photo = Image::load(command_testing::photo("portrait.jpg"));
  Explainer explainer(Model::bundled("vgg16-slim"), {.device = "cpu"});
  const Tree tree = explainer.explain(photo, {"", 2, 1, true});
  const TreeNode& node = tree.root.children().front();
  std::vector<std::vector<uint8_t>> seen;
  for (const Colours colours : {Colours::jet, Colours::ember, Colours::dusk, Colours::signed_}) {
    const EvidencePainter painter(photo, explainer.model(), 224, colours);
    const Image picture = painter.draw(node, *tree.root.step);
    Image expected = painter.view();
    expected = overlay(expected, node.map->whole(), tree.root.step->height, tree.root.step->width,
                       node.y, node.x, 224, {}, colours);
    EXPECT_EQ(picture.rgb, expected.rgb);
    EXPECT_EQ(std::ranges::count(seen, picture.rgb), 0);
    seen.push_back(picture.rgb);
    const Image pyramid = draw_pyramid(tree, photo, explainer.model(), colours);
    EXPECT_EQ(std::ranges::count(seen, pyramid.rgb), 0);
    seen.push_back(pyramid.rgb);
    seen.push_back(draw_level(tree, 0, photo, explainer.model(), colours).rgb);
  }
}

TEST(LevelSheet, ShowsEachNeuronOnceTheMostEvidenceFirst) {
  const Image photo = Image::load(command_testing::photo("portrait.jpg"));
  Explainer explainer(Model::bundled("vgg16-slim"), {.device = "cpu"});
  const Tree tree = explainer.explain(photo, {"", 3, 2, true});
  const std::vector<std::vector<TreeNeuron>> levels = neurons_of(tree.root);
  ASSERT_EQ(levels.size(), 2u);
  const Image sheet = draw_level(tree, 1, photo, explainer.model());
  const Image view = crop_of_photo(photo, explainer.model().preprocess(), 224);
  std::map<size_t, double> found;  // where in the sheet, the neuron's weight
  for (const TreeNeuron& neuron : levels[1]) {
    const TreeNode& node = *neuron.node;
    const Image picture = overlay(view, node.map->whole(), neuron.parent->height,
                                  neuron.parent->width, node.y, node.x, {224, 224});
    // The row of the peak, whose mark is in no other's.
    const auto peak = static_cast<size_t>((node.y * 224 + 112) / neuron.parent->height);
    const auto row = std::span(picture.rgb).subspan(peak * 224 * 3, size_t{224} * 3);
    const auto at = std::ranges::search(sheet.rgb, row);
    ASSERT_FALSE(at.empty()) << place_of(node);
    // In lines of the pictures' height, from left to right.
    const auto pixel = static_cast<size_t>(at.begin() - sheet.rgb.begin()) / 3;
    const auto width = static_cast<size_t>(sheet.width);
    const size_t line = (pixel / width - peak) / 224, column = pixel % width / 224;
    EXPECT_TRUE(found.emplace(line * 100 + column, neuron.weight).second) << place_of(node);
  }
  double above = 1;
  for (const auto& [where, weight] : found) {
    EXPECT_LE(weight, above) << where;
    above = weight;
  }
  EXPECT_EQ(found.size(), levels[1].size());
  EXPECT_THROW(draw_level(tree, 2, photo, explainer.model()), Error);
  EXPECT_THROW(draw_level(explainer.explain(photo, {"", 3, 2}), 0, photo, explainer.model()),
               Error);
}

/// Of a level whose receptive fields are small the pictures show their surroundings alone.
TEST(LevelSheet, SmallFieldsAreShownCloser) {
  const Image photo = Image::load(command_testing::photo("portrait.jpg"));
  Explainer explainer(Model::bundled("vgg16-slim"), {.device = "cpu"});
  const Model& model = explainer.model();
  const Tree tree = explainer.explain(photo, {"", 2, 0, true});
  const std::vector<std::vector<TreeNeuron>> levels = neurons_of(tree.root);
  std::vector<double> zooms;
  for (const std::vector<TreeNeuron>& level : levels) {
    const CloseUps pictures(photo, model, level, 120);
    zooms.push_back(pictures.zoom());
    const TreeNeuron& neuron = level.front();
    const Image picture = pictures.draw(neuron);
    EXPECT_EQ(picture.width, 120);
    // The mark's black core lies over the cell: no further from the middle than the view's edges
    // leave room for.
    const double side = 112;  // of the input
    const double field = side / zooms.back();
    const double cell = side / static_cast<double>(neuron.parent->height);
    const auto place = [&](int64_t at, int64_t begin, int64_t extent) {
      const double middle = static_cast<double>(begin) + static_cast<double>(extent) / 2;
      const double from = std::clamp(middle - field / 2, 0.0, side - field);
      return static_cast<int64_t>(((static_cast<double>(at) + 0.5) * cell - from) / field * 120);
    };
    const TreeNode& node = *neuron.node;
    const PixelRectangle seen = model.receptive_field(node.layer, node.y, node.x);
    EXPECT_EQ(
        value_at(picture, place(node.y, seen.y, seen.height), place(node.x, seen.x, seen.width)), 0)
        << place_of(node);
  }
  ASSERT_EQ(zooms.size(), 5u);
  for (const size_t level : {0, 1, 2}) EXPECT_EQ(zooms[level], 1) << level;
  EXPECT_DOUBLE_EQ(zooms[3], 112.0 / 3 / 14);  // conv2_2 sees 14 x 14 pixels
  EXPECT_EQ(zooms[4], 5);
}

TreeNode node_of(int64_t channel, double share, std::vector<TreeNode> children = {}) {
  TreeNode node;
  node.layer = "a";
  node.channel = channel;
  node.share = share;
  node.contribution = share;
  if (children.empty()) return node;
  const auto step = std::make_shared<Decomposition>();
  step->positive = 1;
  step->evidence = std::move(children);
  node.step = step;
  return node;
}

TEST(TreeNeurons, SharesAreMultipliedAlongEveryPath) {
  const TreeNode root = node_of(0, 0,
                                {node_of(1, 0.5, {node_of(7, 0.2), node_of(8, 0.4)}),
                                 node_of(2, 0.25, {node_of(8, 0.9), node_of(9, -0.5)})});
  const std::vector<std::vector<TreeNeuron>> levels = neurons_of(root);
  ASSERT_EQ(levels.size(), 2u);
  const std::vector<TreeNeuron>& last = levels[1];
  ASSERT_EQ(last.size(), 3u);
  EXPECT_DOUBLE_EQ(last[0].weight, 0.5 * 0.2);
  EXPECT_DOUBLE_EQ(last[1].weight, 0.5 * 0.4 + 0.25 * 0.9);
  EXPECT_DOUBLE_EQ(last[2].weight, 0);
  ASSERT_EQ(last[1].choosers.size(), 2u);
  EXPECT_EQ(last[1].choosers[1].decision, 1u);
  EXPECT_FALSE(last[1].choosers[0].is_first);
  EXPECT_TRUE(last[1].choosers[1].is_first);
  EXPECT_DOUBLE_EQ(last[1].node->share, 0.9);  // more comes through the second
  EXPECT_EQ(strongest(last, 1), (std::vector<bool>{false, true, false}));
  EXPECT_EQ(strongest(last, 2), (std::vector<bool>{true, true, false}));
  EXPECT_EQ(strongest(last, 9), std::vector<bool>(3, true));
}

/// Pictures and the command's text have one rule for shares, the pages' `part`.
TEST(PictureWords, SharesHaveThreeDecimalsOrTwoDigits) {
  const std::vector<std::pair<double, std::string>> all{
      {1, "1.000"},        {0.0214, "0.021"},     {0.001, "0.001"}, {0.000999, "1.0e-3"},
      {0.0004, "4.0e-4"},  {1.26e-12, "1.3e-12"}, {0, "0"},         {-0.25, "-0.250"},
      {-0.0004, "-4.0e-4"}};
  for (const auto& [part, words] : all) {
    EXPECT_EQ(part_words(part), words);
  }
}

TEST(PyramidPicture, HundredsOfNodesFitAndATreeWithoutMapsIsRefused) {
  const Image photo = Image::load(command_testing::photo("coffee.jpg"));
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  const Image picture =
      draw_pyramid(explainer.explain(photo, {"", 4, 0, true}), photo, explainer.model());
  EXPECT_EQ(picture.width, 1800);
  EXPECT_LE(picture.height, 4500);
  EXPECT_THROW(draw_pyramid(explainer.explain(photo, {"", 2, 1}), photo, explainer.model()), Error);
}

}  // namespace
}  // namespace hdecomp
