/// A network that sees photographs by the caller's rule: its input by hand, its weights shared.
#include <gtest/gtest.h>

#include <limits>

#include "hdecomp/hdecomp.h"
#include "runtime/image/preprocess.h"
#include "tests/support/bundled_photos.h"
#include "tests/support/temporary_files.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

Image chelsea() { return testing_models::bundled_photo("chelsea.jpg"); }

Preprocess own_rule() {
  Preprocess rule{Resize::stretch, {120, 130}, 112, {0.5f, 0.25f, 0.125f}, {0.5f, 2.0f, 1.0f}};
  rule.interpolation = Interpolation::nearest;
  return rule;
}

TEST(OwnRule, ItsPixelsAndItsNumbersAreTheInput) {
  const Model model = Model::bundled("vgg16-slim").with_preprocess(own_rule());
  EXPECT_EQ(model.preprocess().mean, own_rule().mean);
  const Image photo = chelsea();
  Explainer explainer(model, {"cpu"});
  const LayerFeatures input = explainer.features(photo, "input");
  ASSERT_EQ(input.values.size(), size_t(3 * 112 * 112));
  // The middle of a stretched photograph: cells (4 + y, 9 + x) of 120 x 130.
  const Image stretched = resized(photo, 120, 130, Interpolation::nearest);
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t y = 0; y < 112; y += 5) {
      for (int64_t x = 0; x < 112; x += 3) {
        const double pixel = stretched.rgb[((4 + y) * 130 + 9 + x) * 3 + c];
        EXPECT_NEAR(input.values[(c * 112 + y) * 112 + x],
                    (pixel / 255 - own_rule().mean[c]) / own_rule().std[c], 1e-6);
      }
    }
  }
}

TEST(OwnRule, SharesTheWeightsAndIsSavedWithThem) {
  const Model whole = Model::bundled("vgg16-slim"), own = whole.with_preprocess(own_rule());
  Explainer first(whole, {"cpu"});
  const int64_t held = whole.data()->store->bytes();
  Explainer second(own, {"cpu"});
  EXPECT_EQ(whole.data()->store->bytes(), held);
  const std::string path = file_testing::temporary_path(".h5");
  own.save(path);
  const Model loaded = Model::load(path);
  EXPECT_EQ(loaded.preprocess().size, own_rule().size);
  Explainer third(loaded, {"cpu"});
  const Image photo = chelsea();
  const float score = second.classify(photo, 1)[0].score;
  EXPECT_EQ(third.classify(photo, 1)[0].score, score);
  EXPECT_NE(first.classify(photo, 1)[0].score, score);
  // Back to the file's rule: the first network again.
  Explainer back(own.with_preprocess(whole.preprocess()), {"cpu"});
  EXPECT_EQ(back.classify(photo, 1)[0].score, first.classify(photo, 1)[0].score);
}

TEST(OwnRule, OutlivesTheModelThatItIsOf) {
  const Model own = [] {
    const Model whole = Model::bundled("vgg16-slim");
    return whole.with_preprocess(own_rule());
  }();
  Explainer explainer(own, {"cpu"});
  EXPECT_EQ(explainer.classify(chelsea(), 1).size(), 1u);
}

TEST(OwnRule, WhatMakesNoSenseIsRefused) {
  const Model model = Model::bundled("vgg16-slim");
  Preprocess rule = own_rule();
  rule.crop = 96;
  EXPECT_THROW(model.with_preprocess(rule), UserError);
  rule = own_rule();
  rule.size = 100;  // smaller than the crop
  EXPECT_THROW(model.with_preprocess(rule), UserError);
  for (const float wrong : {0.0f, -1.0f, std::numeric_limits<float>::infinity()}) {
    rule = own_rule();
    rule.std[1] = wrong;
    EXPECT_THROW(model.with_preprocess(rule), UserError);
  }
  const Model difference = model.versus("0", "1").with_preprocess(own_rule());
  EXPECT_THROW(difference.save(file_testing::temporary_path(".h5")), Error);
}

}  // namespace
}  // namespace hdecomp
