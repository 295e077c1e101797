/// Segmentations: what their labels are called, which file is a photograph's, and Caltech-101's
/// outlines.
#include <gtest/gtest.h>

#include "tests/runtime/region_files.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace region_testing;

TEST_F(RegionFiles, ALabelWithoutANameIsNoneWhereItIs0Or255) {
  name("1: sky\n2: sea\n");
  EXPECT_EQ(read("a.png", png(4, 1, 8, 0, {0, 0, 255, 2, 1}), 1, 4), (Numbers{-1, -1, 2, 1}));
  expect_line(refusal("a.png", png(2, 1, 8, 0, {0, 1, 3}), 1, 2),
              "label 3 at row 0, column 1 has no name in " + names_ + " (2 names, 1 to 2)");
  name("0: background\n255: border\n2: sea\n");
  EXPECT_EQ(read("a.png", png(4, 1, 8, 0, {0, 0, 255, 2, 2}), 1, 4), (Numbers{0, 255, 2, 2}));
}

TEST_F(RegionFiles, NamesAreNumberedOrCounted) {
  const auto numbers = [&](const RegionLabels& all) {
    Numbers list;
    for (const RegionName& each : all.names()) list.push_back(each.number);
    return list;
  };
  name("sky\nsea\n");
  EXPECT_EQ(numbers(labels()), (Numbers{1, 2}));
  EXPECT_EQ(numbers(labels(RegionKind::any, 0)), (Numbers{0, 1}));
  name(
      "\xEF\xBB\xBF"
      "background\r\nsky\r\n\r\n");
  EXPECT_EQ(numbers(labels()), (Numbers{0, 1}));
  EXPECT_EQ(labels().names()[1].name, "sky");
  name("9: sky\n 4 : sea \n");
  EXPECT_EQ(numbers(labels()), (Numbers{4, 9}));
  EXPECT_EQ(labels().names()[0].name, "sea");

  const auto refused = [&](const std::string& lines, RegionKind kind = RegionKind::any) {
    name(lines);
    return error_line([&] { labels(kind); });
  };
  expect_line(refused("4: sky\n4: sea\n"), "label 4 has two names");
  expect_line(refused("sky\nsky\n"), "the name 'sky' comes twice");
  expect_line(refused("4: sky\nsea\n"), "all lines must have numbers");
  expect_line(refused("65535: sky\n"), "labels are 0 to 65534");
  expect_line(refused(std::string("sky\0", 4)), "is no text file");
  expect_line(refused(std::string(60'001, 'a')), "larger than 60000 bytes");
  std::string many;  // with their numbers they are more than one attribute of a results file holds
  for (int i = 0; i < 10'000; ++i) many += joined("a", i, "\n");
  ASSERT_LT(many.size(), 60'000u);
  expect_line(refused(many), names_ + ": 10000 names have ");
  expect_line(refused("sky\n", RegionKind::context459), "1 names; pascal-context-459 has 459");
  expect_line(refused("sky\n", RegionKind::context59),
              "pascal-context-59 has 59, or 60 with the background");
  std::string twenty;
  for (int i = 0; i < 20; ++i) twenty += joined("thing ", i, "\n");
  expect_line(refused(twenty + "a\nb\n", RegionKind::voc),
              "22 names; voc has 20, or 21 with the background");
  name("background\n" + twenty);
  EXPECT_EQ(numbers(labels(RegionKind::voc)).front(), 0);
  expect_line(error_line([&] { RegionLabels::open(folder_, "", RegionKind::any); }),
              "--region-names is missing");
  expect_line(error_line([&] { RegionLabels::open(folder_ + "/none", names_, RegionKind::any); }),
              "there is no such folder of segmentations");
}

TEST_F(RegionFiles, AreFoundByThePhotographsName) {
  const RegionLabels all = labels();
  EXPECT_EQ(all.file_of("a/b.jpg"), "");
  const std::string flat = put("b.png", pil_palette);
  EXPECT_EQ(all.file_of("a/b.jpg"), flat);
  const std::string mat = put("b.mat", scipy_mat);
  EXPECT_EQ(all.file_of("a/b.jpg"), mat);  // .mat, .png, .tif, .tiff
  const std::string inner = put("a/b.tiff", pil_tiff_16);
  EXPECT_EQ(all.file_of("a/b.jpg"), inner);
  EXPECT_EQ(all.file_of("/elsewhere/b.jpeg"), mat);
  EXPECT_EQ(all.places_of("a/b.jpg"),
            folder_ + "/a/b or " + folder_ + "/b, with .mat, .png, .tif or .tiff");
}

/// A square, and a triangle with a corner on a pixel's centre, in MATLAB's coordinates.
TEST_F(RegionFiles, OutlinesOfCaltech101) {
  const MatMaker maker{.compressed = true};
  const auto outline = [&](const std::vector<double>& box,
                           const std::vector<std::vector<double>>& contour) {
    return concatenated({maker.header(),
                         maker.variable("obj_contour", mat_double, mi_double, contour),
                         maker.variable("box_coord", mat_double, mi_double, {box})});
  };
  // From the corner (left 2, top 1): rows 1.5 to 3.5, columns 2.5 to 4.5, so pixels 1 and 2, 2
  // and 3.
  put("Faces_3/annotation_0007.mat",
      outline({1, 4, 2, 5}, {{0.5, 2.5, 2.5, 0.5}, {0.5, 0.5, 2.5, 2.5}}));
  put("accordion/annotation_0001.mat", outline({1, 4, 1, 4}, {{0, 2, 0}, {0, 0, 2}}));
  const RegionLabels all = labels(RegionKind::caltech101);
  ASSERT_EQ(all.names().size(), 3u);
  EXPECT_EQ(all.names()[1].name, "accordion");
  EXPECT_EQ(all.names()[2].name, "faces_easy");
  const std::string file = all.file_of("faces_easy/image_0007.jpg");
  EXPECT_EQ(file, folder_ + "/Faces_3/annotation_0007.mat");
  EXPECT_EQ(all.file_of("Faces_easy/image_0007.jpg"), file);
  EXPECT_EQ(all.file_of("faces_easy/image_0008.jpg"), "");
  EXPECT_EQ(all.read(file, 4, 5).regions, (std::vector<uint16_t>{0, 0, 0, 0, 0,  //
                                                                 0, 0, 2, 2, 0,  //
                                                                 0, 0, 2, 2, 0,  //
                                                                 0, 0, 0, 0, 0}));
  // Corners (1, 1), (3, 1), (1, 3): an edge's left and upper pixels are inside, its others are not.
  EXPECT_EQ(all.read(all.file_of("accordion/image_0001.jpg"), 3, 3).regions,
            (std::vector<uint16_t>{1, 1, 0, 1, 0, 0, 0, 0, 0}));
  const auto refused = [&](const Bytes& bytes) {
    const std::string path = put("accordion/annotation_0002.mat", bytes);
    return error_line([&] { all.read(path, 4, 5); });
  };
  expect_line(refused(outline({1, 40, 2, 5}, {{0, 2, 0}, {0, 0, 2}})),
              "but the photograph has 5 x 4 pixels: was it resized?");
  expect_line(refused(outline({4, 1, 2, 5}, {{0, 2, 0}, {0, 0, 2}})),
              "box_coord is not top, bottom, left, right");
  expect_line(refused(outline({1, 4, 2, 5}, {{0, 2}, {0, 0}})), "an outline of 3 to 4096 points");
  expect_line(refused(outline({1, 4, 2, 5}, {{0, 2, 1e9}, {0, 0, 2}})), "a point far outside");
  expect_line(refused(maker.file("LabelMap", mat_uint16, mi_uint16, {{1}})),
              "has no variable box_coord");
  expect_line(error_line([&] { RegionLabels::open(folder_, names_, RegionKind::caltech101); }),
              "give no --region-names");
}

}  // namespace
}  // namespace hdecomp
