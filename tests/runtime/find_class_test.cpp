/// A class by index, WordNet id or name, and what is said where that is not one class.
#include <gtest/gtest.h>

#include "hdecomp/model.h"
#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"

namespace hdecomp {
namespace {

using file_testing::error_line;
using file_testing::expect_line;

Model model_of(const std::vector<std::string>& names, const std::vector<std::string>& wnids = {}) {
  ModelData data = testing_models::tiny_model("resnet18");
  data.classes = names;
  data.wnids = wnids;
  const std::string path = file_testing::temporary_path(".h5");
  write_model(data, path);
  return Model::load(path);
}

std::string refusal(const Model& model, const std::string& given) {
  return error_line([&] { model.find_class(given); });
}

TEST(FindClass, TwoClassesOfOneNameAreBothListed) {
  const Model model = model_of({"tench", "crane", "goldfish", "Crane", "crane", "f", "g"},
                               {"n0", "n1", "n2", "n3", "n4", "n5", "n6"});
  const std::string line = refusal(model, "crane");
  expect_line(line,
              "class 'crane' is 2 classes of the model: index:1 ('crane', n1), index:4 "
              "('crane', n4); give one by its index or WordNet id");
  expect_line(refusal(model, "CRANE"), "is 3 classes of the model");
  EXPECT_EQ(model.find_class("Crane"), 3);
  EXPECT_EQ(model.find_class("n4"), 4);
  EXPECT_EQ(model.find_class("index:4"), 4);
  EXPECT_EQ(model.find_class("4"), 4);
  EXPECT_EQ(model.find_class("name:TENCH"), 0);
  expect_line(refusal(model, "name:7"), "no class '7'");
  expect_line(refusal(model, "index:7"), "no class 7; the model's classes are 0 to 6");
  expect_line(refusal(model, "index:crane"), "give a number after index:");
}

TEST(FindClass, AWordOfSeveralNamesTellsOfThem) {
  const Model model =
      model_of({"tiger cat", "Egyptian_cat", "cab", "cat bear", "catfish", "f", "g"});
  EXPECT_TRUE(refusal(model, "Cat")
                  .ends_with("; of that word there are 'tiger cat', 'Egyptian_cat', 'cat bear'"))
      << refusal(model, "Cat");
  EXPECT_TRUE(refusal(model, "tiger").ends_with("; of that word there is 'tiger cat'"));
  EXPECT_TRUE(refusal(model, "catfisj").ends_with("; did you mean 'catfish'?"));
  EXPECT_EQ(refusal(model, "_"), "no class '_' in the model");
  const Model seven = model_of({"a x", "b x", "c x", "d x", "e x", "f x", "g x"});
  EXPECT_TRUE(refusal(seven, "x").ends_with("'d x', 'e x' and 2 more")) << refusal(seven, "x");
}

TEST(FindClass, ANumberMayBeAName) {
  const Model digits = model_of({"0", "1", "2", "3", "4", "5", "6"});
  EXPECT_EQ(digits.find_class("5"), 5);
  const Model turned = model_of({"6", "5", "4", "3", "2", "1", "10"});
  expect_line(refusal(turned, "5"),
              "class '5' is 2 classes of the model: index:5 ('1'), index:1 "
              "('5'); give one by its index");
  EXPECT_EQ(turned.find_class("3"), 3);
  EXPECT_EQ(turned.find_class("10"), 6);
  EXPECT_EQ(turned.find_class("name:5"), 1);
  EXPECT_EQ(turned.find_class("index:5"), 5);
}

}  // namespace
}  // namespace hdecomp
