/// Names of channels by the classes of their patches, by hand.
#include <gtest/gtest.h>

#include <functional>

#include "hdecomp/error.h"
#include "hdecomp/patches.h"
#include "tests/support/hostile_files.h"
#include "tests/support/temporary_files.h"

namespace hdecomp {
namespace {

class PatchNames : public ::testing::Test {
 protected:
  Model model = Model::bundled("vgg16-slim");

  /// Of the model's stages, four patches a channel, of six photographs.
  PatchPlan plan(const std::vector<int32_t>& labels) const {
    PatchPlan plan;
    plan.model = "00ff";
    plan.options = {{"by", "activation"}, {"top", "4"}};
    for (const std::string& stage : model.stages()) {
      for (const LayerInfo& layer : model.layers()) {
        if (layer.stage == stage) plan.layers.push_back({stage, layer.channels});
      }
    }
    plan.keep = 4;
    plan.images = {"a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg"};
    plan.labels = labels;
    for (int64_t i = 0; i < model.class_count(); ++i) plan.classes.push_back(model.class_name(i));
    return plan;
  }

  /// Photograph i has decision 10 + i / 2; from `measured` on they cannot be read.
  std::shared_ptr<const PatchFile> file(const std::vector<int32_t>& labels,
                                        int32_t measured = 6) const {
    const std::string path = file_testing::temporary_path("_patches.h5");
    std::remove(path.c_str());
    PatchStore store = PatchStore::open(path, plan(labels), false);
    PatchNews news;
    for (int32_t i = 0; i < 6; ++i) {
      if (i < measured) {
        news.images.push_back({i, ImageState::measured, 10 + i / 2, uint64_t{100} + i, ""});
      } else {
        news.images.push_back({i, ImageState::unreadable, -1, 0, "no image"});
      }
    }
    const auto add = [&](int32_t channel, const std::vector<int32_t>& images) {
      for (const int32_t image : images) {
        if (image >= measured) continue;
        Patch patch;
        patch.image = image;
        patch.value = 9 - static_cast<float>(image);
        patch.box = {0, 0, 2, 2};
        patch.crop = std::make_shared<const std::vector<uint8_t>>(std::vector<uint8_t>{1, 2});
        news.found.push_back({0, channel, patch});
      }
    };
    add(3, {0, 1, 2, 3});  // labels 7, 7, 7, 2; decisions 10, 10, 11, 11
    add(4, {0, 3});        // one each
    add(5, {2, 3, 4, 5});  // 7, 2, 2, 9; 11, 11, 12, 12
    store.take(news);
    store.finish();
    return PatchFile::load(path, model, "00ff");
  }
  const std::vector<int32_t> labels{7, 7, 7, 2, 2, 9};
};

TEST_F(PatchNames, AreTheClassThatMostPhotographsHave) {
  const auto patches = file(labels);
  EXPECT_TRUE(are_labelled(*patches));
  const auto names = names_by_patches(*patches, 0.5);
  const std::string last = model.stages().front();
  EXPECT_EQ(names->by(), ConceptsBy::patches);
  EXPECT_EQ(names->images(), 6);
  EXPECT_EQ(names->words(last, 3), model.class_name(7) + " 3 of 4");
  EXPECT_EQ(names->words(last, 5), model.class_name(2) + " 2 of 4");
  EXPECT_EQ(names->words(last, 4), "");  // 1 of the 4 that it may have, though it has but 2
  EXPECT_EQ(names->words(last, 0), "");  // no patches
  EXPECT_EQ(names->layers().front().channels[4].region, 2);  // a tie: the lower class
  EXPECT_EQ(names->layers().front().channels[4].iou, 0.25);
  EXPECT_EQ(names->layers().front().channels[3].threshold, 6);
  EXPECT_EQ(names_by_patches(*patches, 0.75)->words(last, 5), "");
}

TEST_F(PatchNames, WithoutLabelsAreTheNetworksOwnClasses) {
  std::vector<int32_t> some = labels;
  some[5] = -1;
  const auto patches = file(some);
  EXPECT_FALSE(are_labelled(*patches));
  const auto names = names_by_patches(*patches, 0.5);
  const std::string last = model.stages().front();
  EXPECT_EQ(names->words(last, 3), model.class_name(10) + " 2 of 4");
  EXPECT_EQ(names->words(last, 5), model.class_name(11) + " 2 of 4");
}

TEST_F(PatchNames, ComeBackFromTheirFile) {
  const auto patches = file(labels);
  const auto names = names_by_patches(*patches, 0.5);
  const std::string path = file_testing::temporary_path("_names.h5");
  save_names(path, *patches, *names);
  const auto back = ChannelConcepts::load(path, model, "00ff");
  EXPECT_EQ(back->by(), ConceptsBy::patches);
  const std::string last = model.stages().front();
  for (const int64_t channel : {3, 4, 5}) {
    EXPECT_EQ(back->words(last, channel), names->words(last, channel));
  }
  EXPECT_EQ(back->layers().size(), names->layers().size());
}

/// All photographs of one class have that name in any order; of six classes no order gives two.
TEST_F(PatchNames, ByChanceAreThoseOfOtherOrders) {
  EXPECT_EQ(names_by_chance(*file({7, 7, 7, 7, 7, 7}), 0.5, 3, 1).front(), 3);
  EXPECT_EQ(names_by_chance(*file({1, 2, 3, 4, 5, 6}), 0.5, 3, 1).front(), 0);
  const std::vector<double> mixed = names_by_chance(*file(labels), 0.5, 400, 1);
  EXPECT_NEAR(mixed.front(), 34.0 / 15, 0.15);  // over all 720 orders; a standard error is 0.03
  EXPECT_EQ(mixed.back(), 0);
}

/// The classes of photographs that were not measured are nobody's, in any order.
TEST_F(PatchNames, ByChanceAreOfTheMeasuredAlone) {
  const auto patches = file({7, 7, 7, 7, 7, 9}, 5);
  EXPECT_EQ(patches->measured(), 5);
  EXPECT_EQ(names_by_chance(*patches, 0.5, 100, 1).front(), 3);
  EXPECT_EQ(names_by_chance(*file({7, 7, 7, 7, 9, 9}, 4), 1, 100, 1).front(), 1);
}

TEST_F(PatchNames, ALabelThatIsNoClassIsRefused) {
  const auto patches = file({7, 7, 7, 100, 2, 9});
  for (const auto& make :
       std::vector<std::function<void()>>{[&] { names_by_patches(*patches, 0.5); },
                                          [&] { names_by_chance(*patches, 0.5, 1, 1); }}) {
    EXPECT_EQ(file_testing::line_if_refused(make),
              "--patches: labels[3], of 'd.jpg', is 100, not 0 to 99");
  }
}

TEST_F(PatchNames, SharesOutOfRangeAreRefused) {
  for (const double least : {0.0, -1.0, 1.5}) {
    EXPECT_THROW(names_by_patches(*file(labels), least), UserError);
  }
}

}  // namespace
}  // namespace hdecomp
