/// The models that come with hdecomp, and which of them is asked where none is named.
#include <gtest/gtest.h>

#include "hdecomp/hdecomp.h"
#include "tests/support/bundled_photos.h"
#include "tests/support/hostile_files.h"
#include "tests/support/places.h"

namespace hdecomp {
namespace {

TEST(Bundled, TheFirstOneIsTakenWhereNoneIsNamed) {
  ASSERT_EQ(Model::bundled_names(), (std::vector<std::string>{"squeezenet", "vgg16-slim"}));
  EXPECT_EQ(Model::bundled_path(), Model::bundled_path("squeezenet"));
  EXPECT_EQ(Model::bundled("vgg16-slim").class_count(), 100);
}

TEST(Bundled, AnotherNameIsRefusedWithThoseThatThereAre) {
  const std::string line = file_testing::error_line([] { Model::bundled("resnet50"); });
  file_testing::expect_line(line, "squeezenet and vgg16-slim");
}

/// ILSVRC's model knows the cat and the cup that Caltech-101's has no class for.
TEST(Bundled, SqueezeNetKnowsTheWorld) {
  const Model model = Model::bundled();
  EXPECT_EQ(model.arch(), "squeezenet1_1");
  ASSERT_EQ(model.class_count(), 1000);
  EXPECT_EQ(model.class_wnid(285), "n02124075");
  Explainer explainer(model, {"cpu"});
  const auto best = [&](const char* photo) {
    return explainer.classify(testing_models::bundled_photo(photo), 1).at(0).name;
  };
  EXPECT_EQ(best("chelsea.jpg"), "Egyptian cat");
  EXPECT_EQ(best("coffee.jpg"), "espresso");
}

}  // namespace
}  // namespace hdecomp
