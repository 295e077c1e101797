/// pyramid.png and the canvas that it is drawn on.
#include <gtest/gtest.h>

#include "hdecomp/hdecomp.h"
#include "runtime/report/canvas.h"
#include "runtime/report/heat_map.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

constexpr Colour black{0, 0, 0};

int value_at(const Image& image, int64_t y, int64_t x) {
  return image.rgb[(y * image.width + x) * 3];
}

int64_t dark_pixels(const Image& image) {
  return std::ranges::count_if(image.rgb, [](uint8_t v) { return v < 128; }) / 3;
}

TEST(Canvas, ALineIsAsWideAsAsked) {
  Canvas canvas(40, 60);
  canvas.line({10, 20}, {50, 20}, 4, black);
  const Image& image = canvas.image();
  for (const int64_t y : {18, 19, 20, 21}) EXPECT_EQ(value_at(image, y, 30), 0) << y;
  for (const int64_t y : {16, 23}) EXPECT_EQ(value_at(image, y, 30), 255) << y;
  EXPECT_EQ(value_at(image, 20, 4), 255);
  EXPECT_EQ(value_at(image, 20, 55), 255);
}

TEST(Canvas, WhatLiesOutsideIsLeftOut) {
  Canvas canvas(10, 10);
  canvas.line({-50, -50}, {60, 60}, 3, black);
  canvas.line({-20, 5}, {-15, 5}, 3, black);
  canvas.text("outside", {500, 5}, 8, black);
  EXPECT_EQ(value_at(canvas.image(), 5, 5), 0);
  EXPECT_EQ(value_at(canvas.image(), 0, 9), 255);
}

TEST(Canvas, TextIsCentredAndAsWideAsSaid) {
  Canvas canvas(60, 400);
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
    Canvas canvas(30, 30);
    canvas.text(std::string(1, static_cast<char>(c)), {15, 22}, 14, black);
    const bool is_tail = (c & 0xc0) == 0x80;  // of a UTF-8 character
    EXPECT_EQ(dark_pixels(canvas.image()) > 0, c != ' ' && !is_tail) << c;
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
  for (const TreeNode& node : tree.root.children()) {
    const Decomposition& step = *tree.root.step;
    EXPECT_TRUE(
        holds(overlay(view, node.map->whole(), step.height, step.width, node.y, node.x, 200)));
  }
  EXPECT_FALSE(holds(crop_of_photo(photo, rule, 259)));
  EXPECT_EQ(draw_pyramid(tree, photo, explainer.model()).rgb, picture.rgb);
}

TEST(PyramidPicture, HundredsOfNodesFitAndATreeWithoutMapsIsRefused) {
  const Image photo = Image::load(command_testing::photo("coffee.jpg"));
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  const Image picture =
      draw_pyramid(explainer.explain(photo, {"", 4, 0, true}), photo, explainer.model());
  EXPECT_LE(picture.width, 2600);
  EXPECT_LE(picture.height, 2600);
  EXPECT_THROW(draw_pyramid(explainer.explain(photo, {"", 2, 1}), photo, explainer.model()), Error);
}

}  // namespace
}  // namespace hdecomp
