/// Lists whose second column is no class of the network, and files that are called "-".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/command_errors_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
namespace fs = std::filesystem;

class ListLabels : public CommandErrors {
 protected:
  ListLabels() { fs::copy_file(photo("portrait.jpg"), file("a.jpg")); }
  /// A list with the photograph alone, labelled so.
  std::string labelled(const std::string& label) const {
    write_text(file("list.txt"), "a.jpg " + label + "\n");
    return file("list.txt");
  }
};

TEST_F(ListLabels, AreForClassifyAndInTheWayOfNoExplanation) {
  const std::string list = labelled("a_name_of_other_data");
  refused({"classify", "--list", list}, "a_name_of_other_data");
  const Json trees = run_json({"explain", "--list", list, "--depth", "1"});
  ASSERT_EQ(trees["images"].size(), 1u);
  EXPECT_FALSE(trees["images"][0].contains("label"));
  refused({"explain", "--list", list, "--labels", list}, "a_name_of_other_data");
  EXPECT_TRUE(
      run_json({"explain", "--list", labelled("faces_easy"), "--depth", "1"})["images"][0].contains(
          "label"));
}

TEST_F(ListLabels, AreRefusedWithTheirFileAndImage) {
  refused({"classify", "--list", labelled("zebra crossing")},
          "--list: a.jpg: no class 'zebra crossing' in the model");
  refused(
      {"classify", "--list", labelled("0"), "--labels", labelled("-7")},
      joined("--labels ", file("list.txt"), ": a.jpg: no class -7; the model's classes are 0 "));
}

TEST_F(ListLabels, AMissingImagesLineIsShortened) {
  write_text(file("list.txt"), std::string(100000, 'a') + "\n");
  const CommandResult result = run({"classify", "--list", file("list.txt")});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, ::testing::HasSubstr("list.txt: there is no image "));
  EXPECT_THAT(result.err, ::testing::EndsWith("aaa...\n"));
  EXPECT_LT(result.err.size(), 1000u);
}

TEST_F(ListLabels, AreNoClassesOfADifference) {
  for (const std::string label : {"faces_easy", "1"}) {
    const Json trees = run_json({"explain", "--list", labelled(label), "--depth", "1", "--class",
                                 "faces_easy", "--versus", "wrench"});
    ASSERT_EQ(trees["images"].size(), 1u) << label;
    EXPECT_FALSE(trees["images"][0].contains("label")) << label;
  }
}

TEST_F(ListLabels, AFileCalledMinusIsNoStandardInput) {
  fs::rename(file("a.jpg"), file("-"));
  write_text(file("list.txt"), "-\n");
  const Surroundings inside = in_folder(file(""));
  EXPECT_EQ(run_json({"classify", "--list", "list.txt"}, inside)["images"].size(), 1u);
}

TEST_F(ListLabels, StandardInputIsForTheVerbsOfOneImage) {
  for (const char* verb : {"means", "pcc", "patches", "class-graph"}) {
    refused({verb, "-", "-o", file("out.h5")}, "-: standard input is for classify");
  }
}

}  // namespace
}  // namespace hdecomp
