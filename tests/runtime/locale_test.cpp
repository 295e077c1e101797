/// hdecomp inside a program whose global locale groups digits and writes decimal commas.
#include <gtest/gtest.h>

#include <locale>

#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "hdecomp/json.h"
#include "tests/support/slim_models.h"
#include "tests/support/temporary_files.h"

namespace hdecomp {
namespace {

struct Commas : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

class GlobalLocale : public ::testing::Test {
 protected:
  GlobalLocale() : before_(std::locale::global(std::locale(std::locale(), new Commas))) {}
  ~GlobalLocale() override { std::locale::global(before_); }

 private:
  std::locale before_;
};

TEST_F(GlobalLocale, ChangesNoText) {
  EXPECT_EQ(joined(1234567, " ", 0.5, " ", -1e6f), "1234567 0.5 -1e+06");
}

TEST_F(GlobalLocale, ChangesNoNameAndNoResults) {
  const Model model = Model::initialise("alexnet", 1, 2000, 64);
  EXPECT_EQ(model.class_name(1234), "class 1234");
  EXPECT_EQ(model.find_class("1234"), 1234);
  Experiment experiment(model, {.device = "cpu", .threads = 1},
                        {.kind = ExperimentKind::distribution});
  EXPECT_EQ(experiment.plan().options.at("merge_overlaps"), "0.9");
  EXPECT_EQ(experiment.plan().options.at("mask_threshold"), "0.5");
}

TEST_F(GlobalLocale, ChangesNoJson) {
  Tree tree;
  tree.decision = {1234, "class 1234", "", 1234.5f, 0.25f};
  tree.root.value = 1234.5;
  const std::string json = to_json(tree);
  EXPECT_NE(json.find("1234.5"), std::string::npos) << json;
  EXPECT_EQ(json.find("1.234"), std::string::npos) << json;
}

}  // namespace
}  // namespace hdecomp
